package io.github.derta.position;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.text.Words;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Prompts that a record may repeat before its response, as those of CompletingAttack do. They come
 * back with white space changed, so white space does not count.
 */
public final class Prompts {

  /** No prompts: nothing is cut. */
  public static final Prompts NONE = new Prompts(new TreeMap<>());

  private static final List<String> FIELDS = List.of("prompt", "question", "instruction");

  /** A prompt without its white space, and the line it stands on. */
  private final TreeMap<String, Long> lines;

  private final Set<String> found = ConcurrentHashMap.newKeySet();

  private Prompts(TreeMap<String, Long> lines) {
    this.lines = lines;
  }

  /**
   * {@return its prompts}
   *
   * @param file records with a field "prompt", "question" or "instruction", or bare strings
   * @throws BadInput if a record has none of these, or there is no record
   */
  public static Prompts read(Path file) {
    TreeMap<String, Long> lines = new TreeMap<>();
    JsonLines.read(file, line -> lines.putIfAbsent(withoutSpace(prompt(line)), line.number()));
    lines.remove("");
    if (lines.isEmpty()) {
      throw new BadInput(file + ": holds no prompt; one JSON record a line is needed");
    }
    return new Prompts(lines);
  }

  /**
   * Looks for the longest prompt at the start of a text.
   *
   * @param text a record
   * @return the index behind the prompt, -1 if the text begins with none
   */
  public int endIn(String text) {
    if (lines.isEmpty()) {
      return -1;
    }
    String packed = withoutSpace(text);
    // A prompt that begins the text begins every string between itself and the text in order, so
    // each step may go on from what the text and the nearest prompt have in common.
    String prompt = lines.floorKey(packed);
    while (prompt != null && !packed.startsWith(prompt)) {
      prompt = lines.floorKey(commonPrefix(prompt, packed));
    }
    if (prompt == null) {
      return -1;
    }
    found.add(prompt);
    int end = 0;
    for (int left = prompt.length(); left > 0; end++) {
      left -= Words.isSpace(text.charAt(end)) ? 0 : 1;
    }
    return end;
  }

  /** {@return the lines of the prompts that no text began with so far, in order} */
  public List<Long> unusedLines() {
    return lines.entrySet().stream()
        .filter(prompt -> !found.contains(prompt.getKey()))
        .map(Map.Entry::getValue)
        .sorted()
        .toList();
  }

  /**
   * {@return the prompt of a record: a bare string, or its field "prompt", "question" or
   * "instruction"}
   *
   * @param line the record
   * @throws BadInput if it has none of these
   */
  public static String prompt(JsonLines.Line line) {
    JsonNode record = line.value();
    if (record.isTextual()) {
      return record.textValue();
    }
    for (String field : FIELDS) {
      if (record.has(field)) {
        return line.text(field);
      }
    }
    throw BadInput.at(
        line.file(), line.number(), "no prompt; a string or one of the fields " + FIELDS);
  }

  /**
   * {@return the text without its white space}
   *
   * @param text any
   */
  public static String withoutSpace(String text) {
    StringBuilder packed = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Words.isSpace(c)) {
        packed.append(c);
      }
    }
    return packed.toString();
  }

  private static String commonPrefix(String a, String b) {
    int i = 0;
    while (i < a.length() && i < b.length() && a.charAt(i) == b.charAt(i)) {
      i++;
    }
    return a.substring(0, i);
  }
}
