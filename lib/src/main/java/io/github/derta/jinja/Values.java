package io.github.derta.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Python's values as templates see them, and what they are converted to. None is null, a bool
 * Boolean, an int Long, a str String, a list List, a dict Map; the others have a record here.
 * Operators, comparisons, attributes, items and slices refuse what they do not know.
 */
final class Values {

  /** An argument that is not given, an attribute that a value does not have. */
  static final Object MISSING = new Object();

  private static final Map<String, String> TYPES =
      Map.of("String", "str", "Long", "int", "Boolean", "bool");

  static final int LONGEST = 1 << 26;

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
  record Lazy(Iterator<Object> items) {}

  /** What the filters safe and escape return: can be printed. */
  record Markup(String text) {}

  record Namespace(Map<String, Object> attributes) {}

  interface Function {
    Object call(Arguments arguments);
  }

  /** The arguments of a call. */
  record Arguments(List<Object> positional, Map<String, Object> named) {

    /**
     * Values in the order of the parameters, MISSING for those that are not given; {@code !} marks
     * what must be given, {@code /} what has no name.
     */
    Object[] bind(String function, List<String> parameters) {
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
    String name = value == null ? "None" : value.getClass().getSimpleName();
    String other = value instanceof Function ? "function" : TYPES.getOrDefault(name, name);
    return value instanceof Map ? "dict" : value instanceof List ? "list" : other;
  }

  static Fault unusable(Object value, String problem) {
    return new Fault(value instanceof Undefined undefined ? undefined.reason : problem);
  }

