package io.github.derta.position;

import java.util.List;

/**
 * A range of positions.
 *
 * @param first the first position in it, counted from 1
 * @param last the last position in it
 */
public record Band(int first, int last) {

  /** The first five. */
  public static final Band START = new Band(1, 5);

  /** Six to thirty. */
  public static final Band MIDDLE = new Band(6, 30);

  /** Thirty-one and up. */
  public static final Band LATE = new Band(31, Integer.MAX_VALUE);

  /** The three bands of the paper's Figure 4. */
  public static final List<Band> PAPER = List.of(START, MIDDLE, LATE);

  /** For an axis: {@code 1-5}, {@code 6-30}, {@code 31+}. */
  @Override
  public String toString() {
    return last == Integer.MAX_VALUE ? first + "+" : first + "-" + last;
  }
}
