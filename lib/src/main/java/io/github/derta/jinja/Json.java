package io.github.derta.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Python's json.dumps, as transformers' filter tojson calls it.
 *
 * @param indent what a line begins with at each level, or null for one line
 */
record Json(String indent) {

  String write(Object value, String line) {
    if (value == null || value instanceof Boolean || value instanceof Long) {
      return String.valueOf(value);
    } else if (value instanceof String text) {
      return text.chars().mapToObj(Json::escaped).collect(Collectors.joining("", "\"", "\""));
    }
    List<String> items = new ArrayList<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach(
          (key, item) -> {
            String name = write(key instanceof String ? key : write(key, line), line);
            items.add(name + ": " + write(item, line + indent));
          });
      return enclosed("{", items, "}", line);
    } else if (value instanceof List || value instanceof Values.Tuple) {
      Values.list(value).forEach(item -> items.add(write(item, line + indent)));
      return enclosed("[", items, "]", line);
    }
    throw new Values.Fault("tojson of a value of type " + Values.type(value) + " is not supported");
  }

  private String enclosed(String open, List<String> items, String close, String line) {
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
