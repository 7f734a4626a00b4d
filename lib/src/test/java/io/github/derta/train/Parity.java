package io.github.derta.train;

import io.github.derta.data.Batches;
import io.github.derta.data.RowBatch;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The run that make_training_fixture.py repeats: 50 steps, a third of the rows RTO. */
final class Parity {

  private static final int ROWS = 80;

  private Parity() {}

  static Recipe recipe(Path folder) {
    return Tiny.recipe(folder, "epochs=5", "learning-rate=3e-3", "weight-decay=0.05", "warmup=0.1");
  }

  static void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Tiny.model(folder.resolve("tiny"));
    Tiny.rows(folder.resolve("rows.jsonl"), ROWS);
  }

  /** All batches in order. */
  static List<Map<String, int[][]>> batches(Recipe recipe, Path folder) {
    List<Map<String, int[][]>> batches = new ArrayList<>();
    try (TrainingData data = TrainingData.of(recipe, folder.resolve("tiny"))) {
      for (int epoch = 0; epoch < recipe.epochs(); epoch++) {
        for (RowBatch batch : Batches.of(data.rows(), data.labels(), recipe.batch(), epoch)) {
          batches.add(Map.of("ids", batch.ids(), "labels", batch.labels()));
        }
      }
    }
    return batches;
  }

  /** Writes what the script reads. */
  public static void main(String... args) throws IOException {
    Path folder = Path.of(args[0]);
    write(folder);
    JsonLines.write(folder.resolve("batches.jsonl"), batches(recipe(folder), folder).iterator());
  }
}