  static boolean truth(Object value) {
    if (number(value) != null) {
      return number(value) != 0;
    } else if (value == null || value instanceof Lazy || value instanceof Namespace) {
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
      return Builtins.stream(lazy.items).toList();
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
    return need(Long.class, value);
  }

  static String string(Object value) {
    return need(String.class, value);
  }

  static <T> T need(Class<T> type, Object value) {
    if (!type.isInstance(value)) {
      throw unusable(
          value,
          "a "
              + TYPES.getOrDefault(type.getSimpleName(), "dict")
              + " is needed, not "
              + type(value));
    }
    return type.cast(value);
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
  static Map<String, Object> dict(Arguments arguments) {
    if (!arguments.positional.isEmpty()) {
      throw new Fault("dict and namespace of anything but names are not supported");
    }
    return new LinkedHashMap<>(arguments.named);
  }

  /** A comparison, in or not in. */
  static boolean holds(String operator, Object left, Object right) {
    return switch (operator) {
      case "==" -> same(left, right);
      case "!=" -> !same(left, right);
      case "in" -> contains(right, left);
      case "not in" -> !contains(right, left);
      case "<" -> integer(left) < integer(right);
      case "<=" -> integer(left) <= integer(right);
      case ">" -> integer(left) > integer(right);
      default -> integer(left) >= integer(right);
    };
  }

  private static boolean same(Object a, Object b) {
    if (number(a) != null && number(b) != null) {
      return number(a).equals(number(b));
    } else if (a == null || b == null) {
      return a == b;
    } else if (!isPlain(a) || !isPlain(b)) {
      throw new Fault("comparing a " + type(isPlain(a) ? b : a) + " is not supported");
    } else if (a instanceof Map<?, ?> map && b instanceof Map<?, ?> other) {
      return map.keySet().equals(other.keySet())
          && map.keySet().stream().allMatch(key -> same(map.get(key), other.get(key)));
    } else if (isOrdered(a) && type(a).equals(type(b))) {
      Iterator<Object> others = list(b).iterator();
      return list(a).size() == list(b).size()
          && list(a).stream().allMatch(item -> same(item, others.next()));
    }
    return a instanceof Undefined ? b instanceof Undefined : a.equals(b);
  }

  private static boolean isPlain(Object value) {
    return number(value) != null
        || List.of("str", "dict", "list", "Tuple", "Undefined").contains(type(value));
  }

  private static boolean isOrdered(Object value) {
    return value instanceof List || value instanceof Tuple;
  }

  private static boolean contains(Object container, Object item) {
    if (container instanceof String text) {
      return text.contains(string(item));
    } else if (container instanceof Map<?, ?> map) {
      return map.containsKey(key(item));
    }
    return Builtins.stream(iterator(container)).anyMatch(each -> same(each, item));
  }

  /** Arithmetic and {@code ~}. */
  static Object binary(String operator, Object a, Object b) {
    if (operator.equals("~")) {
      return limited(text(a) + text(b));
    } else if (operator.equals("+") && a instanceof String text && b instanceof String other) {
      return limited(text + other);
    } else if (operator.equals("+") && isOrdered(a) && type(a).equals(type(b))) {
      List<Object> items = new ArrayList<>(list(a));
      items.addAll(list(b));
      return like(a, items);
    } else if (number(a) == null
        || number(b) == null
        || !List.of("+", "-", "*", "//", "%").contains(operator)) {
      Object undefined = a instanceof Undefined ? a : b;
      throw unusable(undefined, type(a) + " " + operator + " " + type(b) + " is not supported");
    }
    return switch (operator) {
      case "+" -> Math.addExact(number(a), number(b));
      case "-" -> Math.subtractExact(number(a), number(b));
      case "*" -> Math.multiplyExact(number(a), number(b));
      case "//" -> Math.floorDiv(number(a), number(b));
      default -> Math.floorMod(number(a), number(b));
    };
  }

  static String limited(String text) {
    if (text.length() > LONGEST) {
      throw new Fault("a text is longer than " + LONGEST);
    }
    return text;
  }

  /** A str, tuple or list of these items, as the value is. */
  private static Object like(Object value, List<Object> items) {
    return value instanceof Tuple
        ? new Tuple(items)
        : value instanceof String
            ? items.stream().map(Objects::toString).collect(Collectors.joining())
            : items;
  }

  /** {@code value[start:stop:step]}, each part None where it is not given. */
  static Object slice(Object value, Object start, Object stop, Object step) {
    boolean isReversed = start == null && stop == null && Objects.equals(step, -1L);
    if (!(value instanceof String || isOrdered(value)) || step != null && !isReversed) {
      throw unusable(value, "this slice of a " + type(value) + " is not supported");
    }
    List<Object> items = new ArrayList<>(list(value));
    if (isReversed) {
      Collections.reverse(items);
    }
    int end = bound(stop, items.size(), items.size());
    return like(value, items.subList(Math.min(end, bound(start, 0, items.size())), end));
  }

  private static int bound(Object bound, int fallback, int size) {
    long at = bound == null ? fallback : integer(bound);
    return (int) Math.max(0, Math.min(size, at < 0 ? at + size : at));
  }

  /** {@code value.key} where there is a dot, else {@code value[key]}. */
  static Object get(Object value, Object key, boolean dot) {
    Object first = dot ? own(value, (String) key) : element(value, key);
    if (first == MISSING && (dot || key instanceof String)) {
      first = dot ? element(value, key) : own(value, (String) key);
    }
    return or(first, new Undefined("a value of type " + type(value) + " has no " + key));
  }

  static Object element(Object value, Object key) {
    if (value instanceof Undefined || value instanceof View || value instanceof Markup) {
      throw unusable(value, "an item of a " + type(value) + " is not supported");
    } else if (value instanceof Map<?, ?> map) {
      return map.containsKey(key(key)) ? map.get(key) : MISSING;
    } else if (number(key) == null || !(value instanceof String || isOrdered(value))) {
      return MISSING;
    }
    List<Object> items = list(value);
    long at = number(key) < 0 ? number(key) + items.size() : number(key);
    return at < 0 || at >= items.size() ? MISSING : items.get((int) at);
  }

  /** Python's getattr. */
  private static Object own(Object value, String name) {
    if (name.startsWith("__")) {
      throw new Fault("the attribute " + name + " is not supported");
    } else if (value instanceof Namespace namespace) {
      return namespace.attributes().getOrDefault(name, MISSING);
    } else if (value instanceof Loop loop) {
      return loop.attribute(name);
    } else if (value instanceof String || value instanceof Map || isOrdered(value)) {
      return Builtins.method(value, name);
    } else if (value == null) {
      return MISSING;
    }
    throw unusable(value, "the attribute " + name + " of a " + type(value) + " is not supported");
  }
}
