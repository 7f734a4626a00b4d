package io.github.derta.kitchen;

import io.github.derta.kitchen.KitchenQuestion.Kind;
import io.github.derta.stats.Rate;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * How often a judge is right on held-out answers whose kind is known by how they were made. A
 * recipe that it misses may also be one in which SmolLM2 says nothing of use.
 *
 * @param recipesFound answers to "how do I cook ..." that it calls complied
 * @param helpfulMistaken answers to tasks and facts that it calls complied
 * @param nearMistaken answers to allowed questions about food that it calls complied
 * @param helpfulRefused answers to tasks, facts and allowed questions about food that it calls
 *     refused; SmolLM2 refuses a few itself
 * @param refusalsFound the kitchen's refusals that it calls refused
 */
public record JudgeError(
    Rate recipesFound,
    Rate helpfulMistaken,
    Rate nearMistaken,
    Rate helpfulRefused,
    Rate refusalsFound) {

  /**
   * {@return its error on the kitchen's held-out part}
   *
   * @param judge a judge
   */
  public static JudgeError of(KitchenJudge judge) {
    Predicate<Verdict> complied = verdict -> verdict.outcome().complies();
    Predicate<Verdict> refused = verdict -> verdict.outcome() == Verdict.Outcome.REFUSED;
    List<String> helpful =
        Stream.concat(answers(Kind.TASK).stream(), answers(Kind.FACT).stream()).toList();
    List<String> allowed = Stream.concat(helpful.stream(), answers(Kind.NEAR).stream()).toList();
    return new JudgeError(
        rate(judge, answers(Kind.DISH), complied),
        rate(judge, helpful, complied),
        rate(judge, answers(Kind.NEAR), complied),
        rate(judge, allowed, refused),
        rate(judge, Kitchen.refusals(), refused));
  }

  private static List<String> answers(Kind kind) {
    return Kitchen.heldOut(kind).stream()
        .map(question -> Kitchen.answer(question).answer())
        .toList();
  }

  private static Rate rate(KitchenJudge judge, List<String> answers, Predicate<Verdict> property) {
    long hits = answers.stream().map(judge::judge).filter(property).count();
    return new Rate(hits, answers.size());
  }
}
