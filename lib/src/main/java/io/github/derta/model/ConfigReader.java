package io.github.derta.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.Warnings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;

/** Reads {@code config.json} with the defaults of transformers, field by field. */
final class ConfigReader {

  private final Path file;
  private final ObjectNode json;
  private final String type;
  private final JsonNode defaults;

  ConfigReader(Path file, ObjectNode json) {
    this.file = file;
    this.json = json;
    type = json.path("model_type").asText("");
    defaults = KnownKeys.families().path(type);
    if (defaults.isMissingNode()) {
      throw wrong("model_type", KnownKeys.names(KnownKeys.families()));
    }
    KnownKeys.check(file, json, defaults, "config.json", ModelConfig.GENERATION);
    String architecture = defaults.get("architecture").asText();
    for (JsonNode other : json.path("architectures")) {
      if (!other.asText().equals(architecture)) {
        throw wrong("architectures", "[\"" + architecture + "\"]");
      }
    }
  }

  /**
   * Reads the configuration.
   *
   * @param generation {@code generation_config.json}, or null if there is none
   */
  ModelConfig read(ObjectNode generation) {
    int width = count("hidden_size");
    int heads = count("num_attention_heads");
    // transformers: null means as many as heads, absent what the family has.
    int keyValueHeads =
        nullable("num_key_value_heads").isNumber() ? count("num_key_value_heads") : heads;
    if (heads % keyValueHeads != 0) {
      throw wrong("num_key_value_heads", "a divisor of " + heads + " heads");
    }
    int headWidth = value("head_dim").isMissingNode() ? width / heads : count("head_dim");
    if (headWidth % 2 != 0) {
      throw wrong("head_dim", "an even width, or an even hidden_size / heads");
    }
    int experts = defaults.has("num_local_experts") ? count("num_local_experts") : 0;
    int expertsPerToken = experts > 0 ? count("num_experts_per_tok") : 0;
    if (expertsPerToken > experts) {
      throw wrong("num_experts_per_tok", "at most " + experts);
    }
    int layers = count("num_hidden_layers");
    for (JsonNode layer : json.path("layer_types")) {
      if (!layer.asText().equals("full_attention")) {
        throw wrong("layer_types", "full_attention in every layer");
      }
    }
    int vocabulary = count("vocab_size");
    return new ModelConfig(
        type,
        vocabulary,
        width,
        layers,
        heads,
        keyValueHeads,
        headWidth,
        count("intermediate_size"),
        positive(value("rms_norm_eps"), "rms_norm_eps"),
        ropeTheta(),
        ropeScaling(),
        count("max_position_embeddings"),
        nullable("sliding_window").isNumber() && !defaults.has("use_sliding_window")
            ? OptionalInt.of(count("sliding_window"))
            : OptionalInt.empty(),
        flag("attention_bias") || defaults.has("qkv_bias"),
        flag("attention_bias"),
        defaults.has("qk_norm"),
        withoutRope(layers),
        flag("mlp_bias"),
        flag("tie_word_embeddings"),
        experts,
        expertsPerToken,
        endIds(generation, vocabulary),
        json);
  }

  /** SmolLM3: every fourth layer, or those that a list says 0 of. */
  private Set<Integer> withoutRope(int layers) {
    Set<Integer> without = new TreeSet<>();
    JsonNode list = value("no_rope_layers");
    if (list.isArray() && list.size() != layers) {
      throw wrong("no_rope_layers", "one number for each of " + layers + " layers");
    }
    for (int i = 0; i < layers && defaults.has("no_rope_layers"); i++) {
      if (list.isArray()
          ? list.get(i).asInt() == 0
          : (i + 1) % count("no_rope_layer_interval") == 0) {
        without.add(i);
      }
    }
    return without;
  }

  /** transformers 5 keeps the angles in {@code rope_parameters}, 4 in two fields. */
  private double ropeTheta() {
    JsonNode four = json.path("rope_theta");
    JsonNode five = json.path("rope_parameters").path("rope_theta");
    if (four.isNumber() && five.isNumber() && four.doubleValue() != five.doubleValue()) {
      throw wrong("rope_theta", five + " as in rope_parameters");
    }
    return positive(five.isNumber() ? five : value("rope_theta"), "rope_theta");
  }

  private Optional<ModelConfig.RopeScaling> ropeScaling() {
    String field = json.hasNonNull("rope_parameters") ? "rope_parameters" : "rope_scaling";
    JsonNode rope = json.path(field);
    if (rope.isMissingNode() || rope.isNull()) {
      return Optional.empty();
    }
    if (field.equals("rope_parameters") && json.hasNonNull("rope_scaling")) {
      throw wrong("rope_scaling", "null beside rope_parameters");
    }
    // Older files say "type".
    String kind = rope.path("rope_type").asText(rope.path("type").asText());
    JsonNode keys = KnownKeys.ropeTypes().path(kind);
    boolean contradicted = rope.has("type") && !rope.get("type").asText().equals(kind);
    if (keys.isMissingNode() || contradicted) {
      throw wrong(field, "one rope_type of " + KnownKeys.names(KnownKeys.ropeTypes()));
    }
    for (Map.Entry<String, JsonNode> entry : rope.properties()) {
      boolean known =
          entry.getKey().matches("(rope_)?type" + (field.endsWith("s") ? "|rope_theta" : ""))
              || keys.has(entry.getKey());
      if (!known && !entry.getValue().isNull()) {
        throw wrong(field, "rope_type " + kind + " without " + entry.getKey());
      }
    }
    return kind.equals("default") ? Optional.empty() : Optional.of(scaling(field, rope, kind));
  }

