package io.github.derta.position;

import io.github.derta.stats.Rate;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** How often refusals stand where: a histogram of positions. */
public final class PositionCounts {

  private final TreeMap<Integer, Long> histogram = new TreeMap<>();
  private long responses;
  private long refused;

  /** No responses yet. */
  public PositionCounts() {}

  /**
   * {@return their counts}
   *
   * @param positions one position a response, 0 where there is no refusal
   */
  public static PositionCounts of(int... positions) {
    PositionCounts counts = new PositionCounts();
    for (int position : positions) {
      counts.add(position);
    }
    return counts;
  }

  /**
   * Counts one response.
   *
   * @param position where a response refuses, counted from 1; 0 if it does not
   */
  public void add(int position) {
    if (position < 0) {
      throw new IllegalArgumentException("position " + position + ": 0 or more is needed");
    }
    responses++;
    if (position > 0) {
      refused++;
      histogram.merge(position, 1L, Long::sum);
    }
  }

  /** {@return number of responses, with those that do not refuse} */
  public long responses() {
    return responses;
  }

  /** {@return number of responses that refuse} */
  public long refused() {
    return refused;
  }

  /**
   * {@return number of refusals in it}
   *
   * @param band a range of positions
   */
  public long in(Band band) {
    return histogram.subMap(band.first(), true, band.last(), true).values().stream()
        .mapToLong(Long::longValue)
        .sum();
  }

  /**
   * {@return share of the refusals that stand in it, as in the paper's Figure 4}
   *
   * @param band a range of positions
   */
  public Rate share(Band band) {
    return new Rate(in(band), refused);
  }

  /**
   * A point of the survival curve.
   *
   * @param k number of words or tokens, 0 or more
   * @return share of all responses that have not begun to refuse within their first {@code k}
   */
  public Rate survival(int k) {
    return new Rate(responses - (k < 1 ? 0 : in(new Band(1, k))), responses);
  }

  /**
   * {@return the median position of the refusals, the mean of the middle two if their number is
   * even; empty if there is none}
   */
  public OptionalDouble median() {
    return refused == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((ranked((refused - 1) / 2) + ranked(refused / 2)) / 2.0);
  }

  /** The position of rank {@code rank}, from 0, among the refusals. */
  private long ranked(long rank) {
    long seen = 0;
    for (var entry : histogram.entrySet()) {
      seen += entry.getValue();
      if (seen > rank) {
        return entry.getKey();
      }
    }
    throw new IllegalArgumentException("rank " + rank + " of " + refused);
  }
}
