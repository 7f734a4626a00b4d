package io.github.derta.position;

import java.util.List;

/**
 * A range of positions.
 *
 * @param first the first position in it, counted from 1
 * @param last the last position in it
 */
public record Band(int first, int last) {

  /** The paper's three bands of Figure 4: 1-5, 6-30, 31 and up. */
  public static final List<Band> PAPER =
      List.of(new Band(1, 5), new Band(6, 30), new Band(31, Integer.MAX_VALUE));

  /** For an axis: {@code 1-5}, {@code 6-30}, {@code 31-}. */
  @Override
  public String toString() {
    return first + "-" + (last == Integer.MAX_VALUE ? "" : last);
  }
}
