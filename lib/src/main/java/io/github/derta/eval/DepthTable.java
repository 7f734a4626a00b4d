package io.github.derta.eval;

import io.github.derta.io.AtomicFile;
import io.github.derta.io.RowWriter;
import io.github.derta.kitchen.KitchenQuestion.Kind;
import io.github.derta.kitchen.Verdict.Outcome;
import io.github.derta.stats.Rate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Depth curves as rows of a table: one for each kind of question and depth. */
public final class DepthTable {

  private DepthTable() {}

  /**
   * {@return the rows, by column}
   *
   * @param method what the model was trained by, or {@code base}
   * @param seed of its training
   * @param run hash of recipe, rows and start weights, so that a stored table is known to belong to
   *     them
   * @param curve its answers
   * @param base the answers of the model that training began with
   */
  public static List<Map<String, Object>> rows(
      String method, long seed, String run, DepthCurve curve, DepthCurve base) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      for (int depth : DepthCurve.DEPTHS) {
        Rate refused = curve.rate(kind, depth, Outcome.REFUSED);
        if (refused.n() > 0) {
          Map<String, Object> row = new LinkedHashMap<>();
          row.put("method", method);
          row.put("seed", seed);
          row.put("kind", kind.name().toLowerCase(Locale.ROOT));
          row.put("depth", depth);
          row.put("n", refused.n());
          put(row, "refused", refused);
          put(row, "broken", curve.rate(kind, depth, Outcome.BROKEN));
          Rate still = curve.stillBroken(base, depth);
          row.put("base_broken", kind == Kind.DISH ? still.n() : null);
          row.put("still_broken", kind == Kind.DISH ? still.hits() : null);
          row.put("run", run);
          rows.add(row);
        }
      }
    }
    return rows;
  }

  private static void put(Map<String, Object> row, String name, Rate rate) {
    row.put(name, rate.hits());
    row.put(name + "_low", round(rate.low()));
    row.put(name + "_high", round(rate.high()));
  }

  private static double round(double share) {
    return Math.round(1e4 * share) / 1e4;
  }

  /**
   * Writes rows as CSV.
   *
   * @param file a CSV file, replaced if it is there
   * @param rows what {@link #rows} gave
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, List<Map<String, Object>> rows) throws IOException {
    AtomicFile.write(
        file,
        out -> {
          try (RowWriter writer = RowWriter.to(out, RowWriter.Format.CSV)) {
            for (Map<String, Object> row : rows) {
              writer.write(row);
            }
          }
        });
  }
}
