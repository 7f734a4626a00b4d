package io.github.derta.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.github.derta.io.BadInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against peft on the small checkpoints; the fixtures are make_adapter_fixtures.py's. */
class AdapterTest {

  private static final int SEED = 7;
  private static final Lora SETTINGS = new Lora(4, 8, 0.25, List.of("q_proj", "down_proj"));

  @TempDir Path folder;

  private static Path adapter(String name) {
    return Path.of("src/test/resources/io/github/derta/model/adapters", name);
  }

  private static Path base(String name) {
    return Checkpoint.named(name).folder();
  }

  private static Weights expected(String name) {
    return Safetensors.open(adapter(name).resolve("expected.safetensors"));
  }

  /** The checkpoint's batch; a larger vocabulary has its last token in it. */
  private static Batch batch(String base, Llama llama) {
    Batch batch = Checkpoint.named(base).batch();
    if (llama.config().vocabularySize() > 64) {
      batch.ids()[0][3] = llama.config().vocabularySize() - 1;
    }
    return batch;
  }

  @ParameterizedTest
  @CsvSource({
    "llama,llama-untied-biased-f32",
    "mixtral,mixtral-f32",
    "tied-resized,llama-tied-f32",
    "untied-resized,llama3-scaled-f32"
  })
  void logitsBesideAndWithinTheWeightsAreThoseOfPeft(String name, String base) throws IOException {
    try (Llama llama = Llama.adapted(base(base), adapter(name), Compute.F32, Device.cpu());
        Weights expected = expected(name)) {
      Batch batch = batch(base, llama);
      try (Pass pass = llama.evaluate(batch)) {
        assertThat(Checkpoint.distance(pass.logits(), expected, "logits")).isLessThan(1e-5);
      }
      llama.merge();
      try (Pass pass = llama.evaluate(batch)) {
        assertThat(Checkpoint.distance(pass.logits(), expected, "logits")).isLessThan(1e-5);
      }
      llama.save(folder);
      try (Llama merged = Llama.load(folder);
          Pass pass = merged.evaluate(batch)) {
        assertThat(Checkpoint.distance(pass.logits(), expected, "logits")).isLessThan(1e-5);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"llama,llama-untied-biased-f32", "mixtral,mixtral-f32"})
  void lossAndGradientsWithDropoutAreThoseOfPeft(String name, String base) {
    try (Llama llama = Llama.adapted(base(base), adapter(name), Compute.F32, Device.cpu());
        Weights expected = expected(name)) {
      llama.trainable().values().forEach(weight -> weight.setRequiresGradient(true));
      try (Pass pass = llama.train(batch(base, llama), SEED)) {
        float loss = Checkpoint.f32(expected, "loss").getFloat();
        assertThat(pass.backward()).isCloseTo(loss, within(1e-5));
      }
      assertThat(llama.trainable()).hasSize(expected.names().size() - 2);
      llama
          .trainable()
          .forEach(
              (weight, values) -> {
                try (NDArray gradient = values.getGradient()) {
                  assertThat(Checkpoint.distance(gradient, expected, weight))
                      .as(weight)
                      .isLessThan(1e-5);
                }
              });
      assertThat(
              llama.parameters().values().stream()
                  .anyMatch(weight -> JniUtils.requiresGrad((PtNDArray) weight)))
          .isFalse();
    }
  }

  @Test
  void newAdaptersChangeNothingAtFirstAndComeBackFromTheirFiles() throws IOException {
    Checkpoint checkpoint = Checkpoint.named("llama-tied-f32");
    try (Llama llama = Llama.load(checkpoint.folder());
        Weights expected = checkpoint.tensors()) {
      llama.adapt(SETTINGS, 1);
      try (Pass pass = llama.evaluate(checkpoint.batch())) {
        assertThat(Checkpoint.distance(pass.logits(), expected, "logits")).isLessThan(1e-5);
      }
      NDArray a = llama.trainable().get("model.layers.1.mlp.down_proj.lora_A.weight");
      assertThat(a.getShape().getShape()).containsExactly(4, 24);
      assertThat(a.abs().max().getFloat()).isBetween(0.15f, (float) (1 / Math.sqrt(24)));
      llama.saveAdapter(folder, checkpoint.folder());
      try (Llama again = Llama.adapted(checkpoint.folder(), folder, Compute.F32, Device.cpu())) {
        for (Map.Entry<String, NDArray> weight : llama.trainable().entrySet()) {
          assertThat(again.trainable().get(weight.getKey()).toFloatArray())
              .isEqualTo(weight.getValue().toFloatArray());
        }
      }
    }
  }

  @Test
  void anAdapterThatStandsBesideTheWeightsIsNeverForgotten() {
    try (Llama llama = Llama.load(base("llama-tied-f32"))) {
      llama.adapt(SETTINGS, 1);
      assertThatThrownBy(llama::generator).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> llama.save(folder)).isInstanceOf(IllegalStateException.class);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "llama          | llama-tied-f32    | mlp.down_proj.lora_A",
        "mixtral        | llama-tied-f32    | \"base_model.model.model.layers.0.block_sparse_moe",
        "untied-resized | mistral-window-f32| would be [8, 4]",
      })
  void anAdapterOfAnotherBaseIsRefused(String name, String base, String message)
      throws IOException {
    // The checkpoint itself has the same shapes as the adapter's base.
    Path other = name.equals("llama") ? narrower(base) : base(base);
    assertThatThrownBy(() -> Llama.load(other, adapter(name), Compute.F32, Device.cpu()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("an adapter for another base than " + other)
        .hasMessageContaining(message);
  }

  /** A model whose feed-forward networks are narrower, all zeros. */
  private Path narrower(String base) throws IOException {
    Path narrow = Files.createDirectories(folder.resolve("narrow"));
    String config = Files.readString(base(base).resolve("config.json"));
    Files.writeString(
        narrow.resolve("config.json"),
        config.replaceFirst("\"intermediate_size\": 24", "\"intermediate_size\": 8"));
    List<Safetensors.Tensor> zeros = new ArrayList<>();
    ModelConfig.load(narrow)
        .tensors()
        .forEach(
            (name, shape) -> {
              int bytes = (int) LongStream.of(shape).reduce(4, (x, y) -> x * y);
              zeros.add(new Safetensors.Tensor(name, shape, () -> ByteBuffer.allocate(bytes)));
            });
    Safetensors.write(narrow.resolve("model.safetensors"), zeros);
    return narrow;
  }

  @Test
  void anAdapterWhoseBaseIsAtHandIsNotAddedToOtherWeights() throws IOException {
    Path start = base("llama-tied-f32");
    Path other = Files.createDirectory(folder.resolve("other"));
    Path its = folder.resolve("adapter");
    try (Llama llama = Llama.load(start)) {
      llama.adapt(SETTINGS, 1);
      llama.saveAdapter(its, start);
    }
    try (Llama changed = Llama.load(start)) {
      changed.parameters().get("model.norm.weight").addi(1);
      changed.save(other);
    }
    assertThatThrownBy(() -> Llama.load(other, its, Compute.F32, Device.cpu()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("was trained on " + start.toAbsolutePath())
        .hasMessageEndingWith("whose weights are others than those of " + other);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"use_dora\": false   | \"use_dora\": true     | use_dora is true; only false",
        "\"bias\": \"none\"    | \"bias\": \"all\"      | bias is \"all\"; only none",
        "\"rank_pattern\": {}  | \"rank_pattern\": {\"q_proj\": 8} | rank_pattern is",
        "\"peft_type\": \"LORA\" | \"peft_type\": \"IA3\" | peft_type is \"IA3\"; LORA is needed",
        "\"r\": 4              | \"r\": 0               | rank is 0; x >= 1",
        "\"r\": 4              | \"r\": 8               | an adapter for another base",
      })
  void whatPeftCanDoBeyondIsRefused(String plain, String special, String message)
      throws IOException {
    Files.copy(
        adapter("llama").resolve("adapter_model.safetensors"),
        folder.resolve("adapter_model.safetensors"));
    String config = Files.readString(adapter("llama").resolve("adapter_config.json"));
    assertThat(config).contains(plain);
    Files.writeString(folder.resolve("adapter_config.json"), config.replace(plain, special));
    Path base = base("llama-untied-biased-f32");
    assertThatThrownBy(() -> Llama.load(base, folder, Compute.F32, Device.cpu()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(message);
  }

  @Test
  void missingFilesAndProjectionsAreNamed() {
    Path base = base("llama-tied-f32");
    assertThatThrownBy(() -> Llama.load(base, folder, Compute.F32, Device.cpu()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("adapter_model.safetensors: no such file");
    assertThatThrownBy(() -> new Lora(4, 8, 0, List.of("gate")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("targets is [gate]; some of q_proj, ");
    try (Llama llama = Llama.load(base)) {
      assertThatThrownBy(() -> llama.adapt(new Lora(4, 8, 0, List.of("w1")), 0))
          .isInstanceOf(BadInput.class)
          .hasMessage("lora: a llama has no projection w1");
    }
  }
}
