package io.github.derta.jinja;

import static io.github.derta.jinja.Values.MISSING;
import static io.github.derta.jinja.Values.integer;
import static io.github.derta.jinja.Values.key;
import static io.github.derta.jinja.Values.list;
import static io.github.derta.jinja.Values.number;
import static io.github.derta.jinja.Values.or;
import static io.github.derta.jinja.Values.string;
import static io.github.derta.jinja.Values.text;
import static io.github.derta.jinja.Values.type;
import static io.github.derta.jinja.Values.unusable;

import io.github.derta.jinja.Values.Fault;
import io.github.derta.jinja.Values.Markup;
import io.github.derta.jinja.Values.Namespace;
import io.github.derta.jinja.Values.Tuple;
import io.github.derta.jinja.Values.Undefined;
import io.github.derta.jinja.Values.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** Python's operators, comparisons, attributes, items and slices. */
final class Operators {

  private static final int LONGEST = 1 << 26;

  private Operators() {}

  /** A comparison, in or not in. */
  static boolean holds(String operator, Object left, Object right) {
    return switch (operator) {
      case "==" -> same(left, right);
      case "!=" -> !same(left, right);
      case "in" -> contains(right, left);
      case "not in" -> !contains(right, left);
      case "<" -> compare(left, right) < 0;
      case "<=" -> compare(left, right) <= 0;
      case ">" -> compare(left, right) > 0;
      default -> compare(left, right) >= 0;
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
        || value instanceof String
        || value instanceof Map
        || value instanceof Undefined
        || isOrdered(value);
  }

  private static boolean isOrdered(Object value) {
    return value instanceof List || value instanceof Tuple;
  }

  private static int compare(Object a, Object b) {
    if (number(a) != null && number(b) != null) {
      return number(a).compareTo(number(b));
    } else if (a instanceof String text && b instanceof String other) {
      return Arrays.compare(text.codePoints().toArray(), other.codePoints().toArray());
    }
    throw unsupported("<", a, b);
  }

  private static Fault unsupported(String operator, Object a, Object b) {
    return unusable(
        a instanceof Undefined ? a : b,
        type(a) + " " + operator + " " + type(b) + " is not supported");
  }

  private static boolean contains(Object container, Object item) {
    if (container instanceof String text) {
      return text.contains(string(item));
    } else if (container instanceof Map<?, ?> map) {
      return map.containsKey(key(item));
    }
    Iterator<Object> items = Values.iterator(container);
    while (items.hasNext()) {
      if (same(items.next(), item)) {
        return true;
      }
    }
    return false;
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
      limit(items.size());
      return like(a, items);
    } else if (operator.equals("*") && a instanceof String text && b instanceof Long times) {
      limit(Math.multiplyExact(times, text.length()));
      return text.repeat((int) Math.max(0, text.isEmpty() ? 0 : times));
    } else if (number(a) == null || number(b) == null) {
      throw unsupported(operator, a, b);
    }
    long i = number(a);
    long j = number(b);
    return switch (operator) {
      case "+" -> Math.addExact(i, j);
      case "-" -> Math.subtractExact(i, j);
      case "*" -> Math.multiplyExact(i, j);
      case "//" -> Math.floorDiv(i, j);
      case "%" -> Math.floorMod(i, j);
      default -> throw unsupported(operator, a, b);
    };
  }

  static String limited(String text) {
    limit(text.length());
    return text;
  }

  static void limit(long length) {
    if (length > LONGEST) {
      throw new Fault("a text or list is longer than " + LONGEST);
    }
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
    if (!(value instanceof String || isOrdered(value))) {
      throw unusable(value, "a slice of a " + type(value) + " is not supported");
    }
    List<Object> items = list(value);
    int size = items.size();
    long by = step == null ? 1 : Math.max(-size - 1, Math.min(size + 1, integer(step)));
    if (by == 0) {
      throw new Fault("the step of a slice is zero");
    }
    List<Object> part = new ArrayList<>();
    long begin = bound(start, by > 0 ? 0 : size - 1, size, by);
    long end = bound(stop, by > 0 ? size : -1, size, by);
    for (long i = begin; by < 0 ? i > end : i < end; i += by) {
      part.add(items.get((int) i));
    }
    return like(value, part);
  }

  private static long bound(Object bound, long fallback, int size, long by) {
    if (bound == null) {
      return fallback;
    }
    long at = integer(bound) < 0 ? integer(bound) + size : integer(bound);
    return by > 0 ? Math.max(0, Math.min(size, at)) : Math.max(-1, Math.min(size - 1, at));
  }

  /** {@code value.name} */
  static Object attribute(Object value, String name) {
    Object own = own(value, name);
    return own != MISSING ? own : or(element(value, name), undefined(value, name));
  }

  /** {@code value[key]} */
  static Object item(Object value, Object key) {
    Object element = element(value, key);
    if (element == MISSING && key instanceof String name) {
      element = own(value, name);
    }
    return or(element, undefined(value, key));
  }

  private static Undefined undefined(Object value, Object key) {
    String name = key instanceof String || key instanceof Long ? " " + key : " such item";
    return new Undefined("a value of type " + type(value) + " has no" + name);
  }

  private static Object element(Object value, Object key) {
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
