package io.github.derta.text;

import static io.github.derta.text.JinjaValues.integer;
import static io.github.derta.text.JinjaValues.iterator;
import static io.github.derta.text.JinjaValues.key;
import static io.github.derta.text.JinjaValues.list;
import static io.github.derta.text.JinjaValues.number;
import static io.github.derta.text.JinjaValues.text;
import static io.github.derta.text.JinjaValues.type;
import static io.github.derta.text.JinjaValues.unusable;

import io.github.derta.text.JinjaValues.Fault;
import io.github.derta.text.JinjaValues.Markup;
import io.github.derta.text.JinjaValues.Tuple;
import io.github.derta.text.JinjaValues.Undefined;
import io.github.derta.text.JinjaValues.View;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** Python's operators, comparisons and slices. */
final class JinjaOperators {

  private static final int LONGEST = 1 << 26;

  private JinjaOperators() {}

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

  /** Python's {@code a == b}. */
  static boolean same(Object a, Object b) {
    Object x = number(a);
    Object y = number(b);
    if (x != null && y != null) {
      return x instanceof Long && y instanceof Long
          ? x.equals(y)
          : ((Number) x).doubleValue() == ((Number) y).doubleValue();
    } else if (a instanceof Undefined || b instanceof Undefined) {
      return a instanceof Undefined && b instanceof Undefined;
    } else if (a instanceof Map<?, ?> map && b instanceof Map<?, ?> other) {
      return map.keySet().equals(other.keySet())
          && map.keySet().stream().allMatch(key -> same(map.get(key), other.get(key)));
    } else if (areAlike(a, b)) {
      return list(a).size() == list(b).size() && firstDifference(list(a), list(b)) < 0;
    } else if (a instanceof View && b instanceof View) {
      throw new Fault("comparing views of a dict or ranges is not supported");
    } else if (a instanceof Markup || b instanceof Markup) {
      return isText(a) && isText(b) && text(a).equals(text(b));
    }
    return a instanceof String ? a.equals(b) : a == b;
  }

  private static boolean isText(Object value) {
    return value instanceof String || value instanceof Markup;
  }

  private static boolean isOrdered(Object value) {
    return value instanceof List || value instanceof Tuple;
  }

  /** Whether both are lists, or both tuples. */
  private static boolean areAlike(Object a, Object b) {
    return isOrdered(a) && isOrdered(b) && a instanceof List == b instanceof List;
  }

