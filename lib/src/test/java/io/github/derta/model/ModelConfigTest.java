package io.github.derta.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelConfigTest {

  private static final String SMALL =
      """
      {"model_type": "llama", "vocab_size": 11, "hidden_size": 8, "num_hidden_layers": 1,
      "num_attention_heads": 2, "num_key_value_heads": 1, "intermediate_size": 6%s}
      """;

  @TempDir Path folder;

  @Test
  void whatTransformers4WritesIsRead() throws IOException {
    ModelConfig config =
        config(
            """
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 128257,
            "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
            "num_attention_heads": 32, "num_key_value_heads": 8, "hidden_act": "silu",
            "max_position_embeddings": 131072, "rms_norm_eps": 1e-05, "rope_theta": 500000.0,
            "rope_scaling": {"factor": 8.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0,
            "original_max_position_embeddings": 8192, "rope_type": "llama3"},
            "attention_bias": false, "mlp_bias": false, "tie_word_embeddings": false,
            "bos_token_id": 128000, "eos_token_id": [128001, 128009], "torch_dtype": "bfloat16"}
            """);
    assertThat(config.vocabularySize()).isEqualTo(128257);
    assertThat(config.keyValueHeads()).isEqualTo(8);
    assertThat(config.headWidth()).isEqualTo(128);
    assertThat(config.ropeTheta()).isEqualTo(500000);
    assertThat(config.ropeScaling()).contains(new ModelConfig.RopeScaling(8, 1, 4, 8192));
    assertThat(config.endIds()).containsExactly(128001, 128009);
    assertThat(config.slidingWindow()).isEmpty();
  }

  @Test
  void whatTransformers5WritesMeansTheSame() throws IOException {
    ModelConfig five =
        config(
            SMALL.formatted(
                """
                , "dtype": "bfloat16", "rope_parameters": {"rope_theta": 500000.0, "factor": 8.0,
                "high_freq_factor": 4.0, "low_freq_factor": 1.0, "rope_type": "llama3",
                "original_max_position_embeddings": 8192}"""));
    assertThat(five.ropeTheta()).isEqualTo(500000);
    assertThat(five.ropeScaling()).contains(new ModelConfig.RopeScaling(8, 1, 4, 8192));
    ModelConfig plain =
        config(
            SMALL.formatted(
                ", \"rope_parameters\": {\"rope_theta\": 1e6, \"rope_type\": \"default\"}"));
    assertThat(plain.ropeTheta()).isEqualTo(1e6);
    assertThat(plain.ropeScaling()).isEmpty();
  }

  @Test
  void anExplicitNullIsTheDefault() throws IOException {
    ModelConfig config =
        config(
            """
            {"model_type": "llama", "vocab_size": null, "hidden_size": null, "head_dim": null,
            "num_key_value_heads": null, "rope_theta": null, "rope_scaling": null,
            "rms_norm_eps": null, "hidden_act": null, "attention_bias": null, "mlp_bias": null,
            "tie_word_embeddings": null, "eos_token_id": null, "bos_token_id": null}
            """);
    ModelConfig absent = config("{\"model_type\": \"llama\"}");
    assertThat(config)
        .usingRecursiveComparison()
        .ignoringFields("json", "endIds")
        .isEqualTo(absent);
    assertThat(absent.keyValueHeads()).isEqualTo(32);
    assertThat(config.endIds()).isEmpty();
    assertThat(absent.endIds()).containsExactly(2);
  }

  @Test
  void theWindowOfMistralIs4096UnlessItIsNull() throws IOException {
    assertThat(config("{\"model_type\": \"mistral\"}").slidingWindow()).hasValue(4096);
    assertThat(config("{\"model_type\": \"mistral\"}").keyValueHeads()).isEqualTo(8);
    assertThat(config("{\"model_type\": \"mistral\", \"sliding_window\": null}").slidingWindow())
        .isEqualTo(OptionalInt.empty());
    assertThat(config("{\"model_type\": \"mixtral\"}").slidingWindow()).isEmpty();
  }

  @Test
  void endTokensOfTheGenerationConfigCount() throws IOException {
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [7, 9]}");
    assertThat(config(SMALL.formatted(", \"eos_token_id\": 7")).endIds()).containsExactly(7, 9);
    assertThat(config(SMALL.formatted(", \"eos_token_id\": 5")).endIds()).containsExactly(7, 9);
    assertThat(config(SMALL.formatted("")).endIds()).containsExactly(7, 9);
  }

  @Test
  void whatIsNotSupportedIsNamed() throws IOException {
    refused("{\"model_type\": \"qwen2\"}", "model_type is \"qwen2\"; supported is llama, mistral");
    refused("{}", "model_type is \"\"");
    refused(SMALL.formatted(", \"hidden_act\": \"gelu\""), "hidden_act is \"gelu\"");
    refused(
        SMALL.formatted(", \"rope_scaling\": {\"type\": \"linear\", \"factor\": 2.0}"),
        "rope type is \"linear\"; supported is default or llama3");
    refused(
        SMALL.formatted(", \"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 2.0}"),
        "without low_freq_factor");
  }

  @Test
  void numbersThatCannotBeAreRefused() throws IOException {
    refused(SMALL.formatted(", \"head_dim\": 3"), "head_dim is 3; supported is an even width");
    refused(SMALL.formatted(", \"rms_norm_eps\": -1"), "rms_norm_eps is -1");
    refused(SMALL.formatted(", \"max_position_embeddings\": 1e30"), "max_position_embeddings");
    refused("[]", "a JSON object is needed");
    refused("{\"model_type\": ", "not JSON");
  }

  @Test
  void whatIsSavedIsWhatWasReadButForTheType() throws IOException {
    ModelConfig config = config(SMALL.formatted(", \"torch_dtype\": \"bfloat16\", \"own\": [1]"));
    config.save(folder, "float32");
    String saved = Files.readString(folder.resolve("config.json"));
    assertThat(saved).contains("\"torch_dtype\" : \"float32\"").contains("\"own\" : [ 1 ]");
    assertThat(ModelConfig.load(folder))
        .usingRecursiveComparison()
        .ignoringFields("json")
        .isEqualTo(config);
  }

  @Test
  void weightsMustBeThoseOfTheConfig() throws IOException {
    ModelConfig config = config(SMALL.formatted(""));
    check(config, config.tensors());
    Map<String, long[]> wrong = config.tensors();
    wrong.put("model.norm.weight", new long[] {9});
    mismatch(config, wrong, "tensor \"model.norm.weight\" has shape [9], config.json asks for [8]");
    Map<String, long[]> missing = config.tensors();
    missing.remove("lm_head.weight");
    mismatch(config, missing, "tensor \"lm_head.weight\" [11, 8] is missing");
    Map<String, long[]> more = config.tensors();
    more.put("model.layers.1.input_layernorm.weight", new long[] {8});
    mismatch(config, more, "tensor \"model.layers.1.input_layernorm.weight\" has no place");
  }

  @Test
  void aTiedOutputAndStoredAnglesMayBeThere() throws IOException {
    ModelConfig config = config(SMALL.formatted(", \"tie_word_embeddings\": true"));
    Map<String, long[]> tensors = config.tensors();
    assertThat(tensors).doesNotContainKey("lm_head.weight");
    check(config, tensors);
    tensors.put("lm_head.weight", new long[] {11, 8});
    tensors.put("model.layers.0.self_attn.rotary_emb.inv_freq", new long[] {2});
    check(config, tensors);
  }

  @Test
  void expertsAndBiasesHaveTheirTensors() throws IOException {
    assertThat(config(SMALL.formatted("").replace("llama", "mixtral")).tensors())
        .containsKeys(
            "model.layers.0.block_sparse_moe.gate.weight",
            "model.layers.0.block_sparse_moe.experts.7.w2.weight")
        .doesNotContainKey("model.layers.0.mlp.up_proj.weight");
    assertThat(config(SMALL.formatted(", \"attention_bias\": true, \"mlp_bias\": true")).tensors())
        .containsKeys("model.layers.0.self_attn.o_proj.bias", "model.layers.0.mlp.down_proj.bias");
  }

  @Test
  void billionsOfLayersAreRefusedAtOnce() throws IOException {
    ModelConfig small = config(SMALL.formatted(""));
    ModelConfig config = config(SMALL.formatted("").replace("layers\": 1", "layers\": 2000000000"));
    mismatch(config, small.tensors(), "too few for 2000000000 layers");
  }

  private void mismatch(ModelConfig config, Map<String, long[]> shapes, String message) {
    assertThatThrownBy(() -> check(config, shapes))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(message);
  }

  private void check(ModelConfig config, Map<String, long[]> shapes) throws IOException {
    List<Safetensors.Tensor> tensors = new ArrayList<>();
    shapes.forEach(
        (name, shape) -> {
          int size = 1;
          for (long n : shape) {
            size *= (int) n;
          }
          ByteBuffer zeros = ByteBuffer.allocate(4 * size);
          tensors.add(new Safetensors.Tensor(name, shape, () -> zeros));
        });
    Safetensors.write(folder.resolve(Safetensors.SINGLE), tensors);
    try (Weights weights = Safetensors.open(folder)) {
      config.check(weights);
    }
  }

  private void refused(String json, String message) {
    assertThatThrownBy(() -> config(json))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(folder.resolve("config.json").toString())
        .hasMessageContaining(message);
  }

  private ModelConfig config(String json) throws IOException {
    Files.writeString(folder.resolve("config.json"), json);
    return ModelConfig.load(folder);
  }
}
