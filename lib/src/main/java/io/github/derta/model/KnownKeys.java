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
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

  /** What the keys of an object are, as a message lists them. */
  static String names(JsonNode object) {
    return object.properties().stream().map(Map.Entry::getKey).collect(Collectors.joining(", "));
  }

  /**
   * Refuses every key that may change a number and is not read; of generation_config.json it warns.
   *
   * @param family the defaults of a {@code model_type}; a missing node for other files
   * @param tables the parts of the table, the file's own first
   */
  static void check(Path file, ObjectNode json, JsonNode family, String... tables) {
    for (Map.Entry<String, JsonNode> entry : json.properties()) {
      String key = entry.getKey();
      String table =
          Stream.of(tables).filter(name -> TABLE.get(name).has(key)).findFirst().orElse(tables[0]);
      JsonNode rule = TABLE.get(table).path(key);
      if (!fine(key, entry.getValue(), rule, family)) {
        boolean generation = table.equals(ModelConfig.GENERATION);
        report(file, key, entry.getValue(), rule, generation);
      }
    }
  }

  private static boolean fine(String key, JsonNode value, JsonNode rule, JsonNode family) {
    if (value.isNull() || rule.isTextual() && !rule.asText().equals("family")) {
      return true;
    }
    JsonNode values = rule.has("at") ? rule.get("at") : rule;
    return rule.isTextual()
        ? family.has(key) || value.asText().matches("false|0")
        : StreamSupport.stream(values.spliterator(), false).anyMatch(known -> same(known, value));
  }

  private static void report(
      Path file, String key, JsonNode value, JsonNode rule, boolean generation) {
    String found = "%s: %s is %s".formatted(file, key, shortened(value));
    if (generation) {
      String what = rule.isMissingNode() ? "unknown" : "applied by transformers.generate";
      Warnings.once(found + ": " + what + " and not applied here");
    } else if (rule.has("warn")) {
      Warnings.once(found + ": " + rule.get("warn").asText());
    } else if (rule.has("else")) {
      throw new BadInput(found + ": " + rule.get("else").asText());
    } else if (rule.isMissingNode()) {
      throw new BadInput(found + ", an unknown key; remove it if it changes no number");
    } else {
      throw wrong(file, key, value, rule.isTextual() ? "none for this model_type" : either(rule));
    }
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
