package io.github.derta.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.io.BadInput;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.StreamSupport;

/** Reads {@code config.json} with the defaults of transformers, field by field. */
final class ConfigReader {

  private final Path file;
  private final ObjectNode json;

  ConfigReader(Path file, ObjectNode json) {
    this.file = file;
    this.json = json;
  }

  ModelConfig read(ObjectNode generation) {
    String type = json.path("model_type").asText("");
    if (!List.of("llama", "mistral", "mixtral").contains(type)) {
      throw wrong("model_type", "\"" + type + "\"", "llama, mistral or mixtral");
    }
    refuseUnsupported();
    boolean llama = type.equals("llama");
    boolean mixtral = type.equals("mixtral");
    int width = count("hidden_size", 4096);
    int heads = count("num_attention_heads", 32);
    // transformers: null means as many as heads, but absent means 8 for Mistral and Mixtral.
    int keyValueHeads =
        count("num_key_value_heads", llama || json.has("num_key_value_heads") ? heads : 8);
    if (heads % keyValueHeads != 0) {
      throw wrong("num_key_value_heads", keyValueHeads, "a divisor of " + heads + " heads");
    }
    int headWidth = count("head_dim", width / heads);
    if (headWidth % 2 != 0) {
      throw wrong("head_dim", headWidth, "an even width, or an even hidden_size / heads");
    }
    int experts = mixtral ? count("num_local_experts", 8) : 0;
    int expertsPerToken = mixtral ? count("num_experts_per_tok", 2) : 0;
    if (expertsPerToken > experts) {
      throw wrong("num_experts_per_tok", expertsPerToken, "at most " + experts);
    }
    int maxPositions = count("max_position_embeddings", llama ? 2048 : 4096 * 32);
    return new ModelConfig(
        type,
        count("vocab_size", 32000),
        width,
        count("num_hidden_layers", 32),
        heads,
        keyValueHeads,
        headWidth,
        count("intermediate_size", llama ? 11008 : 14336),
        positive(json, "rms_norm_eps", mixtral ? 1e-5 : 1e-6),
        ropeTheta(mixtral ? 1e6 : 1e4),
        ropeScaling(maxPositions),
        maxPositions,
        slidingWindow(type),
        llama && flag("attention_bias"),
        llama && flag("mlp_bias"),
        flag("tie_word_embeddings"),
        experts,
        expertsPerToken,
        endIds(generation.hasNonNull("eos_token_id") ? generation : json),
        json);
  }

  private void refuseUnsupported() {
    String activation = json.path("hidden_act").asText("silu");
    if (!activation.equals("silu") && !json.path("hidden_act").isNull()) {
      throw wrong("hidden_act", "\"" + activation + "\"", "silu");
    }
    if (json.hasNonNull("quantization_config")) {
      throw wrong("quantization_config", "present", "weights that are not quantised");
    }
  }

  /** transformers 5 keeps the angles in {@code rope_parameters}, 4 in two fields. */
  private double ropeTheta(double byDefault) {
    JsonNode five = json.path("rope_parameters");
    return positive(five.hasNonNull("rope_theta") ? five : json, "rope_theta", byDefault);
  }

  private Optional<ModelConfig.RopeScaling> ropeScaling(int maxPositions) {
    JsonNode rope =
        json.hasNonNull("rope_parameters")
            ? json.get("rope_parameters")
            : json.path("rope_scaling");
    // Older files say "type".
    String type = rope.path("rope_type").asText(rope.path("type").asText("default"));
    if (type.equals("default")) {
      return Optional.empty();
    }
    if (!type.equals("llama3")) {
      throw wrong("rope type", "\"" + type + "\"", "default or llama3");
    }
    for (String field : List.of("factor", "low_freq_factor", "high_freq_factor")) {
      if (!rope.hasNonNull(field)) {
        throw wrong("rope scaling llama3", "without " + field, "all of its four numbers");
      }
    }
    double low = positive(rope, "low_freq_factor", 0);
    double high = positive(rope, "high_freq_factor", 0);
    if (high <= low) {
      throw wrong("high_freq_factor", high, "more than low_freq_factor " + low);
    }
    return Optional.of(
        new ModelConfig.RopeScaling(
            positive(rope, "factor", 0),
            low,
            high,
            count(rope, "original_max_position_embeddings", maxPositions)));
  }

  /** Absent means 4096 for Mistral; null means none, as Mistral 0.2 and later have it. */
  private OptionalInt slidingWindow(String type) {
    boolean none =
        json.has("sliding_window") ? json.get("sliding_window").isNull() : !type.equals("mistral");
    return type.equals("llama") || none
        ? OptionalInt.empty()
        : OptionalInt.of(count("sliding_window", 4096));
  }

  /** As generate() of transformers: what generation_config.json says, if it says anything. */
  private static List<Integer> endIds(JsonNode json) {
    JsonNode ids = json.path("eos_token_id");
    if (ids.isMissingNode()) {
      return List.of(2);
    }
    return ids.isInt()
        ? List.of(ids.asInt())
        : StreamSupport.stream(ids.spliterator(), false).map(JsonNode::asInt).distinct().toList();
  }

  private int count(String field, int byDefault) {
    return count(json, field, byDefault);
  }

  private int count(JsonNode object, String field, int byDefault) {
    if (!object.hasNonNull(field)) {
      return byDefault;
    }
    JsonNode node = object.get(field);
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 1) {
      throw wrong(field, node, "a whole number from 1 on");
    }
    return node.intValue();
  }

  private double positive(JsonNode object, String field, double byDefault) {
    if (!object.hasNonNull(field)) {
      return byDefault;
    }
    JsonNode node = object.get(field);
    if (!node.isNumber() || !(node.doubleValue() > 0) || Double.isInfinite(node.doubleValue())) {
      throw wrong(field, node, "a number above 0");
    }
    return node.doubleValue();
  }

  private boolean flag(String field) {
    JsonNode node = json.path(field);
    if (!json.hasNonNull(field) || node.isBoolean()) {
      return node.asBoolean(false);
    }
    throw wrong(field, node, "true or false");
  }

  private BadInput wrong(String field, Object found, String right) {
    return new BadInput(file + ": " + field + " is " + found + "; supported is " + right);
  }
}
