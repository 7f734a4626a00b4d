package io.github.derta.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Python's values as templates see them, and what they are converted to. None is null, a bool
 * Boolean, an int Long, a float Double, a str String, a list List, a dict Map; the others have a
 * record here.
 */
final class JinjaValues {

  /** An argument that is not given, an attribute that a value does not have. */
  static final Object MISSING = new Object();

  private JinjaValues() {}

  /** What is wrong with a template; {@link Jinja} adds the line. */
  static final class Fault extends RuntimeException {
    Fault(String problem) {
      super(problem, null, false, false);
    }
  }

  /** Jinja2's Undefined: prints nothing, is false, and most uses fail for this reason. */
  record Undefined(String reason) {}

  record Tuple(List<Object> items) {}

  /** What the filters safe and escape return. */
  record Markup(String text) {}

  /** {@code dict.items()} and its like, or a range. */
  record View(String name, List<Object> items) {

    boolean isRange() {
      return name.startsWith("range");
    }
  }

  /** A generator: can be iterated once. */
  record Lazy(Iterator<Object> items) {

    static Lazy of(Stream<Object> items) {
      return new Lazy(items.iterator());
    }
  }

  record Namespace(Map<String, Object> attributes) {}

  interface Function {
    Object call(Arguments arguments);
  }

  /** A value with attributes of its own. */
  interface Attributes {
    /** {@return the attribute, or MISSING} */
    Object attribute(String name);
  }

  /** The arguments of a call. */
  record Arguments(List<Object> positional, Map<String, Object> named) {

    static Arguments of(Object... positional) {
      return new Arguments(Arrays.asList(positional), Map.of());
    }

    /** The same without the first positional ones. */
    Arguments from(int first) {
      return new Arguments(positional.subList(first, positional.size()), named);
    }

    /** Values in the order of the parameters, MISSING for those that are not given. */
    Object[] bind(String function, String[] parameters) {
      if (parameters.length == 1 && parameters[0].equals("*")) {
        return positional.toArray();
      }
      Map<String, Object> rest = new HashMap<>(named);
      Object[] values = new Object[parameters.length];
      for (int i = 0; i < values.length; i++) {
        String name = parameters[i].replace("!", "");
        boolean given = i < positional.size();
        values[i] =
            given ? positional.get(i) : rest.containsKey(name) ? rest.remove(name) : MISSING;
        if (values[i] == MISSING && parameters[i].endsWith("!")) {
          throw new Fault(function + " needs " + name.replace("/", ""));
        }
      }
      if (positional.size() > values.length || !rest.isEmpty()) {
        throw new Fault(function + " takes no such arguments");
      }
      return values;
    }
  }

  /** Reads names with their parameters; {@code !} marks what must be given. */
  static Map<String, String[]> signatures(String all) {
    return Stream.of(all.strip().split(";\\s+"))
        .map(signature -> signature.split(" "))
        .collect(
            Collectors.toUnmodifiableMap(
                words -> words[0], words -> Arrays.copyOfRange(words, 1, words.length)));
  }

  static Object or(Object value, Object fallback) {
    return value == MISSING ? fallback : value;
  }

  static boolean truth(Object value) {
    if (value instanceof Boolean bool) {
      return bool;
    }
    Object number = number(value);
    if (number != null) {
      return ((Number) number).doubleValue() != 0;
    }
    return value instanceof Undefined || value == null
        ? false
        : !isSized(value) || length(value) > 0;
  }

  static boolean isSized(Object value) {
    return value instanceof String
        || value instanceof Markup
        || value instanceof List
        || value instanceof Map
        || value instanceof Tuple
        || value instanceof View
        || value instanceof Undefined
        || value instanceof JinjaLoop;
  }

  /** Python's len. */
  static long length(Object value) {
    if (!isSized(value)) {
      throw new Fault("a value of type " + type(value) + " has no length");
    }
    if (value instanceof JinjaLoop loop) {
      return (Long) loop.attribute("length");
    }
    return value instanceof String text
        ? PythonText.length(text)
        : value instanceof Markup markup
            ? PythonText.length(markup.text)
            : value instanceof Map<?, ?> map ? map.size() : list(value).size();
  }

  static boolean isSequence(Object value) {
    return isSized(value)
        && !(value instanceof JinjaLoop)
        && !(value instanceof View view && !view.isRange());
  }

  /** Python's str. */
  static String text(Object value) {
    return value instanceof String text
        ? text
        : value instanceof Markup markup
            ? markup.text
            : value instanceof Undefined ? "" : repr(value);
  }

  /** Python's repr. */
  static String repr(Object value) {
    if (value == null || value instanceof Boolean) {
      return value == null ? "None" : (Boolean) value ? "True" : "False";
    } else if (value instanceof Double number) {
      return PythonText.repr(number);
    } else if (value instanceof Long || value instanceof JinjaLoop || value instanceof JinjaMacro) {
      return value.toString();
    } else if (value instanceof String text) {
      return PythonText.repr(text);
    } else if (value instanceof Markup markup) {
      return "Markup(" + PythonText.repr(markup.text) + ")";
    } else if (value instanceof Undefined) {
      return "Undefined";
    } else if (value instanceof List<?> list) {
      return "[" + reprs(list) + "]";
    } else if (value instanceof Tuple tuple) {
      return "(" + reprs(tuple.items) + (tuple.items.size() == 1 ? ",)" : ")");
    } else if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> repr(entry.getKey()) + ": " + repr(entry.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
    } else if (value instanceof Namespace namespace) {
      return "<Namespace " + repr(namespace.attributes) + ">";
    } else if (value instanceof View view) {
      return view.isRange() ? view.name : view.name + "([" + reprs(view.items) + "])";
    }
    throw new Fault("printing a value of type " + type(value) + " is not supported");
  }

