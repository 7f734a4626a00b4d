package io.github.derta.train;

import ai.djl.Device;
import io.github.derta.data.Batches;
import io.github.derta.data.RowBatch;
import io.github.derta.data.Seeds;
import io.github.derta.io.JsonLines;
import io.github.derta.model.Compute;
import io.github.derta.model.Llama;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The runs that make_training_fixture.py repeats: 50 steps, a third of the rows RTO; the same by
 * adapters; and preference pairs.
 */
final class Parity {

  private static final int ROWS = 80;
  private static final int PAIRS = 40;
  private static final int STEPS = 50;

  private Parity() {}

  static Recipe recipe(Path folder) {
    return Tiny.recipe(folder, "epochs=5", "learning-rate=3e-3", "weight-decay=0.05", "warmup=0.1");
  }

  static Recipe lora(Path folder) {
    return recipe(folder)
        .with(
            "lora={rank: 4, alpha: 8, dropout: 0.1, targets: [q_proj, v_proj, up_proj, down_proj]}",
            "learning-rate=1e-2");
  }

  static Recipe dpo(Path folder) {
    return recipe(folder)
        .with("data=" + folder.resolve("pairs.jsonl"), "batch=4", "method=dpo", "dpo={beta: 0.1}");
  }

  static void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    Tiny.model(folder.resolve("tiny"));
    Tiny.rows(folder.resolve("rows.jsonl"), ROWS);
    Tiny.pairs(folder.resolve("pairs.jsonl"), PAIRS);
  }

  /** All batches in order. */
  static List<Map<String, int[][]>> batches(Recipe recipe, Path folder) {
    List<Map<String, int[][]>> batches = new ArrayList<>();
    TrainingData data = TrainingData.of(recipe, folder.resolve("tiny"));
    for (int epoch = 0; epoch < recipe.epochs(); epoch++) {
      for (RowBatch batch : Batches.of(data.rows(), data.labels(), recipe.batch(), epoch)) {
        batches.add(Map.of("ids", batch.ids(), "labels", batch.labels()));
      }
    }
    return batches;
  }

  private static List<int[]> pairs(Recipe recipe, Path folder) {
    List<int[]> batches = new ArrayList<>();
    TrainingData data = TrainingData.of(recipe, folder.resolve("tiny"));
    for (int epoch = 0; epoch < recipe.epochs(); epoch++) {
      for (RowBatch batch : Batches.ofPairs(data.rows(), data.labels(), recipe.batch(), epoch)) {
        int[] rows = batch.rows();
        batches.add(IntStream.range(0, rows.length / 2).map(i -> rows[2 * i] / 2).toArray());
      }
    }
    return batches;
  }

  /** Writes what the script reads. */
  public static void main(String... args) throws IOException {
    Path folder = Path.of(args[0]);
    write(folder);
    JsonLines.write(folder.resolve("batches.jsonl"), batches(recipe(folder), folder).iterator());
    JsonLines.write(folder.resolve("pair-batches.jsonl"), pairs(dpo(folder), folder).iterator());
    Recipe lora = lora(folder);
    Path tiny = folder.resolve("tiny");
    try (Llama model = Llama.load(tiny, Compute.F32, Device.cpu())) {
      model.adapt(lora.lora(), lora.seed());
      model.saveAdapter(folder.resolve("adapter"), tiny);
    }
    int[] seeds =
        IntStream.rangeClosed(1, STEPS)
            .map(step -> Seeds.at(lora.seed(), Seeds.Use.DROPOUT, step, 0).nextInt(1 << 30))
            .toArray();
    JsonLines.MAPPER.writeValue(folder.resolve("seeds.json").toFile(), seeds);
  }
}
