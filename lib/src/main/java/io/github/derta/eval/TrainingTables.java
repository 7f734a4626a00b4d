package io.github.derta.eval;

import io.github.derta.io.AtomicFile;
import io.github.derta.io.BadInput;
import io.github.derta.io.Tables;
import io.github.derta.train.Evaluation;
import io.github.derta.train.StepMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import tech.tablesaw.api.ColumnType;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.io.csv.CsvReadOptions;

/** Tables of trainings: losses and refusal probabilities. */
public final class TrainingTables {

  private record Loss(String method, int seed, int step, double nextTokenLoss, double rtoLoss) {

    static Loss of(String method, int seed, StepMetrics step) {
      double rto = rounded(step.rtoLoss());
      return new Loss(method, seed, step.step(), rounded(step.nextTokenLoss()), rto);
    }
  }

  private record Refusal(
      String method, int seed, String trained, int position, int n, double refusal) {}

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
    return Tables.of(
        "losses",
        Loss.class,
        metrics.stream()
            .filter(step -> step.step() > 0)
            .map(step -> Loss.of(method, (int) seed, step))
            .toList());
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
    List<Refusal> rows = new ArrayList<>();
    List<StepMetrics> measured =
        metrics.stream().filter(step -> step.validation() != null).toList();
    for (int i = 0; i < measured.size(); i += Math.max(1, measured.size() - 1)) {
      Evaluation validation = measured.get(i).validation();
      String trained = i == 0 ? "before" : "after";
      for (int position = 0; position < validation.refusal().length; position++) {
        int n = validation.answers()[position];
        double refusal = rounded(validation.refusal()[position]);
        rows.add(new Refusal(method, (int) seed, trained, position, n, refusal));
      }
    }
    return Tables.of("refusal", Refusal.class, rows);
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
      case "method", "training", "trained" -> ColumnType.STRING; // a hash may look like a number
      case "next_token_loss", "rto_loss", "refusal" -> ColumnType.DOUBLE;
      default -> ColumnType.INTEGER;
    };
  }

  /** Puts the rows of a training in place of those of the same method and seed. */
  static void keep(Path csv, String training, Table rows) throws IOException {
    if (rows.isEmpty()) {
      return;
    }
    StringColumn hashes =
        StringColumn.create("training", Collections.nCopies(rows.rowCount(), training));
    Table kept = rows.copy().addColumns(hashes);
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
