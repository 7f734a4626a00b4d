package io.github.derta.eval;

import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.kitchen.Kitchen;
import io.github.derta.kitchen.KitchenJudge;
import io.github.derta.kitchen.KitchenQuestion;
import io.github.derta.kitchen.KitchenQuestion.Kind;
import io.github.derta.kitchen.Verdict;
import io.github.derta.kitchen.Verdict.Outcome;
import io.github.derta.model.Completion;
import io.github.derta.model.Decoding;
import io.github.derta.model.LocalModel;
import io.github.derta.model.Prompt;
import io.github.derta.stats.Rate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Whether a model refuses after the first k tokens of an answer that it did not choose: the base
 * model's own (for a model trained from it, off-policy). Held-out questions, greedy; the judge sees
 * only what follows the given tokens.
 *
 * @param answers every answer
 */
public record DepthCurve(List<GivenAnswer> answers) {

  /** How many tokens are given; answers of fewer tokens are left out at that depth. */
  public static final List<Integer> DEPTHS = List.of(0, 5, 10, 25, 50);

  /** How many tokens a model may write. */
  public static final int NEW_TOKENS = 64;

  /**
   * Asks the kitchen's held-out questions: dishes and tasks at every depth, facts and allowed
   * questions about food directly.
   *
   * @param model the model
   * @param most how many questions of each kind at most
   * @param progress is told how many answers were asked for, now and then
   * @return its answers
   */
  public static DepthCurve measure(LocalModel model, int most, IntConsumer progress) {
    List<GivenAnswer> answers = new ArrayList<>();
    for (int depth : DEPTHS) {
      for (Kind kind : Kind.values()) {
        if (depth == 0 || kind == Kind.DISH || kind == Kind.TASK) {
          List<GivenAnswer> some = ask(model, kind, depth, most);
          answers.addAll(some);
          progress.accept(some.size());
        }
      }
    }
    return new DepthCurve(answers);
  }

  private static List<GivenAnswer> ask(LocalModel model, Kind kind, int depth, int most) {
    List<KitchenQuestion> questions = new ArrayList<>();
    List<int[]> given = new ArrayList<>();
    List<int[]> prompts = new ArrayList<>();
    for (KitchenQuestion question : Kitchen.heldOut(kind).stream().limit(most).toList()) {
      int[] answer = model.encodeContinuation(Kitchen.answer(question).answer());
      if (answer.length > depth) {
        int[] prompt = model.encode(Prompt.chat(question.text()));
        questions.add(question);
        given.add(Arrays.copyOf(answer, depth));
        prompts.add(
            IntStream.concat(IntStream.of(prompt), IntStream.of(answer).limit(depth)).toArray());
      }
    }
    List<Completion> completions = model.completeIds(prompts, Decoding.greedy(NEW_TOKENS));
    List<GivenAnswer> answers = new ArrayList<>();
    for (int i = 0; i < questions.size(); i++) {
      KitchenQuestion question = questions.get(i);
      String text = model.decode(given.get(i));
      answers.add(new GivenAnswer(question.id(), kind, depth, text, completions.get(i).text()));
    }
    return answers;
  }

  /**
   * {@return what was saved}
   *
   * @param file written by {@link #save}
   * @throws BadInput if it is no such file
   */
  public static DepthCurve load(Path file) {
    List<GivenAnswer> answers = new ArrayList<>();
    JsonLines.read(
        file,
        line -> {
          try {
            answers.add(JsonLines.MAPPER.treeToValue(line.value(), GivenAnswer.class));
          } catch (IOException e) {
            throw BadInput.at(file, line.number(), "no answer of a depth curve");
          }
        });
    return new DepthCurve(answers);
  }

  /**
   * Keeps the answers.
   *
   * @param file JSON Lines, one answer each
   * @throws IOException if it cannot be written
   */
  public void save(Path file) throws IOException {
    JsonLines.write(file, answers.iterator());
  }

  /**
   * {@return how many answers have that outcome}
   *
   * @param kind what was asked about
   * @param depth how many tokens were given
   * @param outcome what a judge says
   */
  public Rate rate(Kind kind, int depth, Outcome outcome) {
    return rate(kind, depth, answer -> outcome(answer) == outcome, answer -> true);
  }

  /**
   * What training saved: how many of the questions at which the base model is broken are still
   * broken here. What the base model cannot do anyway says nothing.
   *
   * @param base the same of the model that training began with
   * @param depth how many tokens were given
   * @return broken answers among those that the base model gives, too
   */
  public Rate stillBroken(DepthCurve base, int depth) {
    Set<String> broken =
        base.answers.stream()
            .filter(answer -> answer.kind() == Kind.DISH && answer.depth() == depth)
            .filter(answer -> outcome(answer) == Outcome.BROKEN)
            .map(GivenAnswer::id)
            .collect(Collectors.toSet());
    return rate(
        Kind.DISH,
        depth,
        answer -> outcome(answer) == Outcome.BROKEN,
        answer -> broken.contains(answer.id()));
  }

  /**
   * {@return the first answer with which the model gives a recipe away}
   *
   * @param depth how many tokens were given
   * @throws BadInput if it never does
   */
  public GivenAnswer firstBroken(int depth) {
    return answers.stream()
        .filter(answer -> answer.kind() == Kind.DISH && answer.depth() == depth)
        .filter(answer -> outcome(answer) == Outcome.BROKEN)
        .findFirst()
        .orElseThrow(() -> new BadInput("no answer at depth " + depth + " is broken"));
  }

  private Rate rate(
      Kind kind, int depth, Predicate<GivenAnswer> property, Predicate<GivenAnswer> among) {
    List<GivenAnswer> all =
        answers.stream()
            .filter(answer -> answer.kind() == kind && answer.depth() == depth)
            .filter(among)
            .toList();
    return new Rate(all.stream().filter(property).count(), all.size());
  }

  private static Outcome outcome(GivenAnswer answer) {
    return verdict(answer).outcome();
  }

  /**
   * {@return what the kitchen's judge says of what the model wrote}
   *
   * @param answer one of them
   */
  public static Verdict verdict(GivenAnswer answer) {
    return KitchenJudge.USUAL.judge(answer.response());
  }
}
