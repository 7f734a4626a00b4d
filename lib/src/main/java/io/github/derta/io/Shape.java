package io.github.derta.io;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a record's fields mean. {@code shapes.yaml} is the table of all shapes, with its legend.
 *
 * @param name what users call it
 * @param row where its texts are, by the table's columns
 */
public record Shape(String name, Map<String, String> row) {

  /** A bare string: a question, or an answer that may begin with its prompt. */
  static final Shape STRING =
      new Shape("strings", Map.of("question", "", "answer", "", "ours", ""));

  private static final List<Shape> ALL =
      Shape.<Map<String, String>>table("shapes.yaml").entrySet().stream()
          .map(shape -> new Shape(shape.getKey(), shape.getValue()))
          .toList();

  /** A table beside this class. */
  static <T> Map<String, T> table(String name) {
    try {
      return new YAMLMapper()
          .readValue(Resources.text(Shape.class, name), new TypeReference<Map<String, T>>() {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The shape of a record, null if it is of none. */
  static Shape of(JsonNode record) {
    return record.isTextual()
        ? STRING
        : ALL.stream().filter(shape -> shape.fits(record)).findFirst().orElse(null);
  }

  boolean fits(JsonNode record) {
    return this == STRING
        ? record.isTextual()
        : Stream.of(row.get("fields").split(" ")).noneMatch(path -> nodes(record, path) == null);
  }

  /**
   * {@return whether its records hold such texts}
   *
   * @param role what they are
   */
  public boolean holds(Role role) {
    return path(role) != null;
  }

  boolean ours() {
    return row.containsKey("ours");
  }

  /** Whether this record is one of those that count; a report holds other entries too. */
  boolean counts(JsonNode record) {
    String only = row.get("only");
    return only == null || record.path(only.split("=")[0]).asText().equals(only.split("=")[1]);
  }

  /** The record's own name, null if it has none. */
  String id(JsonNode record) {
    List<String> parts = new ArrayList<>();
    for (String field : row.getOrDefault("id", "id").split(" ")) {
      JsonNode part = record.path(field);
      if (part.isValueNode() && !part.isNull() && !part.isMissingNode()) {
        parts.add(part.asText());
      }
    }
    return parts.isEmpty() ? null : String.join("-", parts);
  }

  /** Where the texts of a role are, null if it holds none. */
  String path(Role role) {
    return row.get(role.column);
  }

  /** What a record holds for a role, null if nothing is there. */
  List<JsonNode> nodes(JsonNode record, Role role) {
    return holds(role) ? nodes(record, path(role)) : null;
  }

  /** What stands at the first alternative that is there and not null; null if none is there. */
  static List<JsonNode> nodes(JsonNode record, String path) {
    List<JsonNode> empty = null;
    for (String alternative : path.split("\\|")) {
      List<JsonNode> found = List.of(record);
      for (String step : alternative.isEmpty() ? new String[0] : alternative.split("\\.")) {
        found = found.stream().flatMap(node -> step(node, step)).toList();
      }
      if (found.stream().noneMatch(JsonNode::isMissingNode)) {
        if (found.isEmpty() || !found.get(0).isNull()) {
          return found;
        }
        empty = found;
      }
    }
    return empty;
  }

  private static Stream<JsonNode> step(JsonNode node, String step) {
    if (step.equals("*")) { // of one value, where others have a list, that
      return node.isArray() ? node.valueStream() : Stream.of(node);
    }
    return Stream.of(node.isArray() ? node.at("/" + step) : node.path(step));
  }

  /** What is wrong with a record of a shape that does not hold what is wanted, or of none. */
  static String problem(JsonNode record, Shape found, Role wanted) {
    if (!record.isObject() && !record.isTextual()) {
      return "the record is " + kind(record) + "; an object or a string is needed";
    }
    String fields =
        record
            .propertyStream()
            .map(Map.Entry::getKey)
            .map(name -> name.matches("[\\w.-]{1,40}") ? "\"" + name + "\"" : "(a text)")
            .distinct()
            .limit(20)
            .collect(Collectors.joining(", "));
    String known =
        ALL.stream()
            .filter(shape -> shape.holds(wanted))
            .map(shape -> shape.name + " (" + shape.row.get("fields").replace(" ", ", ") + ")")
            .collect(Collectors.joining(", "));
    return "%s with the fields %s: no %s there; known shapes with one: %s"
        .formatted(
            found == null ? "a record of no known shape," : found.name,
            fields,
            wanted.words,
            known);
  }

  /** What a value is, for messages. */
  static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> "an object";
      case ARRAY -> "an array";
      case STRING -> "a string";
      case NUMBER -> "a number";
      case BOOLEAN -> "a boolean";
      case MISSING -> "missing";
      default -> "null";
    };
  }
}
