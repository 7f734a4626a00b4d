package io.github.derta.text;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Jinja2's trim_blocks and lstrip_blocks, with which transformers renders, applied to a template's
 * source: a newline after a block and blanks before a block that begins its line are dropped.
 * Jinjava's own switches also drop blanks that stand between two tags of one line.
 */
final class JinjaWhitespace {

  private static final String QUOTED = "'(?:[^'\\\\]|\\\\.)*+'|\"(?:[^\"\\\\]|\\\\.)*+\"";

  /** A tag of any of the three kinds; a closing brace inside quotes does not end it. */
  private static final Pattern TAG =
      Pattern.compile(
          "\\{#.*?#}"
              + "|\\{%(?:[^'\"%]|"
              + QUOTED
              + "|%(?!}))*+%}"
              + "|\\{\\{(?:[^'\"}]|"
              + QUOTED
              + "|}(?!}))*+}}",
          Pattern.DOTALL);

  private JinjaWhitespace() {}

  /** The same template for an engine without these switches. */
  static String resolve(String jinja) {
    // Jinja2 drops one newline at the end of a template.
    String source = jinja.endsWith("\n") ? jinja.substring(0, jinja.length() - 1) : jinja;
    StringBuilder resolved = new StringBuilder();
    Matcher tags = TAG.matcher(source);
    boolean lineBegins = true;
    boolean afterBlock = false;
    int at = 0;
    while (tags.find()) {
      String text = source.substring(at, tags.start());
      if (afterBlock && text.startsWith("\n")) {
        text = text.substring(1);
        lineBegins = true;
      }
      String tag = tags.group();
      boolean block = !tag.startsWith("{{");
      boolean kept = tag.charAt(2) == '+';
      if (block && !kept) {
        text = withoutIndent(text, lineBegins);
      }
      resolved.append(text).append(kept ? tag.substring(0, 2) + tag.substring(3) : tag);
      afterBlock = block && tag.charAt(tag.length() - 3) != '+';
      lineBegins = false;
      at = tags.end();
    }
    String rest = source.substring(at);
    return resolved
        .append(afterBlock && rest.startsWith("\n") ? rest.substring(1) : rest)
        .toString();
  }

  private static String withoutIndent(String text, boolean lineBegins) {
    int end = text.length();
    while (end > 0 && (text.charAt(end - 1) == ' ' || text.charAt(end - 1) == '\t')) {
      end--;
    }
    boolean indent = end == 0 ? lineBegins : text.charAt(end - 1) == '\n';
    return indent ? text.substring(0, end) : text;
  }
}
