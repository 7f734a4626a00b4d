package io.github.derta.data;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.RandomAccess;
import java.util.stream.IntStream;

/**
 * The batches of one epoch: every row with a label once, drawn by seed and epoch alone. Inside a
 * batch the shortest rows come first, so that the parts of an accumulation have rows of like length
 * and little padding. Whole batches of like length would be faster still, but most refusals are
 * short: they would all come in the same few steps and be forgotten in between.
 */
public final class Batches extends AbstractList<RowBatch> implements RandomAccess {

  private final TokenRows rows;
  private final Labels labels;
  private final int epoch;
  private final List<int[]> batches;

  private Batches(TokenRows rows, int together, Labels labels, int size, int epoch) {
    this.rows = rows;
    this.labels = labels;
    this.epoch = epoch;
    this.batches = order(rows, together, size, Seeds.at(labels.seed(), Seeds.Use.BATCHES, epoch));
  }

  /**
   * {@return the batches, each made when it is asked for}
   *
   * @param rows all rows
   * @param labels how they are labelled; its seed decides the order too
   * @param size rows a batch, at least 1
   * @param epoch the epoch, from 0
   */
  public static Batches of(TokenRows rows, Labels labels, int size, int epoch) {
    return new Batches(rows, 1, labels, size, epoch);
  }

  /**
   * {@return the batches of pairs, each pair's rows one behind the other}
   *
   * @param rows all rows, two of each pair
   * @param labels how they are labelled; its seed decides the order too
   * @param size pairs a batch, at least 1
   * @param epoch the epoch, from 0
   */
  public static Batches ofPairs(TokenRows rows, Labels labels, int size, int epoch) {
    return new Batches(rows, 2, labels, size, epoch);
  }

  @Override
  public RowBatch get(int index) {
    int[] chosen = batches.get(index);
    TokenRow[] members = IntStream.of(chosen).mapToObj(rows::get).toArray(TokenRow[]::new);
    int[][] ids = Arrays.stream(members).map(TokenRow::ids).toArray(int[][]::new);
    int[][] labelled = new int[chosen.length][];
    Arrays.setAll(labelled, i -> labels.of(members[i], chosen[i], epoch));
    return new RowBatch(chosen, ids, labelled);
  }

  @Override
  public int size() {
    return batches.size();
  }

  private static List<int[]> order(TokenRows rows, int together, int size, Random random) {
    int[] shuffled =
        IntStream.of(Seeds.permutation(rows.size() / together, random))
            .filter(group -> members(group, together).allMatch(i -> rows.get(i).labels() > 0))
            .toArray();
    List<int[]> batches = new ArrayList<>();
    for (int from = 0; from < shuffled.length; from += size) {
      int to = Math.min(from + size, shuffled.length);
      batches.add(
          IntStream.range(from, to)
              .mapToObj(i -> shuffled[i])
              .sorted(
                  Comparator.comparingInt(
                      group ->
                          members(group, together)
                              .map(i -> rows.get(i).ids().length)
                              .max()
                              .orElseThrow()))
              .flatMapToInt(group -> members(group, together))
              .toArray());
    }
    return batches;
  }

  private static IntStream members(int group, int together) {
    return IntStream.range(group * together, (group + 1) * together);
  }
}
