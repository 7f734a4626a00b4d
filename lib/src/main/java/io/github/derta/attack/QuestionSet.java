package io.github.derta.attack;

import com.fasterxml.jackson.core.type.TypeReference;
import io.github.derta.io.Records;
import io.github.derta.io.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A question set of others.
 *
 * @param origin what it is and where it was found
 * @param licence of its texts
 * @param file one of {@link Originals}
 * @param entries a pattern of the entries in a wheel, null if the file is none
 */
record QuestionSet(String origin, String licence, String file, String entries) {

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
      Records.of(originals.find(file), Role.QUESTION)
          .quiet()
          .forEach(item -> texts.add(item.text(Role.QUESTION)));
    } else {
      originals.entries(file, entries).forEach((name, text) -> read(name, text, texts));
    }
    return texts;
  }

  /** Reads an entry: PyRIT's YAML, or any that {@link Records} reads. */
  static void read(String entry, String text, List<String> texts) {
    if (entry.endsWith(".prompt")) {
      Texts.yaml(text).get("seeds").forEach(seed -> texts.add(seed.get("value").textValue()));
    } else {
      Records.questions(entry, text).quiet().forEach(item -> texts.add(item.text(Role.QUESTION)));
    }
  }
}
