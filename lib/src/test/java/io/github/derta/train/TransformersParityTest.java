package io.github.derta.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.io.JsonLines;
import io.github.derta.model.Llama;
import io.github.derta.model.Safetensors;
import io.github.derta.model.Weights;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against transformers' Trainer on the same rows and start weights, made by the script. */
class TransformersParityTest {

  private static final Path FIXTURES = Path.of("src/test/resources/io/github/derta/train");
  private static final Path FIXTURE = FIXTURES.resolve("parity");

  @TempDir Path folder;

  @BeforeEach
  void writeModelAndRows() throws IOException {
    Parity.write(folder);
  }

  @Test
  void batchesAreThoseThatTheTrainerSaw() throws IOException {
    List<JsonNode> seen = new ArrayList<>();
    JsonLines.read(FIXTURE.resolve("batches.jsonl"), line -> seen.add(line.value()));
    JsonNode ours = JsonLines.MAPPER.valueToTree(Parity.batches(Parity.recipe(folder), folder));
    assertThat(ours).containsExactlyElementsOf(seen);
  }

  @Test
  void lossesNormsAndFinalWeightsAreThoseOfTheTrainer() throws IOException {
    compare(Parity.recipe(folder), "parity", "model.safetensors");
  }

  @Test
  void batchInPartsIsTheWholeBatch() throws IOException {
    compare(Parity.recipe(folder).with("accumulation=3"), "parity", "model.safetensors");
  }

  @Test
  void lossesNormsAndFinalAdaptersAreThoseOfPeft() throws IOException {
    compare(Parity.lora(folder), "parity-lora", "adapter/adapter_model.safetensors");
  }

  @Test
  void lossesNormsAndFinalWeightsOfPreferencesAreThoseOfTrl() throws IOException {
    compare(Parity.dpo(folder), "parity-dpo", "model.safetensors");
    compare(Parity.dpo(folder).with("accumulation=3"), "parity-dpo", "model.safetensors");
  }

  @Test
  void lossesOfRtoAndOrdinaryRowsAreThoseOfThePublicCodesFormula() throws IOException {
    JsonNode expected =
        JsonLines.MAPPER.readTree(FIXTURE.resolve("expected.json").toFile()).get("start");
    Recipe recipe = Parity.recipe(folder);
    TrainingData data = TrainingData.of(recipe, folder.resolve("tiny"));
    try (Llama model = Llama.load(folder.resolve("tiny"))) {
      Evaluation start = Evaluation.of(model, data.rows(), data.labels().refusalToken());
      double rto = expected.get("rto_loss").doubleValue();
      double nextToken = expected.get("next_token_loss").doubleValue();
      assertThat(start.rtoLoss()).isCloseTo(rto, within(1e-5 * rto));
      assertThat(start.nextTokenLoss()).isCloseTo(nextToken, within(1e-5 * nextToken));
      assertThat(start.refusal()).hasSize(expected.get("refusal").size());
      for (int i = 0; i < start.refusal().length; i++) {
        double chance = expected.get("refusal").get(i).doubleValue();
        assertThat(start.refusal()[i]).isCloseTo(chance, within(1e-5 * chance));
      }
    }
  }

  private void compare(Recipe recipe, String name, String file) throws IOException {
    Path fixture = FIXTURES.resolve(name);
    JsonNode expected = JsonLines.MAPPER.readTree(fixture.resolve("expected.json").toFile());
    Trained trained = Training.of(recipe).home(folder.resolve("home")).run();
    List<StepMetrics> steps = trained.metrics();
    assertThat(steps).hasSize(51);
    for (int i = 0; i < 50; i++) {
      StepMetrics step = steps.get(i + 1);
      double loss = expected.get("losses").get(i).doubleValue();
      double norm = expected.get("norms").get(i).doubleValue();
      assertThat(step.loss()).as("loss of step " + (i + 1)).isCloseTo(loss, within(1e-4 * loss));
      assertThat(step.gradientNorm()).isCloseTo(norm, within(1e-3 * norm));
    }
    assertThat(steps.get(50).loss()).isLessThan(0.9 * steps.get(1).loss());
    assertThat(largestDifference(trained.folder().resolve(file), fixture)).isLessThan(1e-4f);
  }

  private static float largestDifference(Path file, Path fixture) {
    float largest = 0;
    try (Weights ours = Safetensors.open(file);
        Weights theirs = Safetensors.open(fixture.resolve("final.safetensors"))) {
      assertThat(ours.names()).containsExactlyInAnyOrderElementsOf(theirs.names());
      for (String name : theirs.names()) {
        ByteBuffer a = values(ours, name);
        ByteBuffer b = values(theirs, name);
        while (a.hasRemaining()) {
          largest = Math.max(largest, Math.abs(a.getFloat() - b.getFloat()));
        }
      }
    }
    return largest;
  }

  private static ByteBuffer values(Weights weights, String name) {
    int n = 1;
    for (long d : weights.shape(name)) {
      n *= (int) d;
    }
    ByteBuffer buffer = ByteBuffer.allocateDirect(4 * n).order(ByteOrder.LITTLE_ENDIAN);
    weights.read(name, 0, buffer);
    return buffer.flip();
  }
}
