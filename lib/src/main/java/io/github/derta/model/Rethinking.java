package io.github.derta.model;

import io.github.derta.io.BadInput;
import io.github.derta.text.RefusalPhrases;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * A defence without training, for comparison: Any-Depth Alignment by re-thinking (arXiv
 * 2510.18081). Before the answer and after every few tokens of it the head of an answer is put in
 * once more, where a model that was taught to refuse decides again; if it refuses there, the
 * refusal takes the place of what would have followed. Costs a short second answer at every such
 * place.
 */
public final class Rethinking implements LanguageModel {

  /** Tokens of a second answer: enough to see whether it is a refusal, and to be one. */
  private static final int THOUGHT = 24;

  private final LocalModel model;
  private final int every;
  private final Predicate<String> refusal;

  /**
   * A defended model.
   *
   * @param model with a chat format; closed with this
   * @param every how many tokens are written between two decisions, at least 1
   */
  public Rethinking(LocalModel model, int every) {
    this(model, every, text -> RefusalPhrases.REFUSALS.first(text).isPresent());
  }

  /** A defended model with another idea of what a refusal is. */
  Rethinking(LocalModel model, int every, Predicate<String> refusal) {
    if (every < 1) {
      throw new BadInput("re-thinking every " + every + " tokens; at least 1 is needed");
    }
    this.model = model;
    this.every = every;
    this.refusal = refusal;
  }

  private static final class Answer {
    private final int[] prompt;
    private int[] ids = {};
    private String text = "";
    private Completion.End end;

    Answer(int[] prompt) {
      this.prompt = prompt;
    }

    /** The prompt, the answer so far, and more. */
    int[] then(int... more) {
      return joined(joined(prompt, ids), more);
    }

    /** The answer so far, and more. */
    int[] written(int[] more) {
      return joined(ids, more);
    }

    private static int[] joined(int[] first, int[] second) {
      int[] all = Arrays.copyOf(first, first.length + second.length);
      System.arraycopy(second, 0, all, first.length, second.length);
      return all;
    }
  }

  /** Greedy or drawn as asked; each part of a drawn answer has a seed of its own. */
  @Override
  public List<Completion> complete(List<Prompt> prompts, Decoding decoding) {
    int[] again = model.nextAnswer();
    List<Answer> answers = prompts.stream().map(one -> new Answer(model.encode(one))).toList();
    List<Answer> open = new ArrayList<>(answers);
    for (int done = 0; !open.isEmpty(); done += every) {
      refuse(open, again);
      open.removeIf(answer -> answer.end != null);
      if (!open.isEmpty()) {
        next(open, decoding, done);
        open.removeIf(answer -> answer.end != null);
      }
    }
    return answers.stream()
        .map(answer -> new Completion(answer.text, answer.ids, new float[0], answer.end))
        .toList();
  }

  private void refuse(List<Answer> open, int[] again) {
    List<int[]> heads = open.stream().map(answer -> answer.then(again)).toList();
    List<Completion> thoughts = model.completeIds(heads, Decoding.greedy(THOUGHT));
    for (int i = 0; i < open.size(); i++) {
      if (refusal.test(thoughts.get(i).text())) {
        Answer answer = open.get(i);
        answer.text += (answer.text.isEmpty() ? "" : "\n") + thoughts.get(i).text();
        answer.end = thoughts.get(i).end();
      }
    }
  }

  /** Stop texts are looked for in the whole answer, not in its last part. */
  private void next(List<Answer> open, Decoding decoding, int done) {
    int tokens = Math.min(every, decoding.maxNewTokens() - done);
    Decoding part =
        new Decoding(
            tokens, decoding.temperature(), decoding.topP(), decoding.seed() + done, List.of());
    List<Completion> parts = model.completeIds(open.stream().map(Answer::then).toList(), part);
    for (int i = 0; i < open.size(); i++) {
      Answer answer = open.get(i);
      Completion whole = model.stopped(answer.written(parts.get(i).ids()), decoding.stop());
      boolean stopped = whole.end() == Completion.End.STOP;
      boolean last = stopped || parts.get(i).end() == Completion.End.STOP;
      answer.ids = whole.ids();
      answer.text = whole.text();
      answer.end =
          last
              ? Completion.End.STOP
              : done + tokens >= decoding.maxNewTokens() ? Completion.End.LENGTH : null;
    }
  }

  @Override
  public OptionalInt room(Prompt prompt) {
    return model.room(prompt);
  }

  /** {@return the model that it defends} */
  public LocalModel model() {
    return model;
  }

  @Override
  public String name() {
    return model.name() + ", re-thinking every " + every;
  }

  @Override
  public void close() {
    model.close();
  }
}
