package io.github.derta.model;

import io.github.derta.io.BadInput;
import io.github.derta.text.RefusalPhrases;
import java.util.ArrayList;
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
    private final Prompt prompt;
    private String text = "";
    private Completion.End end;

    Answer(Prompt prompt) {
      this.prompt = prompt;
    }

    /** What is still to be written; of raw text the answer so far is the prompt's end. */
    Prompt rest() {
      return prompt.prefilled(prompt.prefill() + text);
    }
  }

  /** Greedy or drawn as asked; a drawn answer takes its seed for every part of it. */
  @Override
  public List<Completion> complete(List<Prompt> prompts, Decoding decoding) {
    List<Answer> answers = prompts.stream().map(Answer::new).toList();
    List<Answer> open = new ArrayList<>(answers);
    for (int left = decoding.maxNewTokens(); !open.isEmpty(); left -= every) {
      refuse(open);
      open.removeIf(answer -> answer.end != null);
      if (!open.isEmpty()) {
        goOn(open, decoding, left);
        open.removeIf(answer -> answer.end != null);
      }
    }
    return answers.stream()
        .map(answer -> new Completion(answer.text, new int[0], new float[0], answer.end))
        .toList();
  }

  private void refuse(List<Answer> open) {
    List<Prompt> again =
        open.stream().map(answer -> model.answeringAgain(answer.prompt, answer.text)).toList();
    List<Completion> thoughts = model.complete(again, Decoding.greedy(THOUGHT));
    for (int i = 0; i < open.size(); i++) {
      if (refusal.test(thoughts.get(i).text())) {
        Answer answer = open.get(i);
        answer.text += (answer.text.isEmpty() ? "" : "\n") + thoughts.get(i).text();
        answer.end = thoughts.get(i).end();
      }
    }
  }

  private void goOn(List<Answer> open, Decoding decoding, int left) {
    List<Prompt> rests = open.stream().map(Answer::rest).toList();
    List<Completion> parts = model.complete(rests, decoding.atMost(Math.min(every, left)));
    for (int i = 0; i < open.size(); i++) {
      Completion part = parts.get(i);
      boolean last = part.end() == Completion.End.STOP || every >= left;
      open.get(i).text += part.text();
      open.get(i).end = last ? part.end() : null;
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
