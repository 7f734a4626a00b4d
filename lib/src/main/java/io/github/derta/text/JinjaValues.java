package io.github.derta.text;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Python's values and operators as templates see them. None is null, a bool Boolean, an int Long, a
 * float Double, a str String, a list List, a dict Map; the others have a record here.
 */
final class JinjaValues {

  /** An argument that is not given, an attribute that a value does not have. */
  static final Object MISSING = new Object();

  private static final int LONGEST = 1 << 26;

  private static final Set<String> DICT_METHODS = Set.of("items", "keys", "values", "get", "copy");
  private static final Set<String> LIST_METHODS = Set.of("index", "count");
  private static final Set<String> FORBIDDEN =
      Set.of("clear", "pop", "popitem", "setdefault", "update");

  /** Methods of Python that are refused by name. */
  private static final Set<String> UNSUPPORTED =
      Set.of(
          ("str.casefold str.center str.encode str.expandtabs str.format_map str.isascii"
                  + " str.isdecimal str.isidentifier str.isnumeric str.isprintable str.istitle"
                  + " str.ljust str.maketrans str.rjust str.swapcase str.translate str.zfill"
                  + " dict.fromkeys list.copy")
              .split(" "));

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

  /** Reads lines of a name and its parameters; {@code !} marks what must be given. */
  static Map<String, String[]> signatures(String lines) {
    return lines
        .lines()
        .map(line -> line.split(" "))
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

  private static Fault unusable(Object value, String problem) {
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
    if (container instanceof String text) {
      return text.contains(PythonText.string(item));
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

  /** A key of a dict: Python takes 1, 1.0 and True for one key. */
  static Object key(Object key) {
    if (key instanceof List || key instanceof Map || key instanceof Tuple || key instanceof Lazy) {
      throw new Fault("a key of a dict cannot be of type " + type(key));
    }
    return key instanceof Double number && number % 1 == 0 || key instanceof Boolean
        ? (Object) ((Number) number(key)).longValue()
        : key;
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
      return a instanceof Tuple ? new Tuple(items) : items;
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
              : (Object) BigInteger.valueOf(i).pow((int) Math.min(j, 99)).longValueExact();
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
      limit(times * text.length());
      return text.repeat((int) Math.max(0, times));
    }
    limit(times * list(value).size());
    List<Object> items = new ArrayList<>();
    for (long i = 0; i < times; i++) {
      items.addAll(list(value));
    }
    return value instanceof Tuple ? new Tuple(items) : items;
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
    return new Undefined("a value of type " + type(value) + " has no " + text(key));
  }

  private static Object element(Object value, Object key) {
    if (value instanceof Undefined undefined) {
      throw new Fault(undefined.reason);
    } else if (value instanceof Map<?, ?> map) {
      boolean hashable = !(key instanceof List || key instanceof Map || key instanceof Tuple);
      return hashable && map.containsKey(key(key)) ? map.get(key(key)) : MISSING;
    } else if (!isSequence(value) || !(number(key) instanceof Long)) {
      return MISSING;
    }
    List<Object> items = list(value);
    long index = integer(key);
    long at = index < 0 ? index + items.size() : index;
    return at < 0 || at >= items.size() ? MISSING : items.get((int) at);
  }

  /** Python's getattr, without what the sandbox forbids. */
  static Object own(Object value, String name) {
    if (value instanceof Undefined undefined) {
      throw new Fault(undefined.reason);
    } else if (name.startsWith("_")) {
      return MISSING;
    } else if (UNSUPPORTED.contains(type(value) + "." + name)) {
      throw new Fault(type(value) + "." + name + " is not supported");
    } else if (value instanceof Map && FORBIDDEN.contains(name)) {
      return new Undefined("the sandbox forbids dict." + name);
    } else if (value instanceof Namespace namespace) {
      return namespace.attributes.getOrDefault(name, MISSING);
    } else if (value instanceof Attributes attributes) {
      return attributes.attribute(name);
    } else if (value instanceof String text) {
      return PythonText.METHODS.containsKey(name)
          ? (Function) arguments -> PythonText.call(text, name, arguments)
          : MISSING;
    } else if (value instanceof Map<?, ?> map && DICT_METHODS.contains(name)) {
      return (Function) arguments -> dictMethod(map, name, arguments);
    } else if (isOrdered(value) && LIST_METHODS.contains(name)) {
      return (Function) arguments -> find(list(value), name, arguments);
    }
    return MISSING;
  }

  private static Object dictMethod(Map<?, ?> map, String name, Arguments arguments) {
    if (name.equals("get")) {
      Object[] a = arguments.bind("dict.get", new String[] {"/key!", "/default"});
      return map.containsKey(key(a[0])) ? map.get(key(a[0])) : or(a[1], null);
    }
    arguments.bind("dict." + name, new String[0]);
    return switch (name) {
      case "items" -> new View("dict_items", pairs(map));
      case "keys" -> new View("dict_keys", list(map));
      case "values" -> new View("dict_values", new ArrayList<>(map.values()));
      default -> new LinkedHashMap<>(map);
    };
  }

  /** The entries of a dict as tuples. */
  static List<Object> pairs(Map<?, ?> map) {
    List<Object> pairs = new ArrayList<>();
    map.forEach((key, value) -> pairs.add(new Tuple(Arrays.asList(key, value))));
    return pairs;
  }

  private static Object find(List<Object> items, String name, Arguments arguments) {
    Object item = arguments.bind("list." + name, new String[] {"/value!"})[0];
    Predicate<Object> isItem = each -> same(each, item);
    if (name.equals("count")) {
      return items.stream().filter(isItem).count();
    }
    for (int i = 0; i < items.size(); i++) {
      if (isItem.test(items.get(i))) {
        return (long) i;
      }
    }
    throw new Fault(repr(item) + " is not in the list");
  }

  /** {@code value[start:stop:step]}, each part None where it is not given. */
  static Object slice(Object value, Object start, Object stop, Object step) {
    if (!isSequence(value) || value instanceof Map || value instanceof Undefined) {
      throw unusable(value, "a value of type " + type(value) + " has no slices");
    } else if (value instanceof View || value instanceof Markup) {
      throw new Fault("a slice of a " + type(value) + " is not supported");
    }
    List<Object> items = list(value);
    long by = step == null ? 1 : integer(step);
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
    return value instanceof Tuple
        ? new Tuple(part)
        : value instanceof String
            ? part.stream().map(Objects::toString).collect(Collectors.joining())
            : part;
  }

  private static long bound(Object bound, int size, long first, long last) {
    long at = integer(bound);
    return Math.max(first, Math.min(last, at < 0 ? at + size : at));
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
          dict.put(key(two.get(0)), two.get(1));
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
