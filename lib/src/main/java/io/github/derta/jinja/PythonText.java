package io.github.derta.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Python's str where it differs from String: code points, white space, splitting, repr, JSON. */
public final class PythonText {

  /** What str.isspace is true for. */
  static final String BLANKS =
      "\t\n\u000b\f\r\u001c\u001d\u001e\u001f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004"
          + "\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";

  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{C}\\p{Z}&&[^ \n\r\t]]");

  private PythonText() {}

  /**
   * Python's str.strip.
   *
   * @param text a text
   * @param chars what is stripped; null: white space
   * @param left whether it is stripped at the beginning
   * @param right whether it is stripped at the end
   * @return the rest
   */
  public static String strip(String text, String chars, boolean left, boolean right) {
    String set = chars == null ? BLANKS : chars;
    int begin = 0;
    int end = text.length();
    while (left && begin < end && set.indexOf(text.codePointAt(begin)) >= 0) {
      begin = text.offsetByCodePoints(begin, 1);
    }
    while (right && begin < end && set.indexOf(text.codePointBefore(end)) >= 0) {
      end = text.offsetByCodePoints(end, -1);
    }
    return text.substring(begin, end);
  }

  /** The parts between separators; null: between blanks. */
  static List<Object> split(String text, String separator, long limit) {
    if (separator == null) {
      String rest = strip(text, null, true, true);
      if (limit >= 0) {
        throw new Values.Fault("split at blanks with a limit is not supported");
      }
      return rest.isEmpty() ? List.of() : List.of((Object[]) rest.split("[" + BLANKS + "]+"));
    } else if (separator.isEmpty()) {
      throw new Values.Fault("an empty text to search for is not supported");
    }
    int parts = (int) Math.min(Integer.MAX_VALUE, limit + 1);
    return List.of((Object[]) text.split(Pattern.quote(separator), limit < 0 ? -1 : parts));
  }

  /** Each word, as the pattern finds it, with one capital. */
  static String capitalized(String text, String word) {
    if (!text.chars().allMatch(c -> c < 128)) {
      throw new Values.Fault("title and capitalize of a text beyond ASCII are not supported");
    }
    return Pattern.compile(word)
        .matcher(text)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    found.group().substring(0, 1).toUpperCase(Locale.ROOT)
                        + found.group().substring(1).toLowerCase(Locale.ROOT)));
  }

  static String repr(String text) {
    if (UNPRINTABLE.matcher(text).find()) {
      throw new Values.Fault("printing an unprintable character of a list is not supported");
    }
    String escaped =
        text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t");
    String quote = text.contains("'") && !text.contains("\"") ? "\"" : "'";
    return quote + escaped.replace(quote, "\\" + quote) + quote;
  }

  /** Python's json.dumps; a line begins with the indent at each level; null: all in one line. */
  static String json(Object value, String indent, String line) {
    if (value == null || value instanceof Boolean || value instanceof Long) {
      return String.valueOf(value);
    } else if (value instanceof String text) {
      return text.chars().mapToObj(PythonText::escaped).collect(Collectors.joining("", "\"", "\""));
    }
    List<String> items = new ArrayList<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach(
          (key, item) ->
              items.add(
                  json(Values.string(key), null, "") + ": " + json(item, indent, line + indent)));
      return enclosed("{", items, "}", indent, line);
    } else if (value instanceof List || value instanceof Values.Tuple) {
      Values.list(value).forEach(item -> items.add(json(item, indent, line + indent)));
      return enclosed("[", items, "]", indent, line);
    }
    throw new Values.Fault("tojson of a value of type " + Values.type(value) + " is not supported");
  }

  private static String enclosed(
      String open, List<String> items, String close, String indent, String line) {
    if (items.isEmpty() || indent == null) {
      return open + String.join(", ", items) + close;
    }
    return open + line + indent + String.join("," + line + indent, items) + line + close;
  }

  private static String escaped(int c) {
    int simple = "\"\\\n\r\t\f\b".indexOf(c);
    if (simple >= 0) {
      return "\\" + "\"\\nrtfb".charAt(simple);
    }
    return c < ' ' ? String.format("\\u%04x", c) : Character.toString(c);
  }
}
