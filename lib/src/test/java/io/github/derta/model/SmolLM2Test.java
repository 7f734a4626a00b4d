package io.github.derta.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.SmolLM2;
import io.github.derta.io.JsonLines;
import io.github.derta.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The real model against transformers in 32-bit; environment/setup brings its weights. */
class SmolLM2Test {

  @Test
  void idsLossesAndGreedyContinuationsAreThoseOfTransformers() throws IOException {
    Path folder = SmolLM2.folder();
    JsonNode expected =
        JsonLines.MAPPER.readTree(SmolLM2Test.class.getResourceAsStream("smollm2.json"));
    try (Tokenizer tokenizer = Tokenizer.load(folder);
        Llama llama = Llama.load(folder);
        Generator generator = llama.generator()) {
      for (JsonNode row : expected.get("rows")) {
        int[] ids = tokenizer.encode(row.get("text").textValue());
        assertThat(ids).containsExactly(Checkpoint.ints(row.get("ids")));
        try (Pass pass = llama.evaluate(Checkpoint.ofText(ids))) {
          assertThat(pass.loss()).isCloseTo(row.get("loss").doubleValue(), within(1e-5));
        }
      }
      for (JsonNode row : expected.get("greedy")) {
        int[] prompt = tokenizer.encode(row.get("prompt").textValue());
        var generated = generator.generate(List.of(prompt), Decoding.greedy(64), 1).get(0);
        assertThat(generated.ids()).containsExactly(Checkpoint.ints(row.get("ids")));
      }
    }
  }

  /**
   * Logits from 16 to 32 are rounded to eighths in bf16, so another order of a sum moves them so.
   */
  @Test
  void inBf16GenerationAndEvaluationDifferByTheRoundingOfTwoLogits() {
    Path folder = SmolLM2.folder();
    try (Tokenizer tokenizer = Tokenizer.load(folder);
        Llama llama = Llama.load(folder, Compute.BF16, Device.cpu());
        Generator generator = llama.generator()) {
      int[] prompt = tokenizer.encode("The capital of France is");
      var generated = generator.generate(List.of(prompt), Decoding.greedy(40), 1).get(0);
      int[] ids = IntStream.concat(Arrays.stream(prompt), Arrays.stream(generated.ids())).toArray();
      int[] labels = ids.clone();
      Arrays.fill(labels, 0, prompt.length, -100);
      try (Pass pass = llama.evaluate(new Batch(new int[][] {ids}, new int[][] {labels}))) {
        assertThat(pass.logProbs()).containsExactly(generated.logProbs(), within(2 / 8f));
      }
    }
  }
}
