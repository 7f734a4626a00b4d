package io.github.derta.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {

  private static final String SMALL =
      """
      {"model_type": "llama", "vocab_size": 11, "hidden_size": 8, "num_hidden_layers": 1,
      "num_attention_heads": 2, "num_key_value_heads": 1, "intermediate_size": 6%s}
      """;

  private static final ModelConfig.RopeScaling LLAMA3 =
      new ModelConfig.RopeScaling("llama3", 8, 1, 4, 8192, false, 1);

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
    assertThat(config.ropeScaling()).contains(LLAMA3);
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
    assertThat(five.ropeScaling()).contains(LLAMA3);
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'model_type': 'gemma2' | model_type is 'gemma2'; supported is llama, mistral, mixtral, qwen2",
        "'model_type': 'qwen2_moe' | model_type is 'qwen2_moe'; supported is llama, mistral",
        "'model_type': 'phi3' | qwen2, qwen3, smollm3",
        "'model_type': 'qwen2', 'use_sliding_window': true | use_sliding_window is true; supported",
        "'model_type': 'qwen3', 'layer_types': ['sliding_attention'] | full_attention in every layer",
        "'model_type': 'smollm3', 'no_rope_layers': [1, 0] | one number for each of 1 layers",
        "'model_type': 'mistral', 'attention_bias': true | attention_bias is true; supported is none",
        "'qkv_bias': true | qkv_bias is true, an unknown key",
        "'model_type': null | model_type is null; supported is llama",
        "'architectures': ['LlamaForSequenceClassification'] | is ['LlamaForCausalLM']",
        "'architectures': ['LlamaModel'] | architectures is ['LlamaModel']; supported is",
        "'hidden_act': 'gelu' | hidden_act is 'gelu'; supported is 'silu'",
        "'partial_rotary_factor': 0.5 | partial_rotary_factor is 0.5; supported is 1",
        "'residual_multiplier': 0.2 | residual_multiplier is 0.2, an unknown key; remove",
        "'embedding_multiplier': 12.0 | embedding_multiplier is 12.0, an unknown key",
        "'attention_multiplier': 0.1 | attention_multiplier is 0.1, an unknown key",
        "'logits_scaling': 8.0 | logits_scaling is 8.0, an unknown key",
        "'attn_logit_softcapping': 50.0 | attn_logit_softcapping is 50.0, an unknown key",
        "'final_logit_softcapping': 30.0 | final_logit_softcapping is 30.0, an unknown key",
        "'anything': {'new': 1} | anything is {'new':1}, an unknown key; remove it if",
        "'layer_types': ['sliding_attention'] | layer_types is ['sliding_attention']",
        "'sliding_window': 4096 | sliding_window is 4096; supported is none for this",
        "'use_sliding_window': true | use_sliding_window is true; supported is false",
        "'no_rope_layers': [1] | no_rope_layers",
        "'num_local_experts': 8 | num_local_experts is 8; supported is none for this",
        "'quantization_config': {'quant_method': 'fp8'} | weights that are not quantised are needed",
        "'compression_config': {} | weights that are not quantised are needed",
        "'rope_interleaved': true | rope_interleaved is true; supported is false",
        "'rope_scaling': {'factor': 2.0} | rope_scaling is {'factor':2.0}; supported is one rope_type",
        "'rope_scaling': {'rope_type': 'dynamic', 'factor': 2.0} | one rope_type of default, ",
        "'rope_scaling': {'type': 'mrope', 'mrope_section': [1]} | one rope_type of default, ",
        "'rope_scaling': {'rope_type': 'llama3', 'factor': 2.0} | llama3 with low_freq_factor",
        "'rope_scaling': {'rope_type': 'yarn', 'factor': 2.0, 'truncate': 'no'} | truncate is true or",
        "'rope_scaling': {'rope_type': 'yarn', 'factor': 2.0, 'mscale': '1', 'mscale_all_dim': 1} | mscale is '1'",
        "'rope_scaling': {'rope_type': 'linear'} | supported is rope_type linear with factor",
        "'rope_scaling': {'rope_type': 'linear', 'factor': 2.0, 'mscale': 1} | without mscale",
        "'rope_scaling': {'rope_type': 'yarn', 'factor': 'x'} | factor is 'x'; supported is a number",
        "'rope_scaling': {'rope_type': 'yarn', 'factor': 2.0, 'beta_fast': 1} | upper bound is above",
        "'rope_scaling': {'rope_type': 'longrope', 'factor': 2.0} | one rope_type of default, ",
        "'rope_scaling': {'rope_type': 'llama3', 'type': 'default'} | one rope_type of",
        "'rope_scaling': {'rope_type': 'default', 'mscale': 2} | rope_type default without mscale",
        "'rope_parameters': {'full_attention': {'rope_type': 'default'}} | one rope_type of",
        "'rope_parameters': {'rope_type': 'default', 'partial_rotary_factor': 0.5} | without partial",
        "'rope_theta': 1e4, 'rope_parameters': {'rope_type': 'default', 'rope_theta': 5e5} | as in",
        "'eos_token_id': '2' | eos_token_id is '2'; supported is a token id from 0 to 10, several",
        "'eos_token_id': [] | eos_token_id is []; supported is",
        "'eos_token_id': -1 | eos_token_id is -1; supported is",
        "'eos_token_id': [2, 11] | eos_token_id is [2,11]; supported is",
        "'eos_token_id': 2.0 | eos_token_id is 2.0; supported is",
        "'head_dim': 3 | head_dim is 3; supported is an even width",
        "'rms_norm_eps': -1 | rms_norm_eps is -1; supported is a number above 0",
        "'max_position_embeddings': 1e30 | max_position_embeddings is 1.0E30; supported is",
        "'tie_word_embeddings': 'yes' | tie_word_embeddings is 'yes'; supported is true or false",
      })
  void whatIsNotComputedIsRefusedByName(String change, String message) throws IOException {
    refused(changed(change), message.replace('\'', '"'));
  }

  /** The small configuration in which a key has this value. */
  private static String changed(String change) throws IOException {
    ObjectNode json = JsonLines.MAPPER.readValue(SMALL.formatted(""), ObjectNode.class);
    String object = "{" + change.replace('\'', '"') + "}";
    return json.setAll(JsonLines.MAPPER.readValue(object, ObjectNode.class)).toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "config.json | 'attention_dropout': 0.1 | attention_dropout is 0.1: transformers drops",
        "config.json | 'repetition_penalty': 1.1 | repetition_penalty is 1.1: applied by",
        "generation_config.json | 'repetition_penalty': 1.05 | repetition_penalty is 1.05: applied",
        "generation_config.json | 'no_repeat_ngram_size': 3 | no_repeat_ngram_size is 3: applied",
        "generation_config.json | 'suppress_tokens': [1] | suppress_tokens is [1]: applied",
        "generation_config.json | 'forced_eos_token_id': 2 | forced_eos_token_id is 2: applied",
        "generation_config.json | 'num_beams': 4 | num_beams is 4: applied by",
        "generation_config.json | 'own': 4 | own is 4: unknown and not applied here",
        "generation_config.json | 'eos_token_id': null | no eos_token_id; answers end at 2 of",
        "generation_config.json | 'eos_token_id': 2, 'do_sample': true, 'top_k': 20 | ",
        "config.json | 'attention_dropout': 0.0, 'num_beams': 1, 'pretraining_tp': 2 | ",
      })
  void whatOnlyTransformersAppliesIsAWarning(String file, String change, String message)
      throws IOException {
    Files.writeString(folder.resolve("config.json"), SMALL.formatted(""));
    String object =
        file.equals("config.json") ? changed(change) : "{'eos_token_id': 3, " + change + "}";
    Files.writeString(folder.resolve(file), object.replace('\'', '"'));
    String printed = Printed.err(() -> ModelConfig.load(folder));
    if (message == null) {
      assertThat(printed).isEmpty();
    } else {
      assertThat(printed.lines()).hasSize(1);
      assertThat(printed).startsWith("warning: " + folder.resolve(file)).contains(message);
      assertThat(Printed.err(() -> ModelConfig.load(folder))).isEmpty();
    }
  }

  @Test
  void wrongEndTokensOfTheGenerationConfigAreNamed() throws IOException {
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [99]}");
    assertThatThrownBy(() -> config(SMALL.formatted("")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("generation_config.json: eos_token_id is [99]; supported is a token");
  }

  @Test
  void whatIsNoObjectIsRefused() throws IOException {
    refused("[]", "a JSON object is needed");
    refused("{\"model_type\": ", "not JSON");
    refused("{}", "model_type is absent; supported is llama");
  }

  @Test
  void whatIsSavedIsWhatWasReadButForTheType() throws IOException {
    ModelConfig config =
        config(SMALL.formatted(", \"torch_dtype\": \"bfloat16\", \"id2label\": [1]"));
    config.save(folder, "float32");
    String saved = Files.readString(folder.resolve("config.json"));
    assertThat(saved).contains("\"torch_dtype\" : \"float32\"").contains("\"id2label\" : [ 1 ]");
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
    assertThat(Printed.err(() -> check(config, tensors))).isEmpty();
    tensors.put("lm_head.weight", new long[] {8, 11});
    assertThat(Printed.err(() -> check(config, tensors)))
        .startsWith("warning: " + folder)
        .contains("\"lm_head.weight\" differs from the embedding and is not used");
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

  private void check(ModelConfig config, Map<String, long[]> shapes) {
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
    try {
      Safetensors.write(folder.resolve(Safetensors.SINGLE), tensors);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
