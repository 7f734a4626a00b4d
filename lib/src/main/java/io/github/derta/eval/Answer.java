package io.github.derta.eval;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.github.derta.attack.Question;

/**
 * What a model answered: a line of {@code responses.jsonl}.
 *
 * @param id names it within its run: attack, slash, question
 * @param attack the attack's name
 * @param model the model's name
 * @param questionId the question's id within its source
 * @param question what was asked, without any attack around it
 * @param prompt raw text, or what the user said in a chat
 * @param prefill the first words of the answer if they were given to the model; else empty
 * @param response what the model wrote after that
 * @param ended {@code stop} at an end token, {@code length} where it was truncated; null: unknown
 * @param tokens how many the response has; null: unknown
 * @param seconds that it took, or since the one before, if several are made at a time
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Answer(
    String id,
    String attack,
    String model,
    String questionId,
    String question,
    String prompt,
    String prefill,
    String response,
    String ended,
    Integer tokens,
    double seconds) {

  /**
   * {@return a response of unknown origin, to be judged}
   *
   * @param id names it
   * @param question what was asked
   * @param response what was answered
   */
  public static Answer of(String id, Question question, String response) {
    return new Answer(
        id, "", "", question.id(), question.text(), question.text(), "", response, null, null, 0);
  }

  Question asked() {
    return new Question(questionId, question);
  }
}
