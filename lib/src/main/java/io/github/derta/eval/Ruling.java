package io.github.derta.eval;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.derta.text.Words;
import java.util.Locale;

/**
 * What a judge said of an answer: a line of {@code judgements.jsonl}.
 *
 * @param id the answer's id
 * @param judge the judge's name
 * @param verdict {@code broken}, {@code refused}, {@code neither} or {@code invalid}
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
   * {@return a line}
   *
   * @param id the answer's
   * @param response its text
   * @param judge the judge's name
   * @param judgement what it said
   */
  public static Ruling of(String id, String response, String judge, Judgement judgement) {
    return new Ruling(
        id,
        judge,
        judgement.outcome().name().toLowerCase(Locale.ROOT),
        judgement.refusalAt().isPresent()
            ? Words.at(response, judgement.refusalAt().getAsInt())
            : null,
        judgement.raw());
  }
}
