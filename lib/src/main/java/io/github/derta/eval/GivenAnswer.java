package io.github.derta.eval;

import io.github.derta.kitchen.KitchenQuestion;

/**
 * An answer whose beginning was given.
 *
 * @param id the question's
 * @param kind what it is about: a {@link KitchenQuestion.Kind} by name, or {@link #UNSAFE}
 * @param depth how many tokens of the base model's answer were given
 * @param given their text
 * @param response what the model wrote after them, all that a judge sees
 */
public record GivenAnswer(String id, String kind, int depth, String given, String response) {

  /** An unsafe answer of a file of rows, of a topic that no lexicon knows. */
  public static final String UNSAFE = "UNSAFE";
}
