package io.github.derta.data;

import java.util.Arrays;

/**
 * Rows that are trained on together.
 *
 * @param rows their places among all rows
 * @param ids token ids, one array a row, of unequal length
 * @param labels a label for each of them
 */
public record RowBatch(int[] rows, int[][] ids, int[][] labels) {

  /** {@return tokens of the longest row} */
  public int width() {
    return Arrays.stream(ids).mapToInt(row -> row.length).max().orElse(0);
  }

  /** {@return how many tokens have a label} */
  public int labelled() {
    return (int)
        Arrays.stream(labels)
            .flatMapToInt(Arrays::stream)
            .filter(label -> label != Labels.NONE)
            .count();
  }
}
