package io.github.derta.text;

/**
 * Hides a text but for its refusals, so that figures about harmful responses can be shown: every
 * letter of a word that belongs to no refusal phrase becomes U+2588. White space stays, and with it
 * the position of every word. Of a word that is glued to a phrase only the phrase stays, with the
 * punctuation behind it.
 */
public final class Redaction {

  private static final char BLOCK = '\u2588';
  private static final Redaction OFF = new Redaction(null);

  private final RefusalPhrases kept;

  private Redaction(RefusalPhrases kept) {
    this.kept = kept;
  }

  /** {@return hides all but the built-in refusal phrases} */
  public static Redaction on() {
    return new Redaction(RefusalPhrases.REFUSALS);
  }

  /** {@return shows every text as it is} */
  public static Redaction off() {
    return OFF;
  }

  /**
   * {@return the text with as many words, at the same places}
   *
   * @param text any text
   */
  public String apply(String text) {
    if (kept == null) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    int from = 0;
    for (RefusalPhrases.Match match : kept.all(text)) {
      int end = match.end();
      while (end < text.length() && ".,;:!?".indexOf(text.charAt(end)) >= 0) {
        end++;
      }
      hide(text, from, match.start(), out);
      out.append(text, Math.max(from, match.start()), end);
      from = end;
    }
    hide(text, from, text.length(), out);
    return out.toString();
  }

  private static void hide(String text, int from, int to, StringBuilder out) {
    for (int i = from; i < to; i += Character.charCount(text.codePointAt(i))) {
      char c = text.charAt(i);
      out.append(Words.isSpace(c) ? c : BLOCK);
    }
  }
}
