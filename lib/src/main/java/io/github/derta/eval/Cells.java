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

  /** Four digits behind the point; empty where there is no number. */
  static Double rounded(double value) {
    return Double.isNaN(value) ? null : Double.valueOf(Math.round(1e4 * value) / 1e4);
  }
}
