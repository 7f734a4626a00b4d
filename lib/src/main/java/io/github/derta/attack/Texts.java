package io.github.derta.attack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.github.derta.io.BadInput;
import io.github.derta.io.Hashes;
import io.github.derta.io.JsonLines;
import io.github.derta.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Texts that prompts are made from. */
final class Texts {

  /** Stands for the question in every template. */
  static final String QUESTION = "{question}";

  static final ObjectMapper YAML = new YAMLMapper();

  private Texts() {}

  /** A text beside this class. */
  static String resource(String name) {
    return Resources.text(Texts.class, name);
  }

  /** A user's text. */
  static String read(Path file) {
    try {
      return Files.readString(file).replaceFirst("^\uFEFF", "");
    } catch (IOException e) {
      throw new BadInput(file + ": cannot be read as UTF-8 text (" + e + ")", e);
    }
  }

  /** The records of a JSON Lines text beside this class. */
  static List<JsonLines.Line> records(String name) {
    List<JsonLines.Line> records = new ArrayList<>();
    try {
      for (String line : resource(name).lines().toList()) {
        JsonNode value = JsonLines.MAPPER.readTree(line);
        records.add(new JsonLines.Line(Path.of(name), records.size() + 1L, value));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return records;
  }

  /** The records of a user's JSON Lines file, one at least. */
  static List<JsonLines.Line> records(Path file) {
    List<JsonLines.Line> records = new ArrayList<>();
    JsonLines.read(file, records::add);
    if (records.isEmpty()) {
      throw new BadInput(file + ": holds no record; JSON Lines are needed");
    }
    return records;
  }

  /** A YAML text whose hash is known. */
  static JsonNode yaml(String text) {
    try {
      return YAML.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A template whose {names} are replaced, all at once: a name, its text, and so on. */
  static String fill(String template, String... namesAndTexts) {
    return Resources.fill(template, namesAndTexts);
  }

  /** Settings in this order: a name, its value, and so on. */
  static Map<String, Object> parameters(Object... namesAndValues) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      parameters.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return Collections.unmodifiableMap(parameters);
  }

  /**
   * The first 16 hexadecimal digits of the SHA-256: a changed wording changes the plan of a run.
   */
  static String hash(Object text) {
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    return Hashes.sha256(bytes).substring(0, 16);
  }
}
