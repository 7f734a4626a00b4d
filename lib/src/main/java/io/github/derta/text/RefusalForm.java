package io.github.derta.text;

import java.util.Locale;
import java.util.regex.Pattern;

/** Whether a refusal is one that a reader would take for an answer. */
public enum RefusalForm {
  /** A sentence that ends. */
  WELL_FORMED,
  /** The same words three times and more in a row: "SorrySorrySorry". */
  LOOPS,
  /** No sentence ends: "Sorry", "I cannot". */
  BREAKS_OFF;

  /** A refusal's first words tell. */
  private static final int LENGTH = 600;

  /** A letter and three characters more, twice again at once; "very very very" is none. */
  private static final Pattern LOOP =
      Pattern.compile(
          "(?=[^\\p{L}]{0,3}\\p{L})(?!\\w*?(?:very|really|truly|deeply|never|much)\\b)"
              + "(\\S.{3,119}?)(?:\\s*\\1){2}",
          Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

  private static final Pattern SENTENCE_END =
      Pattern.compile("[.!?:\\u2026\\u3002\\uFF01\\uFF1F]|\\n\\s*\\S");

  /**
   * {@return the form of a refusal}
   *
   * @param refusal a response from the place on where its refusal begins
   */
  public static RefusalForm of(String refusal) {
    String begin = refusal.substring(0, Math.min(LENGTH, refusal.length()));
    if (LOOP.matcher(begin).find()) {
      return LOOPS;
    }
    return SENTENCE_END.matcher(begin).find() ? WELL_FORMED : BREAKS_OFF;
  }

  /** As in tables and files: {@code well-formed}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
