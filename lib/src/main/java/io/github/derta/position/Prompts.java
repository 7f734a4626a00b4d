package io.github.derta.position;

import io.github.derta.io.BadInput;
import io.github.derta.io.Records;
import io.github.derta.io.Role;
import io.github.derta.text.Words;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Prompts that a record may repeat before its response, as those of CompletingAttack do. They come
 * back with white space changed, so white space does not count.
 */
public final class Prompts {

  /** No prompts: nothing is cut. */
  public static final Prompts NONE = new Prompts(Map.of());

  /** A prompt without its white space, and the line it stands on. */
  private final Map<String, Long> lines;

  private final TreeSet<Integer> lengths = new TreeSet<>();

  private final Set<String> found = ConcurrentHashMap.newKeySet();

  private Prompts(Map<String, Long> lines) {
    this.lines = lines;
    lines.keySet().forEach(prompt -> lengths.add(prompt.length()));
  }

  /**
   * {@return its prompts}
   *
   * @param file records of any shape that {@link Records} knows, or text with a prompt a line
   * @throws BadInput if there is none
   */
  public static Prompts read(Path file) {
    Map<String, Long> lines = new HashMap<>();
    Records.of(file, Role.QUESTION)
        .forEach(
            item -> lines.putIfAbsent(withoutSpace(item.text(Role.PROMPT)), item.line().number()));
    lines.remove("");
    return new Prompts(lines);
  }

  /**
   * Looks for the longest prompt at the start of a text.
   *
   * @param text a record
   * @return the index behind the prompt, -1 if the text begins with none
   */
  public int endIn(String text) {
    String packed = withoutSpace(text);
    String prompt =
        lengths.descendingSet().stream()
            .filter(length -> length <= packed.length())
            .map(length -> packed.substring(0, length))
            .filter(lines::containsKey)
            .findFirst()
            .orElse(null);
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
}
