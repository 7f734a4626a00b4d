package io.github.derta.eval;

import io.github.derta.stats.Kappa;
import io.github.derta.stats.Rate;
import java.util.Map;

/** Figures with their 95 % intervals as cells of a table, rounded. */
final class Cells {

  private Cells() {}

  static void put(Map<String, Object> row, String name, Rate rate) {
    put(row, name, rate.share(), rate.low(), rate.high());
  }

  static void put(Map<String, Object> row, String name, Kappa kappa) {
    put(row, name, kappa.value(), kappa.low(), kappa.high());
  }

  private static void put(
      Map<String, Object> row, String name, double value, double low, double high) {
    row.put(name, rounded(value));
    row.put(name + "_low", rounded(low));
    row.put(name + "_high", rounded(high));
  }

  /** Nothing of that sort was asked. */
  static void putNothing(Map<String, Object> row, String name) {
    put(row, name, Double.NaN, Double.NaN, Double.NaN);
  }

  /** Points of answers, halves for ties; the interval is that of whole points, rounded outwards. */
  static void put(Map<String, Object> row, String name, double points, long n) {
    double[] share = share(points, n);
    put(row, name, share[0], share[1], share[2]);
  }

  /** The same as a share, its lower and its upper bound. */
  static double[] share(double points, long n) {
    return new double[] {
      points / n,
      new Rate((long) Math.floor(points), n).low(),
      new Rate((long) Math.ceil(points), n).high()
    };
  }

  /** Four digits behind the point; empty where there is no number. */
  static Double rounded(double value) {
    return Double.isNaN(value) ? null : Double.valueOf(Math.round(1e4 * value) / 1e4);
  }
}