  private static int firstDifference(List<Object> a, List<Object> b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      if (!same(a.get(i), b.get(i))) {
        return i;
      }
    }
    return -1;
  }

  /** The order of two values as Python's {@code <} has it. */
  static int compare(Object a, Object b) {
    Object x = number(a);
    Object y = number(b);
    if (x instanceof Long i && y instanceof Long j) {
      return Long.compare(i, j);
    } else if (x != null && y != null) {
      double p = ((Number) x).doubleValue();
      double q = ((Number) y).doubleValue();
      if (Double.isNaN(p) || Double.isNaN(q)) {
        throw new Fault("comparing nan is not supported");
      }
      return p < q ? -1 : p > q ? 1 : 0;
    } else if (a instanceof String text && b instanceof String other) {
      return Arrays.compare(text.codePoints().toArray(), other.codePoints().toArray());
    } else if (areAlike(a, b)) {
      int different = firstDifference(list(a), list(b));
      return different < 0
          ? Integer.compare(list(a).size(), list(b).size())
          : compare(list(a).get(different), list(b).get(different));
    }
    throw unusable(a instanceof Undefined ? a : b, "cannot order " + type(a) + " and " + type(b));
  }

  static boolean contains(Object container, Object item) {
    if (isText(container)) {
      return text(container).contains(PythonText.string(item));
    } else if (container instanceof Map<?, ?> map) {
      return map.containsKey(key(item));
    }
    Iterator<Object> items = iterator(container);
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
    } else if (a instanceof Undefined || b instanceof Undefined) {
      throw unusable(a instanceof Undefined ? a : b, "");
    } else if (a instanceof Markup || b instanceof Markup) {
      throw new Fault(operator + " after the filter safe or escape is not supported");
    } else if (operator.equals("%") && a instanceof String text) {
      return PythonText.percent(text, b);
    } else if (operator.equals("+") && a instanceof String text && b instanceof String other) {
      return limited(text + other);
    } else if (operator.equals("+") && areAlike(a, b)) {
      List<Object> items = new ArrayList<>(list(a));
      items.addAll(list(b));
      return like(a, items);
    } else if (operator.equals("*") && (isText(a) || isOrdered(a))) {
      return repeat(a, integer(b));
    } else if (operator.equals("*") && (isText(b) || isOrdered(b))) {
      return repeat(b, integer(a));
    }
    Object x = number(a);
    Object y = number(b);
    if (x == null || y == null) {
      throw new Fault("cannot compute " + type(a) + " " + operator + " " + type(b));
    }
    boolean divides = operator.equals("/") || operator.equals("//") || operator.equals("%");
    if (divides && ((Number) y).doubleValue() == 0) {
      throw new Fault("division by zero");
    }
    return x instanceof Long i && y instanceof Long j && !operator.equals("/")
        ? integers(operator, i, j)
        : floats(operator, ((Number) x).doubleValue(), ((Number) y).doubleValue());
  }

  private static Object integers(String operator, long i, long j) {
    return switch (operator) {
      case "+" -> Math.addExact(i, j);
      case "-" -> Math.subtractExact(i, j);
      case "*" -> Math.multiplyExact(i, j);
      case "//" -> Math.floorDiv(i, j);
      case "%" -> Math.floorMod(i, j);
      default ->
          j < 0
              ? floats(operator, i, j)
              : (Object) BigInteger.valueOf(i).pow((int) Math.min(j, 98 + j % 2)).longValueExact();
    };
  }

  private static Object floats(String operator, double x, double y) {
    double result =
        switch (operator) {
          case "+" -> x + y;
          case "-" -> x - y;
          case "*" -> x * y;
          case "/" -> x / y;
          case "//" -> Math.floor((x - modulo(x, y)) / y + 0.5);
          case "%" -> modulo(x, y);
          default -> Math.pow(x, y);
        };
    if (Double.isNaN(result) || Double.isInfinite(result)) {
      throw new Fault("the result of " + operator + " is no finite number");
    }
    return result;
  }

  private static double modulo(double x, double y) {
    double rest = x % y;
    return rest == 0 ? Math.copySign(0, y) : rest < 0 == y < 0 ? rest : rest + y;
  }

  static Object negative(Object value) {
    return binary("*", unsigned(value), -1L);
  }

  static Object unsigned(Object value) {
    if (number(value) == null) {
      throw unusable(value, "a sign before a value of type " + type(value));
    }
    return number(value);
  }

  private static Object repeat(Object value, long times) {
    if (value instanceof String text) {
      limit(Math.multiplyExact(times, (long) text.length()));
      return text.repeat((int) Math.max(0, text.isEmpty() ? 0 : times));
    }
    List<Object> once = list(value);
    limit(Math.multiplyExact(times, (long) once.size()));
    List<Object> items = new ArrayList<>();
    for (long i = 0; i < times && !once.isEmpty(); i++) {
      items.addAll(once);
    }
    return like(value, items);
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

  /** {@code value[start:stop:step]}, each part None where it is not given. */
  static Object slice(Object value, Object start, Object stop, Object step) {
    if (!JinjaValues.isSequence(value) || value instanceof Map || value instanceof Undefined) {
      throw unusable(value, "a value of type " + type(value) + " has no slices");
    } else if (value instanceof View || value instanceof Markup) {
      throw new Fault("a slice of a " + type(value) + " is not supported");
    }
    List<Object> items = list(value);
    long most = items.size() + 1L;
    long by = step == null ? 1 : Math.max(-most, Math.min(most, integer(step)));
    if (by == 0) {
      throw new Fault("the step of a slice is zero");
    }
    long last = by < 0 ? items.size() - 1 : items.size();
    long first = by < 0 ? -1 : 0;
    long begin = start == null ? (by < 0 ? last : first) : bound(start, items.size(), first, last);
    long end = stop == null ? (by < 0 ? first : last) : bound(stop, items.size(), first, last);
    List<Object> part = new ArrayList<>();
    for (long i = begin; by < 0 ? i > end : i < end; i += by) {
      part.add(items.get((int) i));
    }
    return like(value, part);
  }

  /** A str, tuple or list of these items, as the value is. */
  private static Object like(Object value, List<Object> items) {
    return value instanceof Tuple
        ? new Tuple(items)
        : value instanceof String
            ? items.stream().map(Objects::toString).collect(Collectors.joining())
            : items;
  }

  private static long bound(Object bound, int size, long first, long last) {
    long at = integer(bound);
    return Math.max(first, Math.min(last, at < 0 ? at + size : at));
  }
}
