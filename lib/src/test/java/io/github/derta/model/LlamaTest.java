package io.github.derta.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.github.derta.io.BadInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against transformers, by the checkpoints of make_model_fixtures.py; all in 32-bit. */
class LlamaTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama-tied-f32", "llama-tied-bf16",
        "llama-untied-biased-f32", "llama-untied-biased-bf16",
        "llama3-scaled-f32", "llama3-scaled-bf16",
        "mistral-window-f32", "mistral-window-bf16",
        "mixtral-f32", "mixtral-bf16",
        "qwen2-f32", "qwen2-bf16",
        "qwen3-f32", "qwen3-bf16",
        "smollm3-f32", "smollm3-bf16",
        "llama-linear-f32", "llama-linear-bf16",
        "llama-yarn-f32", "llama-yarn-bf16",
        "qwen2-yarn-f32", "qwen2-yarn-bf16",
        "qwen3-yarn-biased-f32", "qwen3-yarn-biased-bf16",
        "llama-sharded-f32"
      })
  void logitsLossAndGreedyContinuationsAreThoseOfTransformers(String name) {
    Checkpoint checkpoint = Checkpoint.named(name);
    try (Llama llama = Llama.load(checkpoint.folder());
        Weights expected = checkpoint.tensors();
        Generator generator = llama.generator()) {
      try (Pass pass = llama.evaluate(checkpoint.batch())) {
        assertThat(Checkpoint.distance(pass.logits(), expected, "logits")).isLessThan(1e-4);
        assertThat(pass.loss()).isCloseTo(checkpoint.loss(), within(1e-5));
      }
      for (int batch : new int[] {1, 2, 3}) {
        var generated = generator.generate(checkpoint.prompts(), Decoding.greedy(64), batch);
        for (int i = 0; i < generated.size(); i++) {
          assertThat(generated.get(i).ids()).containsExactly(checkpoint.greedy().get(i));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama-tied-f32",
        "llama-untied-biased-f32",
        "llama3-scaled-f32",
        "mistral-window-f32",
        "mixtral-f32",
        "qwen2-f32",
        "qwen3-f32",
        "smollm3-f32",
        "llama-linear-f32",
        "llama-yarn-f32",
        "qwen2-yarn-f32",
        "qwen3-yarn-biased-f32"
      })
  void theGradientOfEveryParameterIsThatOfTransformers(String name) {
    Checkpoint checkpoint = Checkpoint.named(name);
    try (Llama llama = Llama.load(checkpoint.folder());
        Weights expected = checkpoint.tensors()) {
      llama.parameters().values().forEach(weight -> weight.setRequiresGradient(true));
      try (Pass pass = llama.train(checkpoint.batch())) {
        assertThat(pass.backward()).isCloseTo(checkpoint.loss(), within(1e-5));
      }
      for (Map.Entry<String, NDArray> parameter : llama.parameters().entrySet()) {
        try (NDArray gradient = parameter.getValue().getGradient()) {
          assertThat(Checkpoint.distance(gradient, expected, parameter.getKey()))
              .as(parameter.getKey())
              .isLessThan(1e-3);
        }
      }
    }
  }

  @Test
  void gradientsOfTwoHalvesAddUpToThoseOfTheWhole() {
    Checkpoint checkpoint = Checkpoint.named("llama-tied-f32");
    Batch batch = checkpoint.batch();
    try (Llama llama = Llama.load(checkpoint.folder());
        Weights expected = checkpoint.tensors()) {
      llama.parameters().values().forEach(weight -> weight.setRequiresGradient(true));
      for (int row = 0; row < 2; row++) {
        Batch half = new Batch(new int[][] {batch.ids()[row]}, new int[][] {batch.labels()[row]});
        try (Pass pass = llama.train(half)) {
          float[] scale = new float[half.labelled()];
          Arrays.fill(scale, 1f / batch.labelled());
          pass.backward(scale);
        }
      }
      String name = "model.embed_tokens.weight";
      try (NDArray gradient = llama.parameters().get(name).getGradient()) {
        assertThat(Checkpoint.distance(gradient, expected, name)).isLessThan(1e-3);
      }
    }
  }

  @Test
  void frozenWeightsGetNoGradientAndTheOthersTheSame() {
    Checkpoint checkpoint = Checkpoint.named("llama-tied-f32");
    String name = "model.layers.0.self_attn.q_proj.weight";
    try (Llama llama = Llama.load(checkpoint.folder());
        Weights expected = checkpoint.tensors()) {
      llama.parameters().get(name).setRequiresGradient(true);
      try (Pass pass = llama.train(checkpoint.batch())) {
        pass.backward();
      }
      assertThat(llama.parameters().get("model.embed_tokens.weight").hasGradient()).isFalse();
      try (NDArray gradient = llama.parameters().get(name).getGradient()) {
        assertThat(Checkpoint.distance(gradient, expected, name)).isLessThan(1e-3);
      }
    }
  }

  @Test
  void paddingOfShorterRowsChangesNothing() {
    Checkpoint checkpoint = Checkpoint.named("mistral-window-f32");
    int[] row = checkpoint.batch().ids()[0];
    int[] shorter = Arrays.copyOf(row, 7);
    try (Llama llama = Llama.load(checkpoint.folder());
        Pass together = llama.evaluate(Checkpoint.ofText(row, shorter));
        Pass alone = llama.evaluate(Checkpoint.ofText(shorter))) {
      float[] both = together.logProbs();
      float[] last = Arrays.copyOfRange(both, row.length - 1, both.length);
      assertThat(last).containsExactly(alone.logProbs(), within(1e-5f));
    }
  }

  @Test
  void probabilitiesOfTokensAreThoseOfTheLogits() {
    Checkpoint checkpoint = Checkpoint.named("llama-tied-f32");
    try (Llama llama = Llama.load(checkpoint.folder());
        Pass pass = llama.evaluate(checkpoint.batch())) {
      NDArray softmax = pass.logits().softmax(-1);
      float[][] chance = pass.probabilities(new int[] {3, 11});
      for (int position : new int[] {0, 13}) {
        float expected = softmax.getFloat(1, position, 3) + softmax.getFloat(1, position, 11);
        assertThat(chance[1][position]).isCloseTo(expected, within(1e-6f));
      }
    }
  }

  @Test
  void productsInBf16AreCloseAndTrainable() {
    Checkpoint checkpoint = Checkpoint.named("llama3-scaled-f32");
    try (Llama llama = Llama.load(checkpoint.folder(), Compute.BF16, Device.cpu());
        Weights expected = checkpoint.tensors()) {
      llama.parameters().values().forEach(weight -> weight.setRequiresGradient(true));
      try (Pass pass = llama.train(checkpoint.batch())) {
        assertThat(pass.backward()).isCloseTo(checkpoint.loss(), within(0.02));
      }
      String name = "model.layers.1.mlp.down_proj.weight";
      try (NDArray gradient = llama.parameters().get(name).getGradient()) {
        assertThat(Checkpoint.distance(gradient, expected, name)).isBetween(1e-5, 0.05);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mixtral-bf16", "qwen2-bf16", "qwen3-yarn-biased-bf16", "smollm3-bf16"})
  void aSavedModelLoadsAsTheSame(String name, @TempDir Path folder) throws IOException {
    Checkpoint checkpoint = Checkpoint.named(name);
    try (Llama llama = Llama.load(checkpoint.folder())) {
      llama.save(folder);
    }
    try (Llama again = Llama.load(folder);
        Pass pass = again.evaluate(checkpoint.batch())) {
      assertThat(pass.loss()).isCloseTo(checkpoint.loss(), within(1e-5));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"llama-tied-bf16", "llama-untied-biased-bf16", "mixtral-bf16", "qwen3-bf16"})
  void weightsKeptInBf16AreThoseOfTheFile(String name, @TempDir Path folder) throws IOException {
    Checkpoint checkpoint = Checkpoint.named(name);
    try (Llama kept = Llama.load(checkpoint.folder(), Compute.BF16_WEIGHTS, Device.cpu());
        Llama widened = Llama.load(checkpoint.folder(), Compute.BF16, Device.cpu());
        Pass one = kept.evaluate(checkpoint.batch());
        Pass other = widened.evaluate(checkpoint.batch())) {
      assertThat(one.logProbs()).isEqualTo(other.logProbs());
      kept.save(folder);
      try (Generator generator = kept.generator();
          Generator same = widened.generator()) {
        Decoding greedy = Decoding.greedy(8);
        assertThat(generator.generate(checkpoint.prompts(), greedy, 3).get(0).ids())
            .isEqualTo(same.generate(checkpoint.prompts(), greedy, 3).get(0).ids());
      }
    }
    try (Weights saved = Safetensors.open(folder);
        Weights original = Safetensors.open(checkpoint.folder())) {
      String matrix = "model.layers.1.self_attn.k_proj.weight";
      assertThat(saved.dtype(matrix)).isEqualTo("BF16");
      assertThat(bytes(saved, matrix)).isEqualTo(bytes(original, matrix));
      assertThat(saved.dtype("model.norm.weight")).isEqualTo("F32");
    }
    assertThat(folder.resolve("config.json")).content().contains("bfloat16");
  }

  private static ByteBuffer bytes(Weights weights, String name) {
    long[] shape = weights.shape(name);
    ByteBuffer values = ByteBuffer.allocate((int) (2 * shape[0] * shape[1]));
    weights.read(name, 0, values);
    return values.flip();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama-tied-f32",
        "llama-untied-biased-f32",
        "mistral-window-f32",
        "mixtral-f32",
        "qwen2-f32",
        "qwen3-f32",
        "smollm3-f32"
      })
  void gradientsAreTheSameWhetherLayersAreKeptOrComputedOnceMore(String name) {
    Checkpoint checkpoint = Checkpoint.named(name);
    try (Llama kept = Llama.load(checkpoint.folder());
        Llama recomputed = Llama.load(checkpoint.folder())) {
      recomputed.checkpointing(true);
      for (Llama llama : List.of(kept, recomputed)) {
        learn(llama, checkpoint.batch());
      }
      assertSameGradients(kept, recomputed);
    }
  }

  @Test
  void adaptersDropTheSameWhenLayersAreComputedOnceMore() {
    Checkpoint checkpoint = Checkpoint.named("llama-tied-f32");
    try (Llama kept = Llama.load(checkpoint.folder());
        Llama recomputed = Llama.load(checkpoint.folder())) {
      recomputed.checkpointing(true);
      for (Llama llama : List.of(kept, recomputed)) {
        llama.adapt(new Lora(4, 8, 0.5, List.of("k_proj", "up_proj")), 1);
        llama.trainable().values().forEach(weight -> weight.addi(0.1f));
        learn(llama, checkpoint.batch());
      }
      assertSameGradients(kept, recomputed);
    }
  }

  private static void learn(Llama llama, Batch batch) {
    llama.trainable().values().forEach(weight -> weight.setRequiresGradient(true));
    try (Pass pass = llama.train(batch, 5)) {
      pass.backward();
    }
  }

  private static void assertSameGradients(Llama one, Llama other) {
    one.trainable()
        .forEach(
            (weight, values) -> {
              try (NDArray expected = values.getGradient();
                  NDArray found = other.trainable().get(weight).getGradient()) {
                assertThat(expected.abs().sum().getFloat()).as(weight).isPositive();
                assertThat(found.toFloatArray()).as(weight).isEqualTo(expected.toFloatArray());
              }
            });
  }

  @Test
  void anIdOutsideTheVocabularyIsNamed() {
    try (Llama llama = Llama.load(Checkpoint.named("llama-tied-f32").folder())) {
      assertThatThrownBy(() -> llama.evaluate(Checkpoint.ofText(new int[] {1, 64})))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("row 1: id 64 at position 2 is outside the vocabulary of 0 to 63");
    }
  }

  @Test
  void aRowLongerThanTheContextIsRefused() {
    try (Llama llama = Llama.load(Checkpoint.named("llama-tied-f32").folder())) {
      assertThatThrownBy(() -> llama.evaluate(Checkpoint.ofText(new int[129])))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("129 tokens, the model's context holds 128");
    }
  }

  @Test
  void whatComesNextIsWhatALongerRowSays() {
    int[][] rows = {{1, 2, 3, 4}, {5, 6}};
    try (Llama llama = Llama.load(Checkpoint.named("llama-tied-f32").folder());
        Pass pass = llama.evaluate(new Batch(rows, rows))) {
      float[] next = pass.nextLogProbs(7, 9);
      for (int i = 0; i < 4; i++) {
        int[] row = Arrays.copyOf(rows[i / 2], rows[i / 2].length + 1);
        row[row.length - 1] = i % 2 == 0 ? 7 : 9;
        try (Pass longer = llama.evaluate(Checkpoint.ofText(row))) {
          float[] all = longer.logProbs();
          assertThat(next[i]).isCloseTo(all[all.length - 1], within(1e-5f));
        }
      }
      assertThat(next).hasSize(4);
      assertThatThrownBy(() -> pass.nextLogProbs(64))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("token");
    }
  }

  @Test
  void aBatchWithoutALabelTeachesNothing() {
    Checkpoint checkpoint = Checkpoint.named("llama-tied-f32");
    Batch unlabelled = new Batch(new int[][] {{1, 2}}, new int[][] {{1, Batch.UNLABELLED}});
    try (Llama llama = Llama.load(checkpoint.folder());
        Pass pass = llama.train(unlabelled)) {
      assertThatThrownBy(pass::backward)
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("no label");
    }
  }
}
