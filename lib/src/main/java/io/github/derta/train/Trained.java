package io.github.derta.train;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A trained model.
 *
 * @param folder the model as Hugging Face has it, with {@code recipe.yaml} and {@code
 *     metrics.jsonl}
 * @param recipe what it was trained by, {@code auto} resolved
 * @param run hash of recipe, rows and start weights
 * @param cached whether it had been trained before
 */
public record Trained(Path folder, Recipe recipe, String run, boolean cached) {

  /** {@return every step as it was, the first being step 0, before anything was learned} */
  public List<StepMetrics> metrics() {
    return read(folder.resolve(TrainingFolder.METRICS));
  }

  static List<StepMetrics> read(Path file) {
    List<StepMetrics> metrics = new ArrayList<>();
    JsonLines.read(file, line -> metrics.add(parse(file, line.number(), line.value())));
    return metrics;
  }

  private static StepMetrics parse(Path file, long line, JsonNode json) {
    try {
      return Trainer.JSON.treeToValue(json, StepMetrics.class);
    } catch (IOException e) {
      throw BadInput.at(file, line, "not the metrics of a step (" + e.getMessage() + ")");
    }
  }
}
