package io.github.derta.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.lang.reflect.Field;
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
import org.junit.jupiter.params.provider.ValueSource;

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
    "qwen2,qwen2-f32",
    "qwen3,qwen3-yarn-biased-f32",
    "smollm3,smollm3-f32",
    "tied-resized,llama-tied-f32",
    "untied-resized,llama3-scaled-f32",
    "tied-embedding-alone,llama-tied-f32",
    "tied-output-alone,llama-tied-f32"
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
  @CsvSource({
    "llama,llama-untied-biased-f32",
    "mixtral,mixtral-f32",
    "qwen2,qwen2-f32",
    "qwen3,qwen3-yarn-biased-f32",
    "smollm3,smollm3-f32"
  })
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
      quoteCharacter = '`',
      value = {
        "'use_dora': true | use_dora is true; supported is false",
        "'use_qalora': true | use_qalora is true; supported is false",
        "'lora_bias': true | lora_bias is true; supported is false",
        "'fan_in_fan_out': true | fan_in_fan_out is true; supported is false",
        "'bias': 'all' | bias is 'all'; supported is 'none'",
        "'rank_pattern': {'q_proj': 8} | rank_pattern is {'q_proj':8}; supported is {}",
        "'alpha_pattern': {'q_proj': 8} | alpha_pattern is {'q_proj':8}; supported is {}",
        "'layer_replication': [[0, 2], [1, 2]] | layer_replication is [[0,2],[1,2]]",
        "'target_parameters': ['experts.w1'] | target_parameters is ['experts.w1']",
        "'trainable_token_indices': [3] | trainable_token_indices is [3]; supported is [] or {}",
        "'alora_invocation_tokens': [5] | alora_invocation_tokens is [5]; supported is []",
        "'arrow_config': {'top_k': 3} | arrow_config is {'top_k':3}; supported is null",
        "'megatron_config': {'a': 1} | megatron_config is {'a':1}",
        "'init_lora_weights': 'pissa' | is 'pissa': the adapter belongs to a base whose weights it",
        "'init_lora_weights': 'pissa_niter_4' | path_initial_model_for_weight_conversion",
        "'init_lora_weights': 'olora' | is 'olora': the adapter belongs to a base",
        "'init_lora_weights': 'corda' | is 'corda': the adapter belongs to a base",
        "'init_lora_weights': 'loftq' | is 'loftq': the adapter belongs to a base",
        "'modules_to_save': ['score'] | modules_to_save is 'score'; supported is embed_tokens or",
        "'modules_to_save': ['lm_head'] | 'base_model.model.lm_head.weight' is missing, which",
        "'target_modules': ['q_proj'] | down_proj.lora_A.weight' is not adapted by target_modules",
        "'target_modules': '.*q_proj' | down_proj.lora_A.weight' is not adapted by target_modules",
        "'layers_to_transform': [1] | layers.0.mlp.down_proj.lora_A.weight' is not adapted by",
        "'layers_to_transform': 0 | layers.1.mlp.down_proj.lora_A.weight' is not adapted by",
        "'target_modules': '(?P<a>x)' | target_modules is '(?P<a>x)'; supported is a list of names",
        "'peft_type': 'IA3' | peft_type is 'IA3'; LORA is needed",
        "'task_type': 'SEQ_CLS' | task_type is 'SEQ_CLS'; supported is 'CAUSAL_LM'",
        "'of_peft_0_19': 1 | of_peft_0_19 is 1, an unknown key",
        "'r': 0 | rank is 0; x >= 1",
        "'r': '4' | r is '4'; supported is a number",
        "'r': 8 | an adapter for another base",
      })
  void whatPeftCanDoBeyondIsRefused(String change, String message) throws IOException {
    assertThatThrownBy(() -> Llama.load(LLAMA, changed(change), Compute.F32, Device.cpu()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(message.replace('\'', '"'));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'init_lora_weights': 'eva', 'eva_config': {'rho': 1.0}",
        "'target_modules': 'all-linear', 'base_model_name_or_path': null",
        "'target_modules': '.*_proj', 'layers_to_transform': [0, 1], 'layers_pattern': 'layers'",
        "'task_type': null, 'bias': 'none', 'exclude_modules': ['w1'], 'peft_version': '0.18.1'",
      })
  void whatChangesNoNumberIsTaken(String change) throws IOException {
    try (Llama llama = Llama.load(LLAMA, changed(change), Compute.F32, Device.cpu());
        Weights expected = expected("llama");
        Pass pass = llama.evaluate(batch("llama-untied-biased-f32", llama))) {
      assertThat(Checkpoint.distance(pass.logits(), expected, "logits")).isLessThan(1e-5);
    }
  }

  private static final Path LLAMA = base("llama-untied-biased-f32");

  /** The adapter of llama with other settings. */
  private Path changed(String change) throws IOException {
    Files.copy(
        adapter("llama").resolve(AdapterFolder.WEIGHTS), folder.resolve(AdapterFolder.WEIGHTS));
    ObjectNode json = JsonLines.object(adapter("llama").resolve(Lora.FILE));
    String changes = "{" + change.replace('\'', '"') + "}";
    json.setAll(JsonLines.MAPPER.readValue(changes, ObjectNode.class));
    Files.writeString(folder.resolve(Lora.FILE), json.toString());
    return folder;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model.layers.0.self_attn.q_proj.lora_A.default.weight | names an adapter; PEFT's save_",
        "model.embed_tokens.lora_embedding_A                   | list it in modules_to_save",
        "lm_head.lora_A.weight                                 | list it in modules_to_save",
        "model.embed_tokens.modules_to_save.weight             | is a copy of base_model.model.",
      })
  void tensorsThatPeftWouldNotLoadAreNamed(String name, String message) throws IOException {
    changed("");
    List<Safetensors.Tensor> tensors = new ArrayList<>();
    for (String tensor : List.of("model.layers.0.self_attn.q_proj.lora_A.weight", name)) {
      tensors.add(
          new Safetensors.Tensor(
              AdapterFolder.PREFIX + tensor, new long[] {4, 16}, () -> ByteBuffer.allocate(256)));
    }
    Safetensors.write(folder.resolve(AdapterFolder.WEIGHTS), tensors);
    assertThatThrownBy(() -> Llama.load(LLAMA, folder, Compute.F32, Device.cpu()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("tensor \"base_model.model." + name + "\"")
        .hasMessageContaining(message);
  }

  @Test
  void aPickleIsRefusedWithTheLineThatConvertsIt() throws IOException {
    Files.createFile(folder.resolve("adapter_model.bin"));
    assertThatThrownBy(() -> Llama.load(LLAMA, folder, Compute.F32, Device.cpu()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("adapter_model.bin: a pickle may run any code and is not read")
        .hasMessageContaining("weights_only=True");
  }

  @Test
  void anAdapterThatFailsToLoadLeavesNothingOpen() throws Exception {
    changed("");
    List<Safetensors.Tensor> tensors = new ArrayList<>();
    for (String part : List.of(AdapterFolder.A, AdapterFolder.B)) {
      ByteBuffer nan = ByteBuffer.allocate(256).putInt(0, -1);
      String name = AdapterFolder.PREFIX + "model.layers.0.self_attn.q_proj" + part;
      long[] shape = part.equals(AdapterFolder.A) ? new long[] {4, 16} : new long[] {16, 4};
      tensors.add(new Safetensors.Tensor(name, shape, nan::duplicate));
    }
    Safetensors.write(folder.resolve(AdapterFolder.WEIGHTS), tensors);
    int before = openManagers();
    assertThatThrownBy(() -> Llama.load(LLAMA, folder, Compute.F32, Device.cpu()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("lora_A.weight\" holds NaN or infinity");
    assertThatThrownBy(() -> LocalModel.load(LLAMA, Compute.F32, Device.cpu(), 0))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("batch is 0, must be at least 1");
    assertThat(openManagers()).isEqualTo(before);
  }

  private static int openManagers() throws ReflectiveOperationException {
    Field resources = BaseNDManager.class.getDeclaredField("resources");
    resources.setAccessible(true);
    try (NDManager any = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      return ((Map<?, ?>) resources.get(any.getParentManager())).size();
    }
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
