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

  /** {@return how many tokens of each row have a label} */
  public int[] labelCounts() {
    return Arrays.stream(labels)
        .mapToInt(row -> (int) Arrays.stream(row).filter(label -> label != Labels.NONE).count())
        .toArray();
  }

  /** {@return how many tokens have a label} */
  public int labelled() {
    return Arrays.stream(labelCounts()).sum();
  }

  /**
   * {@return some of its rows}
   *
   * @param from the first of them
   * @param to behind the last
   */
  public RowBatch part(int from, int to) {
    return new RowBatch(
        Arrays.copyOfRange(rows, from, to),
        Arrays.copyOfRange(ids, from, to),
        Arrays.copyOfRange(labels, from, to));
  }
}