  private static String reprs(List<?> items) {
    return items.stream().map(JinjaValues::repr).collect(Collectors.joining(", "));
  }

  static String type(Object value) {
    return value == null
        ? "None"
        : value instanceof Boolean
            ? "bool"
            : value instanceof Long
                ? "int"
                : value instanceof Double
                    ? "float"
                    : value instanceof String
                        ? "str"
                        : value instanceof List
                            ? "list"
                            : value instanceof Map
                                ? "dict"
                                : value instanceof Function
                                    ? "function"
                                    : value instanceof Lazy
                                        ? "generator"
                                        : value.getClass().getSimpleName();
  }

  /** {@return the value as Long or Double, or null where it is no number} */
  static Object number(Object value) {
    return value instanceof Boolean bool
        ? (Object) (bool ? 1L : 0L)
        : value instanceof Long || value instanceof Double ? value : null;
  }

  static long integer(Object value) {
    if (number(value) instanceof Long integer) {
      return integer;
    }
    throw unusable(value, "an int is needed, not " + type(value));
  }

  static Fault unusable(Object value, String problem) {
    return new Fault(value instanceof Undefined undefined ? undefined.reason : problem);
  }

  static Iterator<Object> iterator(Object value) {
    if (value instanceof Lazy lazy) {
      return lazy.items;
    } else if (value instanceof JinjaLoop) {
      throw new Fault("iterating over loop is not supported");
    }
    return list(value).iterator();
  }

  /** Python's list. */
  @SuppressWarnings("unchecked")
  static List<Object> list(Object value) {
    if (value instanceof List) {
      return (List<Object>) value;
    } else if (value instanceof Tuple tuple) {
      return tuple.items;
    } else if (value instanceof View view) {
      return view.items;
    } else if (value instanceof Map<?, ?> map) {
      return new ArrayList<>(map.keySet());
    } else if (value instanceof Undefined) {
      return List.of();
    } else if (value instanceof String || value instanceof Markup) {
      return text(value).codePoints().<Object>mapToObj(Character::toString).toList();
    } else if (value instanceof Lazy lazy) {
      List<Object> items = new ArrayList<>();
      lazy.items.forEachRemaining(items::add);
      return items;
    }
    throw new Fault("a value of type " + type(value) + " cannot be iterated");
  }

  /** A key of a dict: Python takes 1, 1.0 and True for one key. */
  static Object key(Object key) {
    if (key instanceof List
        || key instanceof Map
        || key instanceof Tuple
        || key instanceof Lazy
        || key instanceof Markup) {
      throw new Fault("a key of a dict cannot be of type " + type(key));
    }
    return key instanceof Double number && number % 1 == 0 || key instanceof Boolean
        ? (Object) ((Number) number(key)).longValue()
        : key;
  }

  /** A key of a new dict; True and 1.0 would be printed as 1. */
  static Object newKey(Object key) {
    if (key instanceof Boolean || key instanceof Double) {
      throw new Fault("a key of a dict of type " + type(key) + " is not supported");
    }
    return key(key);
  }

  /** The map of a call of dict or namespace. */
  static Map<Object, Object> dict(Arguments arguments) {
    Map<Object, Object> dict = new LinkedHashMap<>();
    if (arguments.positional().size() > 1) {
      throw new Fault("dict takes one positional argument");
    }
    for (Object from : arguments.positional()) {
      if (from instanceof Map<?, ?> map) {
        dict.putAll(map);
      } else {
        for (Object pair : list(from)) {
          List<Object> two = list(pair);
          if (two.size() != 2) {
            throw new Fault("dict needs pairs");
          }
          dict.put(newKey(two.get(0)), two.get(1));
        }
      }
    }
    dict.putAll(arguments.named());
    return dict;
  }

  static View range(Arguments arguments) {
    List<Long> given = arguments.positional().stream().map(JinjaValues::integer).toList();
    if (given.isEmpty() || given.size() > 3 || !arguments.named().isEmpty()) {
      throw new Fault("range takes one to three numbers");
    }
    long start = given.size() == 1 ? 0 : given.get(0);
    long stop = given.get(given.size() == 1 ? 0 : 1);
    long step = given.size() == 3 ? given.get(2) : 1;
    if (step == 0 || Math.abs(stop - start) / Math.abs(step) > 100_000) {
      throw new Fault("range needs a step and has at most 100,000 numbers");
    }
    List<Object> items = new ArrayList<>();
    for (long i = start; step < 0 ? i > stop : i < stop; i += step) {
      items.add(i);
    }
    String name = "range(" + start + ", " + stop + (step == 1 ? ")" : ", " + step + ")");
    return new View(name, Collections.unmodifiableList(items));
  }
}
