package io.github.derta.text;

/** Words as the paper counts them: what stands between Unicode white space. */
public final class Words {

  private Words() {}

  /**
   * Whether a character has the Unicode property White_Space, as a no-break space has. {@link
   * Character#isWhitespace} leaves that one out and counts four control characters.
   *
   * @param c a character; all white space is in the basic plane
   * @return whether it is white space
   */
  public static boolean isSpace(char c) {
    if (c <= ' ') {
      return c == ' ' || c >= '\t' && c <= '\r';
    }
    return c >= '\u0085' && (c == '\u0085' || Character.isSpaceChar(c));
  }

  /**
   * {@return how many words it has}
   *
   * @param text any text
   */
  public static int count(String text) {
    return startsUpTo(text, text.length());
  }

  /**
   * {@return the word that holds it, counted from 1}
   *
   * @param text any text
   * @param offset an index of {@code text} at which no white space stands
   */
  public static int at(String text, int offset) {
    return startsUpTo(text, offset + 1);
  }

  private static int startsUpTo(String text, int end) {
    int words = 0;
    boolean space = true;
    for (int i = 0; i < end; i++) {
      boolean now = isSpace(text.charAt(i));
      if (space && !now) {
        words++;
      }
      space = now;
    }
    return words;
  }
}
