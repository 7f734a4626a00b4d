package io.github.derta.view;

import io.github.derta.eval.MethodRun;
import io.github.derta.eval.MethodTables;
import io.github.derta.stats.Rate;
import io.github.derta.train.StepMetrics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** Tables of trained methods: this run's, and those that are kept with the notebooks. */
public final class TrainingTables {

  private static final String NEXT_TOKEN = "next_token_loss";
  private static final String RTO = "rto_loss";

  private TrainingTables() {}

  /**
   * {@return the rows as a table; a column of anything but numbers holds texts}
   *
   * @param name the table's
   * @param rows what {@link MethodTables} gives, all with the same columns
   */
  public static Table of(String name, List<Map<String, Object>> rows) {
    Table table = Table.create(name);
    for (String column : rows.isEmpty() ? Set.<String>of() : rows.get(0).keySet()) {
      List<Object> values = rows.stream().map(row -> row.get(column)).toList();
      boolean texts = values.stream().anyMatch(v -> v != null && !(v instanceof Number));
      boolean whole = values.stream().allMatch(v -> v instanceof Integer || v instanceof Long);
      if (texts) {
        table.addColumns(
            StringColumn.create(column, values.stream().map(v -> v == null ? null : v.toString())));
      } else if (whole) {
        table.addColumns(
            IntColumn.create(column, values.stream().mapToInt(v -> ((Number) v).intValue())));
      } else {
        Number[] numbers = values.toArray(Number[]::new);
        table.addColumns(DoubleColumn.create(column, numbers));
      }
    }
    return table;
  }

  /**
   * {@return the losses of runs that go on or are done: {@code method, step, loss, rows}, the last
   * telling ordinary rows from RTO rows}
   *
   * @param runs the steps so far by method
   */
  public static Table losses(Map<String, List<StepMetrics>> runs) {
    List<Map<String, Object>> rows = new ArrayList<>();
    runs.forEach(
        (method, steps) -> rows.addAll(MethodTables.losses(new MethodRun(method, 0, ""), steps)));
    return losses(of("losses", rows));
  }

  /**
   * {@return the same of a table that was kept}
   *
   * @param wide columns {@code method, step, next_token_loss, rto_loss}
   */
  public static Table losses(Table wide) {
    Table table =
        Table.create(
            "losses",
            StringColumn.create("method"),
            IntColumn.create("step"),
            DoubleColumn.create("loss"),
            StringColumn.create("rows"));
    for (String column : wide.isEmpty() ? List.<String>of() : List.of(NEXT_TOKEN, RTO)) {
      double[] losses = Columns.numbers(wide, column);
      for (int i = 0; i < losses.length; i++) {
        if (!Double.isNaN(losses[i])) {
          Row row = table.appendRow();
          row.setString("method", wide.stringColumn("method").get(i));
          row.setInt("step", wide.intColumn("step").get(i));
          row.setDouble("loss", losses[i]);
          row.setString("rows", column.equals(RTO) ? "RTO rows" : "ordinary rows");
        }
      }
    }
    return table;
  }

  /**
   * {@return the first seed's rows of methods that were not trained here, named as stored}
   *
   * @param kept a table that was kept, with the columns {@code method} and {@code seed}
   * @param trained the methods that were trained here
   */
  public static Table stored(Table kept, Set<String> trained) {
    StringColumn method = kept.stringColumn("method");
    Table rest =
        kept.where(kept.intColumn("seed").isEqualTo(0).and(method.isNotIn(trained))).copy();
    rest.replaceColumn(
        "method", rest.stringColumn("method").concatenate(" (stored)").setName("method"));
    return rest;
  }

  /**
   * {@return the seeds of each method taken together: {@code method, depth}, what is counted,
   * {@code n, share, low, high}}
   *
   * @param depth a table of depths, with counts
   * @param kind what was asked about
   * @param counted what is counted, {@code refused} or {@code broken}
   */
  public static Table pooled(Table depth, String kind, String counted) {
    return shares(depth, kind, counted, false);
  }

  /**
   * {@return the same for every seed}
   *
   * @param depth a table of depths, with counts
   * @param kind what was asked about
   * @param counted what is counted, {@code refused} or {@code broken}
   */
  public static Table eachSeed(Table depth, String kind, String counted) {
    return shares(depth, kind, counted, true);
  }

  /**
   * {@return a row for each method, in percent of all seeds: refused directly, refused after some
   * tokens, and still broken after them, of what breaks the base model}
   *
   * @param depth a table of depths, with counts
   * @param tokens after how many
   */
  public static Table summary(Table depth, int tokens) {
    String after = "refused after " + tokens + " tokens (%)";
    String broken = "broken after " + tokens + ", of what breaks the base (%)";
    Table table =
        Table.create(
            "summary",
            StringColumn.create("method"),
            DoubleColumn.create("refused directly (%)"),
            DoubleColumn.create(after),
            DoubleColumn.create(broken));
    for (String method : Columns.names(depth, "method")) {
      Row row = table.appendRow();
      row.setString("method", method);
      row.setDouble("refused directly (%)", percent(depth, method, "dish", 0, "refused", "n"));
      row.setDouble(after, percent(depth, method, "dish", tokens, "refused", "n"));
      row.setDouble(broken, percent(depth, method, "dish", tokens, "still_broken", "base_broken"));
    }
    return table;
  }

  /**
   * {@return how much of each kind a method refuses when asked directly, in percent of all seeds: a
   * row for each method}
   *
   * @param depth a table of depths, with counts
   * @param kinds what was asked about
   */
  public static Table direct(Table depth, List<String> kinds) {
    Table table = Table.create("direct", StringColumn.create("method"));
    kinds.forEach(kind -> table.addColumns(DoubleColumn.create(kind + " refused (%)")));
    for (String method : Columns.names(depth, "method")) {
      Row row = table.appendRow();
      row.setString("method", method);
      for (String kind : kinds) {
        row.setDouble(kind + " refused (%)", percent(depth, method, kind, 0, "refused", "n"));
      }
    }
    return table;
  }

  private static double percent(
      Table depth, String method, String kind, int tokens, String counted, String among) {
    Table some =
        depth.where(
            depth
                .stringColumn("method")
                .isEqualTo(method)
                .and(depth.stringColumn("kind").isEqualTo(kind))
                .and(depth.intColumn("depth").isEqualTo(tokens)));
    double share = some.intColumn(counted).sum() / some.intColumn(among).sum();
    return Double.isNaN(share) ? share : Math.round(1000 * share) / 10.0; // nothing was asked
  }

  private static Table shares(Table depth, String kind, String counted, boolean bySeed) {
    Map<List<Object>, long[]> counts = new LinkedHashMap<>();
    for (Row row : depth.where(depth.stringColumn("kind").isEqualTo(kind))) {
      Object seed = bySeed ? row.getInt("seed") : 0;
      List<Object> key = List.of(row.getString("method"), row.getInt("depth"), seed);
      long[] sums = counts.computeIfAbsent(key, k -> new long[2]);
      sums[0] += row.getInt(counted);
      sums[1] += row.getInt("n");
    }
    Table table = Rates.table(kind, List.of("method"), counted, IntColumn.create("depth"));
    counts.forEach(
        (key, sums) ->
            Rates.add(table, List.of((String) key.get(0)), new Rate(sums[0], sums[1]))
                .setInt("depth", (int) key.get(1)));
    return table;
  }
}
