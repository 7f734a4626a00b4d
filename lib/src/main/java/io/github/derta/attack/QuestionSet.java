package io.github.derta.attack;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;

/**
 * A question set of others.
 *
 * @param origin what it is and where it was found
 * @param licence of its texts
 * @param file one of {@link Originals}
 * @param entries a pattern of the entries in a wheel, null if the file is none
 * @param field of each record that holds the question, null for lines of text
 */
record QuestionSet(String origin, String licence, String file, String entries, String field) {

  /** All sets by name, in the order of the file. */
  static final Map<String, QuestionSet> ALL = all();

  private static Map<String, QuestionSet> all() {
    try {
      return Texts.YAML.readValue(
          Texts.resource("question-sets.yaml"), new TypeReference<Map<String, QuestionSet>>() {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its questions. */
  List<String> texts(Originals originals) {
    List<String> texts = new ArrayList<>();
    if (entries == null) {
      JsonLines.read(originals.find(file), line -> texts.add(line.text(field)));
    } else {
      originals.entries(file, entries).forEach((name, text) -> read(name, text, texts));
    }
    return texts;
  }

  /** Reads an entry by the ending of its name. */
  void read(String entry, String text, List<String> texts) {
    try {
      switch (entry.substring(entry.lastIndexOf('.'))) {
        case ".jsonl" -> {
          for (String line : text.lines().toList()) {
            texts.add(JsonLines.MAPPER.readTree(line).get(field).textValue());
          }
        }
        case ".csv" ->
            CSVParser.parse(text, CSVFormat.DEFAULT.builder().setHeader().get())
                .forEach(row -> texts.add(row.get(field)));
        case ".prompt" -> {
          for (JsonNode seed : Texts.yaml(text).get("seeds")) {
            texts.add(seed.get(field).textValue());
          }
        }
        default -> text.lines().forEach(texts::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(entry + " has the pinned hash but cannot be read", e);
    }
  }
}
