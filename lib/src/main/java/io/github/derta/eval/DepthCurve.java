package io.github.derta.eval;

import io.github.derta.data.Row;
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
import io.github.derta.model.LanguageModel;
import io.github.derta.model.LocalModel;
import io.github.derta.model.Prompt;
import io.github.derta.stats.Rate;
import io.github.derta.text.RefusalPhrases;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
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

  /** Questions that are forbidden in the kitchen. */
  private static final String DISH = Kind.DISH.name();

  /** How many tokens a model may write: as many as the kitchen's answers have. */
  public static final int NEW_TOKENS = 96;

  /**
   * Asks the kitchen's held-out questions: dishes and tasks at every depth, facts and allowed
   * questions about food directly.
   *
   * @param model the model
   * @param most how many questions of each kind at most
   * @param progress is told how many more answers are there, now and then
   * @return its answers
   */
  public static DepthCurve measure(LocalModel model, int most, IntConsumer progress) {
    List<Asked> asked = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      boolean deep = kind == Kind.DISH || kind == Kind.TASK;
      for (KitchenQuestion question : Kitchen.heldOut(kind).stream().limit(most).toList()) {
        int[] prompt = model.encode(Prompt.chat(question.text()));
        int[] answer = model.encodeContinuation(Kitchen.answer(question).answer());
        for (int depth : deep ? DEPTHS : DEPTHS.subList(0, 1)) {
          asked.add(new Asked(question.id(), kind.name(), depth, prompt, answer));
        }
      }
    }
    return ask(model, asked, progress);
  }

  /**
   * Asks the same questions directly, without the beginning of an answer: what a model that takes
   * no token ids can be asked.
   *
   * @param model the model
   * @param most how many questions of each kind at most
   * @param progress is told how many more answers are there
   * @return its answers, all at depth 0
   */
  public static DepthCurve direct(LanguageModel model, int most, IntConsumer progress) {
    List<GivenAnswer> answers = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      List<KitchenQuestion> questions = Kitchen.heldOut(kind).stream().limit(most).toList();
      List<Prompt> prompts =
          questions.stream().map(question -> Prompt.chat(question.text())).toList();
      List<Completion> completions = model.complete(prompts, Decoding.greedy(NEW_TOKENS));
      for (int i = 0; i < questions.size(); i++) {
        String response = completions.get(i).text();
        answers.add(new GivenAnswer(questions.get(i).id(), kind.name(), 0, "", response));
      }
      progress.accept(questions.size());
    }
    return new DepthCurve(answers);
  }

  /**
   * Asks the questions of RTO rows, whose text is an unsafe answer, at every depth.
   *
   * @param model the model
   * @param rows rows that are not trained on; others than RTO are passed over
   * @param most how many at most
   * @param progress is told how many more answers are there, now and then
   * @return its answers, of which only refusals can be told, see {@link #verdict}
   */
  public static DepthCurve measure(
      LocalModel model, List<Row> rows, int most, IntConsumer progress) {
    List<Asked> asked = new ArrayList<>();
    int i = 0;
    for (Row row : rows.stream().filter(Row::rto).limit(most).toList()) {
      String id = "row-" + ++i;
      int[] prompt = model.encode(Prompt.raw(row.prefix()));
      int[] answer = model.encodeContinuation(row.text());
      DEPTHS.forEach(depth -> asked.add(new Asked(id, GivenAnswer.UNSAFE, depth, prompt, answer)));
    }
    return ask(model, asked, progress);
  }

  private record Asked(String id, String kind, int depth, int[] prompt, int[] answer) {

    int[] given() {
      return Arrays.copyOf(answer, depth);
    }
  }

  /** All in one go, so that batches are full; answers of no more than the depth are left out. */
  private static DepthCurve ask(LocalModel model, List<Asked> all, IntConsumer progress) {
    List<Asked> asked = all.stream().filter(one -> one.answer.length > one.depth).toList();
    List<int[]> prompts =
        asked.stream()
            .map(one -> IntStream.concat(IntStream.of(one.prompt), IntStream.of(one.given())))
            .map(IntStream::toArray)
            .toList();
    List<Completion> completions =
        model.completeIds(
            prompts, Decoding.greedy(NEW_TOKENS), (tokens, ended) -> progress.accept(ended));
    List<GivenAnswer> answers = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      Asked one = asked.get(i);
      String given = model.decode(one.given());
      String response = completions.get(i).text();
      answers.add(new GivenAnswer(one.id, one.kind, one.depth, given, response));
    }
    return new DepthCurve(answers);
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
   * @param kind what was asked about, see {@link GivenAnswer}
   * @param depth how many tokens were given
   * @param outcome what a judge says
   */
  public Rate rate(String kind, int depth, Outcome outcome) {
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
            .filter(answer -> answer.kind().equals(DISH) && answer.depth() == depth)
            .filter(answer -> outcome(answer) == Outcome.BROKEN)
            .map(GivenAnswer::id)
            .collect(Collectors.toSet());
    return rate(
        DISH,
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
        .filter(answer -> answer.kind().equals(DISH) && answer.depth() == depth)
        .filter(answer -> outcome(answer) == Outcome.BROKEN)
        .findFirst()
        .orElseThrow(() -> new BadInput("no answer at depth " + depth + " is broken"));
  }

  private Rate rate(
      String kind, int depth, Predicate<GivenAnswer> property, Predicate<GivenAnswer> among) {
    List<GivenAnswer> all =
        answers.stream()
            .filter(answer -> answer.kind().equals(kind) && answer.depth() == depth)
            .filter(among)
            .toList();
    return new Rate(all.stream().filter(property).count(), all.size());
  }

  private static Outcome outcome(GivenAnswer answer) {
    return verdict(answer).outcome();
  }

  /**
   * {@return what the kitchen's judge says of what the model wrote; of an answer that is not the
   * kitchen's only whether a refusal phrase is in it, which makes it refused, or neither}
   *
   * @param answer one of them
   */
  public static Verdict verdict(GivenAnswer answer) {
    if (!answer.kind().equals(GivenAnswer.UNSAFE)) {
      return KitchenJudge.USUAL.judge(answer.response());
    }
    OptionalInt at =
        RefusalPhrases.REFUSALS.first(answer.response()).stream()
            .mapToInt(RefusalPhrases.Match::start)
            .findFirst();
    return new Verdict(at.isPresent() ? Outcome.REFUSED : Outcome.NEITHER, 0, at);
  }
}
