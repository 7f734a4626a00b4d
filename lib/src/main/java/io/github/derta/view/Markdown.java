package io.github.derta.view;

import java.util.Locale;

/**
 * A sentence whose numbers come from what was just computed; a notebook shows it as Markdown.
 *
 * @param text Markdown
 */
public record Markdown(String text) {

  /**
   * Fills values into a sentence.
   *
   * @param format as for {@link String#format}, always in English
   * @param values what it needs
   * @return the sentence
   */
  public static Markdown of(String format, Object... values) {
    return new Markdown(String.format(Locale.ROOT, format, values));
  }

  @Override
  public String toString() {
    return text;
  }
}