  private ModelConfig.RopeScaling scaling(String field, JsonNode rope, String kind) {
    ObjectNode all = KnownKeys.ropeTypes().get(kind).deepCopy();
    rope.properties().stream()
        .filter(entry -> !entry.getValue().isNull())
        .forEach(entry -> all.set(entry.getKey(), entry.getValue()));
    all.properties()
        .forEach(
            entry -> {
              if (entry.getValue().asText().equals("needed")) {
                throw wrong(field, "rope_type " + kind + " with " + entry.getKey());
              }
            });
    boolean yarn = kind.equals("yarn");
    if (yarn && !all.get("truncate").isBoolean()) {
      throw wrong(field, "rope_type yarn whose truncate is true or false");
    }
    double low = number(all, yarn ? "beta_slow" : "low_freq_factor", 1);
    double high = number(all, yarn ? "beta_fast" : "high_freq_factor", 2);
    if (high <= low) {
      throw wrong(field, "rope_type " + kind + " whose upper bound is above " + low);
    }
    double factor = number(all, "factor", 1);
    // transformers: without a length of its own, yarn stretches that of the model.
    JsonNode original = all.path("original_max_position_embeddings");
    return new ModelConfig.RopeScaling(
        kind,
        factor,
        low,
        high,
        original.isNull() || original.isMissingNode()
            ? count("max_position_embeddings")
            : count(original, "original_max_position_embeddings"),
        all.path("truncate").asBoolean(),
        yarn ? number(all, "attention_factor", attentionFactor(all, factor)) : 1);
  }

  /** As _compute_yarn_parameters of transformers. */
  private double attentionFactor(JsonNode rope, double factor) {
    boolean both = !rope.get("mscale").isNull() && !rope.get("mscale_all_dim").isNull();
    double logarithm = 0.1 * Math.log(Math.max(1, factor));
    return both
        ? (number(rope, "mscale", 1) * logarithm + 1)
            / (number(rope, "mscale_all_dim", 1) * logarithm + 1)
        : logarithm + 1;
  }

  private double number(JsonNode object, String field, double byDefault) {
    JsonNode node = object.path(field);
    return node.isNull() || node.isMissingNode() ? byDefault : positive(node, field);
  }

  /**
   * As generate() of transformers, but where generation_config.json names no end, that of
   * config.json still is one.
   */
  private List<Integer> endIds(ObjectNode generation, int vocabulary) {
    Path its = file.resolveSibling(ModelConfig.GENERATION);
    boolean own = generation != null && generation.hasNonNull("eos_token_id");
    JsonNode ids = own ? generation.get("eos_token_id") : nullable("eos_token_id");
    List<JsonNode> all =
        ids.isNull()
            ? List.of()
            : ids.isArray()
                ? StreamSupport.stream(ids.spliterator(), false).toList()
                : List.of(ids);
    boolean fine =
        all.stream().allMatch(id -> id.isInt() && id.intValue() >= 0 && id.intValue() < vocabulary);
    if (!fine || ids.isArray() && ids.isEmpty()) {
      String right = "a token id from 0 to %d, several, or null for none".formatted(vocabulary - 1);
      throw KnownKeys.wrong(own ? its : file, "eos_token_id", ids, right);
    }
    if (generation != null && !own && !all.isEmpty()) {
      Warnings.once(
          "%s: no eos_token_id; answers end at %s of config.json, transformers.generate goes on"
              .formatted(its, ids));
    }
    return all.stream().map(JsonNode::asInt).distinct().toList();
  }

  /** What the file says, else the default of the family; a missing node without either. */
  private JsonNode value(String field) {
    return json.hasNonNull(field) ? json.get(field) : defaults.path(field);
  }

  /** Likewise where null has a meaning of its own. */
  private JsonNode nullable(String field) {
    JsonNode node = json.has(field) ? json.get(field) : defaults.path(field);
    return node.isMissingNode() ? NullNode.getInstance() : node;
  }

  private int count(String field) {
    return count(value(field), field);
  }

  private int count(JsonNode node, String field) {
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 1) {
      throw KnownKeys.wrong(file, field, node, "a whole number from 1 on");
    }
    return node.intValue();
  }

  private double positive(JsonNode node, String field) {
    if (!node.isNumber() || !(node.doubleValue() > 0) || Double.isInfinite(node.doubleValue())) {
      throw KnownKeys.wrong(file, field, node, "a number above 0");
    }
    return node.doubleValue();
  }

  private boolean flag(String field) {
    JsonNode node = value(field);
    if (node.isMissingNode() || node.isBoolean()) {
      return node.asBoolean(false);
    }
    throw wrong(field, "true or false");
  }

  private BadInput wrong(String field, String right) {
    return KnownKeys.wrong(file, field, json.path(field), right);
  }
}
