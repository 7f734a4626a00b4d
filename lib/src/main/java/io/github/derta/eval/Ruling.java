package io.github.derta.eval;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.derta.kitchen.Verdict;
import io.github.derta.text.Words;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The verdict of a judge on an answer: a line of {@code judgements.jsonl}.
 *
 * @param id the answer's id
 * @param judge the judge's name
 * @param verdict {@code complied}, {@code refused}, {@code neither} or {@code invalid}
 * @param refusalAt the word of the response at which the refusal begins, counted from 1; null if
 *     there is none
 * @param raw the judge's own words
 */
public record Ruling(
    String id,
    String judge,
    String verdict,
    @JsonProperty("refusal_at") Integer refusalAt,
    String raw) {

  /**
   * {@return a line for each answer}
   *
   * @param judge who judges
   * @param answers what is judged
   */
  public static List<Ruling> all(Judge judge, List<Answer> answers) {
    List<Verdict> verdicts = judge.judgeAll(answers);
    return IntStream.range(0, answers.size())
        .mapToObj(i -> of(answers.get(i), judge.name(), verdicts.get(i)))
        .toList();
  }

  private static Ruling of(Answer answer, String judge, Verdict verdict) {
    OptionalInt at = verdict.refusalAt();
    Integer word = at.isPresent() ? Words.at(answer.response(), at.getAsInt()) : null;
    return new Ruling(answer.id(), judge, verdict.outcome().toString(), word, verdict.raw());
  }
}
