package io.github.derta.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.SmolLM2;
import io.github.derta.io.JsonLines;
import io.github.derta.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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
}
