package io.github.derta.text;

import static io.github.derta.text.JinjaValues.or;

import io.github.derta.text.JinjaValues.Fault;
import io.github.derta.text.JinjaValues.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Python's json.dumps, as transformers' filter tojson calls it. */
final class PythonJson {

  private final boolean ascii;
  private final String indent;
  private final String comma;
  private final String colon;
  private final boolean sorted;

  private PythonJson(Object ascii, Object indent, Object separators, Object sorted) {
    this.ascii = JinjaValues.truth(ascii);
    this.sorted = JinjaValues.truth(sorted);
    this.indent =
        indent == null || indent instanceof String
            ? (String) indent
            : (String) JinjaOperators.binary("*", " ", indent);
    List<Object> marks =
        separators == null
            ? List.of(indent == null ? ", " : ",", ": ")
            : JinjaValues.list(separators);
    if (marks.size() != 2) {
      throw new Fault("separators of tojson are two texts");
    }
    this.comma = PythonText.string(marks.get(0));
    this.colon = PythonText.string(marks.get(1));
  }

  /**
   * @param a ensure_ascii, indent, separators and sort_keys, MISSING where not given
   */
  static String write(Object value, Object[] a) {
    return new PythonJson(or(a[0], false), or(a[1], null), or(a[2], null), or(a[3], false))
        .json(value, "\n");
  }

  private String json(Object value, String line) {
    if (value == null || value instanceof Boolean) {
      return String.valueOf(value);
    } else if (value instanceof Long || value instanceof Double) {
      return JinjaValues.repr(value);
    } else if (value instanceof String text) {
      return quoted(text);
    } else if (value instanceof List || value instanceof Tuple) {
      List<String> items = new ArrayList<>();
      JinjaValues.list(value).forEach(item -> items.add(json(item, line + indent)));
      return enclosed("[", items, "]", line);
    } else if (value instanceof Map<?, ?> map) {
      List<String> items = new ArrayList<>();
      List<Object> keys = JinjaValues.list(map);
      if (sorted) {
        keys.sort(JinjaOperators::compare);
      }
      for (Object key : keys) {
        String name = key instanceof String text ? text : json(key, line);
        items.add(quoted(name) + colon + json(map.get(key), line + indent));
      }
      return enclosed("{", items, "}", line);
    }
    throw new Fault("tojson of a value of type " + JinjaValues.type(value));
  }

  private String enclosed(String open, List<String> items, String close, String line) {
    if (items.isEmpty() || indent == null) {
      return open + String.join(comma, items) + close;
    }
    return open + line + indent + String.join(comma + line + indent, items) + line + close;
  }

  private String quoted(String text) {
    return text.chars()
        .mapToObj(c -> escaped((char) c))
        .collect(Collectors.joining("", "\"", "\""));
  }

  private String escaped(char c) {
    int simple = "\"\\\n\r\t\f\b".indexOf(c);
    if (simple >= 0) {
      return "\\" + "\"\\nrtfb".charAt(simple);
    }
    return c < ' ' || ascii && c > '~' ? String.format("\\u%04x", (int) c) : String.valueOf(c);
  }
}
