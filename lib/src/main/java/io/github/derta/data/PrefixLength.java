package io.github.derta.data;

import java.util.Random;

/** How many words of a harmful answer stand before the refusal. */
public enum PrefixLength {
  /** The public code: 1..n-2 of n words, none in every third row; n must be at least 3. */
  UPSTREAM,
  /** The paper's text: 0..n. */
  PAPER;

  /**
   * {@return how many words it has, counted as the public code does: Python's split(" "), in which
   * two spaces enclose an empty word}
   *
   * @param answer a harmful answer
   */
  public static int words(String answer) {
    return 1 + (int) answer.chars().filter(c -> c == ' ').count();
  }

  /**
   * {@return whether a length can be drawn}
   *
   * @param words how many words the answer has
   */
  public boolean possible(int words) {
    return this == PAPER || words >= 3;
  }

  /**
   * {@return how many of them are given}
   *
   * @param words how many words the answer has; {@link #possible} must hold
   * @param row the row's index, from 0; rows 0, 3, 6, ... get none with {@link #UPSTREAM}
   * @param random the row's own source of chance
   */
  public int draw(int words, long row, Random random) {
    if (this == PAPER) {
      return random.nextInt(words + 1);
    }
    return row % 3 == 0 ? 0 : 1 + random.nextInt(words - 2);
  }
}
