package io.github.derta.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.github.derta.io.BadInput;
import io.github.derta.io.Resources;
import io.github.derta.io.Warnings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** What the JSON files of a model or an adapter may say, by the table {@code keys.yaml}. */
final class KnownKeys {

  private static final JsonNode TABLE = table();

  private KnownKeys() {}

  private static JsonNode table() {
    try {
      return new YAMLMapper().readTree(Resources.text(KnownKeys.class, "keys.yaml"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The defaults of each family by its {@code model_type}. */
  static JsonNode families() {
    return TABLE.get("families");
  }

  /** The keys of each type of position angles. */
  static JsonNode ropeTypes() {
    return TABLE.get("rope");
  }

  /**
   * Refuses every key of {@code config.json} that may decide the network and is not read.
   *
   * @param type the {@code model_type}, one of {@link #families()}
   */
  static void checkConfig(Path file, ObjectNode json, String type) {
    JsonNode keys = TABLE.get("config.json");
    JsonNode generation = TABLE.get("generation_config.json");
    json.properties()
        .forEach(
            entry -> {
              String key = entry.getKey();
              JsonNode value = entry.getValue();
              if (!keys.has(key) && generation.has(key)) {
                warn(file, key, value, generation.get(key));
              } else if (keys.path(key).asText().equals("family")) {
                boolean off = value.isNull() || value.asText().matches("false|0");
                if (!families().get(type).has(key) && !off) {
                  throw wrong(file, key, value, "in a " + type + " none");
                }
              } else {
                check(file, key, value, keys.path(key));
              }
            });
  }

  /** Warns of every key that would change the answers of transformers. */
  static void checkGeneration(Path file, ObjectNode json) {
    JsonNode keys = TABLE.get("generation_config.json");
    json.properties()
        .forEach(entry -> warn(file, entry.getKey(), entry.getValue(), keys.path(entry.getKey())));
  }

  /** Refuses every key of {@code adapter_config.json} that asks for more than LoRA. */
  static void checkAdapter(Path file, ObjectNode json) {
    JsonNode keys = TABLE.get("adapter_config.json");
    json.properties()
        .forEach(entry -> check(file, entry.getKey(), entry.getValue(), keys.path(entry.getKey())));
  }

  private static void warn(Path file, String key, JsonNode value, JsonNode rule) {
    if (!fine(value, rule)) {
      String problem = rule.isMissingNode() ? "unknown" : "applied by transformers.generate";
      Warnings.once(
          "%s: %s is %s: %s and not applied here".formatted(file, key, shortened(value), problem));
    }
  }

  private static void check(Path file, String key, JsonNode value, JsonNode rule) {
    JsonNode fineAt = rule.isObject() ? rule.get("at") : rule;
    if (fine(value, fineAt)) {
      return;
    }
    if (rule.isMissingNode()) {
      throw new BadInput(
          "%s: unknown key %s, which is %s; remove it if it changes no number"
              .formatted(file, key, shortened(value)));
    }
    if (!rule.isObject()) {
      throw wrong(file, key, value, either(rule));
    }
    String problem = "%s: %s is %s: ".formatted(file, key, shortened(value));
    if (rule.has("else")) {
      throw new BadInput(problem + rule.get("else").asText());
    }
    Warnings.once(problem + rule.get("warn").asText());
  }

  private static boolean fine(JsonNode value, JsonNode rule) {
    return value.isNull()
        || rule.isTextual()
        || StreamSupport.stream(rule.spliterator(), false).anyMatch(known -> same(known, value));
  }

  private static boolean same(JsonNode known, JsonNode value) {
    return known.isNumber() && value.isNumber()
        ? known.doubleValue() == value.doubleValue()
        : known.equals(value);
  }

  private static String either(JsonNode values) {
    return values.isEmpty()
        ? "null"
        : StreamSupport.stream(values.spliterator(), false)
            .map(JsonNode::toString)
            .collect(Collectors.joining(" or "));
  }

  static BadInput wrong(Path file, String key, JsonNode value, String right) {
    return new BadInput(
        "%s: %s is %s; supported is %s".formatted(file, key, shortened(value), right));
  }

  /** A value on one line of a message. */
  private static String shortened(JsonNode value) {
    String text = value.isMissingNode() ? "absent" : value.toString();
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }
}
