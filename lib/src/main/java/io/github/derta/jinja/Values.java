package io.github.derta.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Python's values as templates see them, and what they are converted to. None is null, a bool
 * Boolean, an int Long, a str String, a list List, a dict Map; the others have a record here. What
 * a method does not know it refuses.
 */
final class Values {

  /** An argument that is not given, an attribute that a value does not have. */
  static final Object MISSING = new Object();

  private static final Map<String, Class<?>> TYPES =
      Map.of(
          "bool", Boolean.class,
          "int", Long.class,
          "str", String.class,
          "list", List.class,
          "tuple", Tuple.class,
          "dict", Map.class,
          "function", Function.class,
          "generator", Lazy.class,
          "range or part of a dict", View.class,
          "result of safe or escape", Markup.class);

  private Values() {}

  /** What is wrong with a template; the statement adds its line. */
  static final class Fault extends RuntimeException {
    Fault(String problem) {
      super(problem, null, false, false);
    }
  }

  /** Jinja2's Undefined: prints nothing, is false, and most uses fail for this reason. */
  record Undefined(String reason) {}

  record Tuple(List<Object> items) {}

  /** {@code dict.items()} and its like, or a range: can be iterated and counted. */
  record View(List<Object> items) {}

  /** A generator: can be iterated once. */
  record Lazy(Iterator<Object> items) {
    static Lazy of(Stream<Object> items) {
      return new Lazy(items.iterator());
    }
  }

  /** What the filters safe and escape return: can be printed. */
  record Markup(String text) {}

  record Namespace(Map<String, Object> attributes) {}

  interface Function {
    Object call(Arguments arguments);
  }

  /** The arguments of a call. */
  record Arguments(List<Object> positional, Map<String, Object> named) {

    /** The same without the first positional ones. */
    Arguments from(int first) {
      return new Arguments(positional.subList(first, positional.size()), named);
    }

    /**
     * Values in the order of the parameters, MISSING for those that are not given; {@code !} marks
     * what must be given, {@code /} what has no name.
     */
    Object[] bind(String function, List<String> parameters) {
      if (parameters.equals(List.of("*"))) {
        return new Object[] {this};
      }
      Map<String, Object> rest = new HashMap<>(named);
      Object[] values = new Object[parameters.size()];
      for (int i = 0; i < values.length; i++) {
        String name = parameters.get(i).replace("!", "");
        values[i] = rest.containsKey(name) ? rest.remove(name) : MISSING;
        values[i] = i < positional.size() ? positional.get(i) : values[i];
        if (values[i] == MISSING && parameters.get(i).endsWith("!")) {
          throw new Fault(function + " needs " + name.replace("/", ""));
        }
      }
      if (positional.size() > values.length || !rest.isEmpty()) {
        throw new Fault(function + " with such arguments is not supported");
      }
      return values;
    }
  }

  static Object or(Object value, Object fallback) {
    return value == MISSING ? fallback : value;
  }

  static String type(Object value) {
    return TYPES.entrySet().stream()
        .filter(type -> type.getValue().isInstance(value))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(value == null ? "None" : value.getClass().getSimpleName());
  }

  static Fault unusable(Object value, String problem) {
    return new Fault(value instanceof Undefined undefined ? undefined.reason : problem);
  }

  static boolean truth(Object value) {
    if (number(value) != null) {
      return number(value) != 0;
    } else if (value == null
        || value instanceof Lazy
        || value instanceof Namespace
        || value instanceof Function
        || value instanceof Loop) {
      return value != null;
    }
    return length(value) > 0;
  }

  /** Python's len. */
  static long length(Object value) {
    if (value instanceof Lazy) {
      throw new Fault("a generator has no length");
    }
    return list(value).size();
  }

  static Iterator<Object> iterator(Object value) {
    return value instanceof Lazy lazy ? lazy.items : list(value).iterator();
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
    } else if (value instanceof String text) {
      return text.codePoints().<Object>mapToObj(Character::toString).toList();
    } else if (value instanceof Lazy lazy) {
      List<Object> items = new ArrayList<>();
      lazy.items.forEachRemaining(items::add);
      return items;
    }
    throw new Fault("a value of type " + type(value) + " cannot be iterated or counted");
  }

  /** {@return the value of an int or a bool, or null} */
  static Long number(Object value) {
    return value instanceof Boolean bool
        ? Long.valueOf(bool ? 1 : 0)
        : value instanceof Long number ? number : null;
  }

  static long integer(Object value) {
    if (number(value) == null) {
      throw unusable(value, "an int is needed, not " + type(value));
    }
    return number(value);
  }

  static String string(Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw unusable(value, "a str is needed, not " + type(value));
  }

  static Object key(Object key) {
    if (key == null || key instanceof String || key instanceof Long) {
      return key;
    }
    throw new Fault("a key of a dict of type " + type(key) + " is not supported");
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
  private static String repr(Object value) {
    if (value == null) {
      return "None";
    } else if (value instanceof Boolean bool) {
      return bool ? "True" : "False";
    } else if (value instanceof Long) {
      return value.toString();
    } else if (value instanceof String text) {
      return PythonText.repr(text);
    } else if (value instanceof List<?> list) {
      return "[" + reprs(list) + "]";
    } else if (value instanceof Tuple tuple) {
      return "(" + reprs(tuple.items) + (tuple.items.size() == 1 ? ",)" : ")");
    } else if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> repr(entry.getKey()) + ": " + repr(entry.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
    }
    throw new Fault("printing a value of type " + type(value) + " is not supported");
  }

  private static String reprs(List<?> items) {
    return items.stream().map(Values::repr).collect(Collectors.joining(", "));
  }

  /** The entries of a dict as tuples. */
  static List<Object> pairs(Map<?, ?> map) {
    List<Object> pairs = new ArrayList<>();
    map.forEach((key, value) -> pairs.add(new Tuple(Arrays.asList(key, value))));
    return pairs;
  }

  /** The map of a call of dict or namespace. */
  static Map<Object, Object> dict(Arguments arguments) {
    Map<Object, Object> dict = new LinkedHashMap<>();
    for (Object from : arguments.positional) {
      if (!(from instanceof Map<?, ?> map) || arguments.positional.size() > 1) {
        throw new Fault("dict and namespace of anything but names and one dict are not supported");
      }
      dict.putAll(map);
    }
    dict.putAll(arguments.named);
    return dict;
  }
}
