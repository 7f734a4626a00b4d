package io.github.derta.attack;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Settings that a user gives to attacks, such as {@code pair.streams=5}. */
final class AttackSettings {

  private static final Pattern ASSIGNMENT = Pattern.compile("([a-z]+)\\.([A-Za-z]+)=(.+)");

  private final Map<String, Map<String, String>> byAttack = new LinkedHashMap<>();

  /** Adds one; a later one of the same name counts. */
  void add(String assignment) {
    Matcher matcher = ASSIGNMENT.matcher(assignment);
    if (!matcher.matches()) {
      throw new BadInput(
          "\"" + assignment + "\" is no setting of an attack, such as pair.streams=5");
    }
    byAttack
        .computeIfAbsent(matcher.group(1), attack -> new LinkedHashMap<>())
        .put(matcher.group(2), matcher.group(3));
  }

  /** Refuses settings of other attacks, which would be without effect. */
  void checkAmong(List<String> attacks) {
    for (String attack : byAttack.keySet()) {
      if (!attacks.contains(attack)) {
        throw new BadInput(
            "%s.%s is set, but %s is none of the attacks %s"
                .formatted(
                    attack, byAttack.get(attack).keySet().iterator().next(), attack, attacks));
      }
    }
  }

  /** The usual settings of an attack with those that were given. */
  <T extends Record> T of(String attack, T usual) {
    ObjectNode values = JsonLines.MAPPER.valueToTree(usual);
    byAttack
        .getOrDefault(attack, Map.of())
        .forEach(
            (key, value) -> {
              if (!values.has(key)) {
                String keys =
                    values.properties().stream()
                        .map(Map.Entry::getKey)
                        .collect(Collectors.joining(", "));
                throw new BadInput(
                    "%s has no setting \"%s\"; it has %s".formatted(attack, key, keys));
              }
              values.put(key, value);
            });
    try {
      @SuppressWarnings("unchecked")
      Class<T> type = (Class<T>) usual.getClass();
      return JsonLines.MAPPER.treeToValue(values, type);
    } catch (JsonMappingException e) {
      if (e.getCause() instanceof BadInput cause) {
        throw cause;
      }
      String key = e.getPath().isEmpty() ? "" : "." + e.getPath().get(0).getFieldName();
      throw new BadInput(attack + key + ": a number is needed", e);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
