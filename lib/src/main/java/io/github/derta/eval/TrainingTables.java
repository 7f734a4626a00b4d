package io.github.derta.eval;

import io.github.derta.io.AtomicFile;
import io.github.derta.io.BadInput;
import io.github.derta.train.Evaluation;
import io.github.derta.train.StepMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import tech.tablesaw.api.ColumnType;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;
import tech.tablesaw.io.csv.CsvReadOptions;

/** Tables of trainings: losses and refusal probabilities. */
public final class TrainingTables {

  private TrainingTables() {}

  /**
   * {@return the losses of the steps so far: {@code method, seed, step, next_token_loss, rto_loss};
   * missing where a batch had no such row}
   *
   * @param method the model's name
   * @param seed of its training
   * @param metrics its steps
   */
  public static Table losses(String method, long seed, List<StepMetrics> metrics) {
    Table table =
        table(
            "losses",
            IntColumn.create("step"),
            DoubleColumn.create("next_token_loss"),
            DoubleColumn.create("rto_loss"));
    for (StepMetrics step : metrics) {
      if (step.step() > 0) {
        Row row = add(table, method, seed);
        row.setInt("step", step.step());
        row.setDouble("next_token_loss", rounded(step.nextTokenLoss()));
        row.setDouble("rto_loss", rounded(step.rtoLoss()));
      }
    }
    return table;
  }

  /**
   * {@return the probability of the refusal token at each position of unsafe answers, {@code
   * before} training and {@code after} it: {@code method, seed, trained, position, n, refusal}}
   *
   * @param method the model's name
   * @param seed of its training
   * @param metrics its steps
   */
  public static Table refusal(String method, long seed, List<StepMetrics> metrics) {
    Table table =
        table(
            "refusal",
            StringColumn.create("trained"),
            IntColumn.create("position"),
            IntColumn.create("n"),
            DoubleColumn.create("refusal"));
    List<StepMetrics> measured =
        metrics.stream().filter(step -> step.validation() != null).toList();
    for (int i = 0; i < measured.size(); i += Math.max(1, measured.size() - 1)) {
      Evaluation validation = measured.get(i).validation();
      for (int position = 0; position < validation.refusal().length; position++) {
        Row row = add(table, method, seed);
        row.setString("trained", i == 0 ? "before" : "after");
        row.setInt("position", position);
        row.setInt("n", validation.answers()[position]);
        row.setDouble("refusal", rounded(validation.refusal()[position]));
      }
    }
    return table;
  }

  private static Table table(String name, Column<?>... columns) {
    return Table.create(name, StringColumn.create("method"), IntColumn.create("seed"))
        .addColumns(columns);
  }

  private static Row add(Table table, String method, long seed) {
    Row row = table.appendRow();
    row.setString("method", method);
    row.setInt("seed", (int) seed);
    return row;
  }

  private static double rounded(double value) {
    return Double.isNaN(value) ? value : Math.round(1e4 * value) / 1e4;
  }

  /**
   * {@return a table that {@code Reproduce.java} kept, with the hash of each training as {@code
   * run}}
   *
   * @param csv {@code STUDY-losses.csv} or {@code STUDY-refusal.csv}
   * @throws BadInput if it is none
   */
  public static Table read(Path csv) {
    try {
      return Table.read()
          .usingOptions(CsvReadOptions.builder(csv.toFile()).columnTypes(TrainingTables::type));
    } catch (RuntimeException e) {
      throw new BadInput(csv + ": no table of trainings (" + e.getMessage() + ")", e);
    }
  }

  private static ColumnType type(String column) {
    return switch (column) {
      case "method", "run", "trained" -> ColumnType.STRING; // a hash may look like a number
      case "next_token_loss", "rto_loss", "refusal" -> ColumnType.DOUBLE;
      default -> ColumnType.INTEGER;
    };
  }

  /** Puts the rows of a training in place of those of the same method and seed. */
  static void keep(Path csv, String run, Table rows) throws IOException {
    if (rows.isEmpty()) {
      return;
    }
    StringColumn runs = StringColumn.create("run", Collections.nCopies(rows.rowCount(), run));
    Table kept = rows.copy().addColumns(runs);
    if (Files.exists(csv)) {
      Table before = read(csv);
      String method = rows.stringColumn("method").get(0);
      Table others =
          before.where(
              before
                  .stringColumn("method")
                  .isNotEqualTo(method)
                  .or(before.intColumn("seed").isNotEqualTo(rows.intColumn("seed").get(0))));
      kept = others.append(kept);
    }
    Table all = kept;
    AtomicFile.replace(csv, file -> all.write().csv(file.toFile()));
  }
}
