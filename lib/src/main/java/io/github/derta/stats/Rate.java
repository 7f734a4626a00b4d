package io.github.derta.stats;

import java.util.Locale;
import org.apache.commons.statistics.interval.BinomialConfidenceInterval;
import org.apache.commons.statistics.interval.Interval;

/**
 * A share with its number of trials, without which it means little.
 *
 * @param hits how many had the property, 0 to {@code n}
 * @param n how many were looked at
 */
public record Rate(long hits, long n) {

  /**
   * Checks the range.
   *
   * @param hits how many had the property, 0 to {@code n}
   * @param n how many were looked at
   */
  public Rate {
    if (hits < 0 || hits > n || n > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(hits + " of " + n + ": 0 <= hits <= n < 2^31 is needed");
    }
  }

  /** {@return the share, 0 to 1; NaN if nothing was looked at} */
  public double share() {
    return (double) hits / n;
  }

  /** {@return lower end of the 95 % Wilson score interval; 0 if nothing was looked at} */
  public double low() {
    return n == 0 ? 0 : Math.max(0, wilson().getLowerBound());
  }

  /** {@return upper end of the 95 % Wilson score interval; 1 if nothing was looked at} */
  public double high() {
    return n == 0 ? 1 : Math.min(1, wilson().getUpperBound());
  }

  private Interval wilson() {
    return BinomialConfidenceInterval.WILSON_SCORE.fromErrorRate((int) n, (int) hits, 0.05);
  }

  /** For a reader: {@code 17.5 % [12.9, 23.4] (35 of 200)}. */
  @Override
  public String toString() {
    if (n == 0) {
      return "none of 0";
    }
    return String.format(
        Locale.ROOT,
        "%.1f %% [%.1f, %.1f] (%d of %d)",
        100 * share(),
        100 * low(),
        100 * high(),
        hits,
        n);
  }
}
