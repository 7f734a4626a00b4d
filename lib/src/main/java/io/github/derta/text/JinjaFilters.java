package io.github.derta.text;

import static io.github.derta.text.JinjaValues.or;

import io.github.derta.text.JinjaValues.Arguments;
import io.github.derta.text.JinjaValues.Fault;
import io.github.derta.text.JinjaValues.Lazy;
import io.github.derta.text.JinjaValues.Markup;
import io.github.derta.text.JinjaValues.Tuple;
import io.github.derta.text.JinjaValues.Undefined;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.Spliterators;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The filters, as Jinja2 3.1.6 and transformers (tojson) define them. */
final class JinjaFilters {

  private static final Map<String, String[]> FILTERS =
      JinjaValues.signatures(
          """
          abs; attr name!; capitalize; count; d default_value boolean;
          default default_value boolean; dictsort case_sensitive by reverse; e; escape; first;
          float default; format *; indent width first blank; int default base; items;
          join d attribute; last; length; list; lower; map *; max case_sensitive attribute;
          min case_sensitive attribute; reject *; rejectattr *; replace old! new! count; reverse;
          round precision method; safe; select *; selectattr *;
          sort reverse case_sensitive attribute; string; sum attribute start; title;
          tojson ensure_ascii indent separators sort_keys; trim chars;
          unique case_sensitive attribute; upper
          """);

  private static final Set<String> TAKE_MARKUP =
      Set.of("safe", "e", "escape", "length", "count", "default", "d", "string");

  private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]+(?:_[0-9]+)*");

  private static final Pattern FLOAT =
      Pattern.compile(
          "[-+]?(?:[0-9]+(?:_[0-9]+)*\\.?|\\.(?=[0-9]))(?:[0-9]+(?:_[0-9]+)*)?(?:[eE][-+]?[0-9]+)?");

  private static final Pattern WORD =
      Pattern.compile("([-({\\[<B]*)([^-({\\[<B]*)".replace("B", PythonText.BLANKS));

  private JinjaFilters() {}

  static boolean isFilter(String name) {
    return FILTERS.containsKey(name);
  }

  /** {@code value | name(arguments)} */
  static Object apply(String name, Object value, Arguments arguments) {
    if (!isFilter(name)) {
      throw new Fault("the filter " + name + " is not supported");
    } else if (value instanceof Markup && !TAKE_MARKUP.contains(name)) {
      throw new Fault(name + " after the filter safe or escape is not supported");
    }
    Object[] a = arguments.bind(name, FILTERS.get(name));
    return switch (name) {
      case "abs" -> absolute(value);
      case "attr" ->
          or(
              JinjaAttributes.own(value, PythonText.string(a[0])),
              new Undefined("no such attribute"));
      case "capitalize" -> PythonText.capitalize(JinjaValues.text(value));
      case "count", "length" -> JinjaValues.length(value);
      case "d", "default" -> {
        boolean fails =
            value instanceof Undefined
                || JinjaValues.truth(or(a[1], false)) && !JinjaValues.truth(value);
        yield fails ? or(a[0], "") : value;
      }
      case "dictsort" -> dictsort(value, a);
      case "e", "escape" -> value instanceof Markup ? value : escape(JinjaValues.text(value));
      case "first" -> {
        Iterator<Object> items = JinjaValues.iterator(value);
        yield items.hasNext() ? items.next() : new Undefined("first of nothing");
      }
      case "float" -> decimal(value, or(a[0], 0.0));
      case "format" -> format(value, arguments);
      case "indent" -> indent(PythonText.string(value), a);
      case "int" -> integer(value, a);
      case "items" -> items(value);
      case "join" -> join(value, JinjaValues.text(or(a[0], "")), or(a[1], null));
      case "last" -> {
        List<Object> items = reversible(value);
        yield items.isEmpty() ? new Undefined("last of nothing") : items.get(items.size() - 1);
      }
      case "list" -> JinjaValues.list(value);
      case "lower" -> JinjaValues.text(value).toLowerCase(Locale.ROOT);
      case "map" -> map(value, arguments);
      case "max", "min" -> extreme(value, name.equals("max"), a);
      case "reject", "select", "rejectattr", "selectattr" -> select(name, value, arguments);
      case "replace" ->
          PythonText.replace(
              JinjaValues.text(value),
              JinjaValues.text(a[0]),
              JinjaValues.text(a[1]),
              or(a[2], null) == null ? -1 : JinjaValues.integer(a[2]));
      case "reverse" -> reverse(value);
      case "round" -> round(value, JinjaValues.integer(or(a[0], 0L)), or(a[1], "common"));
      case "safe" -> new Markup(JinjaValues.text(value));
      case "sort" -> sort(value, a);
      case "string" -> value instanceof Markup ? value : JinjaValues.text(value);
      case "sum" -> sum(value, or(a[0], null), or(a[1], 0L));
      case "title" ->
          WORD.matcher(JinjaValues.text(value))
              .replaceAll(
                  word -> Matcher.quoteReplacement(word.group(1) + upperFirst(word.group(2))));
      case "tojson" -> PythonJson.write(value, a);
      case "trim" -> PythonText.strip(JinjaValues.text(value), or(a[0], null), true, true);
      case "unique" -> unique(value, a);
      default -> JinjaValues.text(value).toUpperCase(Locale.ROOT);
    };
  }

  private static String upperFirst(String word) {
    if (word.isEmpty()) {
      return word;
    }
    int rest = word.offsetByCodePoints(0, 1);
    return word.substring(0, rest).toUpperCase(Locale.ROOT)
        + word.substring(rest).toLowerCase(Locale.ROOT);
  }

  private static Markup escape(String text) {
    return new Markup(
        text.replace("&", "&amp;")
            .replace("<", "&lt;")
            .replace(">", "&gt;")
            .replace("'", "&#39;")
            .replace("\"", "&#34;"));
  }

  private static Object absolute(Object value) {
    Object number = JinjaOperators.unsigned(value);
    return number instanceof Long integer
        ? (Object) Math.absExact(integer)
        : Math.abs((Double) number);
  }

  private static Object decimal(Object value, Object fallback) {
    if (value instanceof String text) {
      String digits = PythonText.strip(text, null, true, true);
      if (digits.matches("(?i)[-+]?(inf|infinity|nan)")) {
        throw new Fault("the float " + digits + " is not supported");
      }
      return FLOAT.matcher(digits).matches() ? Double.valueOf(digits.replace("_", "")) : fallback;
    } else if (value instanceof Undefined undefined) {
      throw new Fault(undefined.reason());
    }
    Object number = JinjaValues.number(value);
    return number == null ? fallback : (Object) ((Number) number).doubleValue();
  }

  private static Object integer(Object value, Object[] a) {
    if (JinjaValues.integer(or(a[1], 10L)) != 10) {
      throw new Fault("int with a base other than 10 is not supported");
    }
    String text = value instanceof String string ? PythonText.strip(string, null, true, true) : "";
    Object number = INTEGER.matcher(text).matches() ? text.replace("_", "") : null;
    number = number == null ? decimal(value, null) : number;
    if (JinjaValues.number(value) instanceof Long integer) {
      return integer;
    }
    return number == null
        ? or(a[0], 0L)
        : new BigDecimal(number.toString()).toBigInteger().longValueExact();
  }

  private static Object format(Object value, Arguments arguments) {
    if (!arguments.named().isEmpty() && !arguments.positional().isEmpty()) {
      throw new Fault("format takes arguments with or without names, not both");
    }
    return PythonText.percent(
        JinjaValues.text(value),
        arguments.named().isEmpty() ? new Tuple(arguments.positional()) : arguments.named());
  }

  private static String indent(String text, Object[] a) {
    Object width = or(a[0], 4L);
    String indent =
        width instanceof String string ? string : (String) JinjaOperators.binary("*", " ", width);
    boolean blank = JinjaValues.truth(or(a[2], false));
    List<Object> lines = PythonText.lines(text + "\n", false);
    StringBuilder indented = new StringBuilder(JinjaValues.truth(or(a[1], false)) ? indent : "");
    for (int i = 0; i < lines.size(); i++) {
      String line = (String) lines.get(i);
      boolean indents = i > 0 && (blank || !line.isEmpty());
      indented.append(i > 0 ? "\n" : "").append(indents ? indent : "").append(line);
    }
    return indented.toString();
  }

  private static Lazy items(Object value) {
    if (!(value instanceof Undefined || value instanceof Map)) {
      throw new Fault("items needs a dict, not " + JinjaValues.type(value));
    }
    return Lazy.of(
        value instanceof Map<?, ?> map ? JinjaAttributes.pairs(map).stream() : Stream.of());
  }

  private static String join(Object value, String separator, Object attribute) {
    UnaryOperator<Object> getter = getter(attribute, null);
    return JinjaOperators.limited(
        JinjaValues.list(value).stream()
            .map(item -> JinjaValues.text(getter.apply(item)))
            .collect(Collectors.joining(separator)));
  }

  private static List<Object> reversible(Object value) {
    if (value instanceof Lazy) {
      throw new Fault("a generator has no last item");
    }
    return JinjaValues.list(value);
  }

  private static Object reverse(Object value) {
    if (value instanceof String text) {
      return PythonText.reverse(text);
    }
    List<Object> items = new ArrayList<>(JinjaValues.list(value));
    Collections.reverse(items);
    return value instanceof Lazy ? items : Lazy.of(items.stream());
  }

  /** A stream that takes no item before it is asked for. */
  static Stream<Object> stream(Iterator<Object> items) {
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(items, 0), false);
  }

  private static Stream<Object> whereTrue(Object value) {
    return JinjaValues.truth(value) ? stream(JinjaValues.iterator(value)) : Stream.of();
  }

  private static Lazy map(Object value, Arguments arguments) {
    if (arguments.positional().isEmpty()) {
      Object[] a = arguments.bind("map", new String[] {"attribute!", "default"});
      return Lazy.of(whereTrue(value).map(getter(a[0], or(a[1], null))));
    }
    String filter = PythonText.string(arguments.positional().get(0));
    return Lazy.of(whereTrue(value).map(item -> apply(filter, item, arguments.from(1))));
  }

  private static Lazy select(String name, Object value, Arguments arguments) {
    int tested = name.endsWith("attr") ? 1 : 0;
    List<Object> given = arguments.positional();
    if (given.size() < tested) {
      throw new Fault(name + " needs the name of an attribute");
    }
    UnaryOperator<Object> getter = getter(tested == 0 ? null : given.get(0), null);
    String test = given.size() == tested ? null : PythonText.string(given.get(tested));
    Arguments rest = test == null ? arguments : arguments.from(tested + 1);
    boolean wanted = name.startsWith("select");
    return Lazy.of(
        whereTrue(value)
            .filter(
                item -> {
                  Object tried = getter.apply(item);
                  return wanted
                      == (test == null
                          ? JinjaValues.truth(tried)
                          : JinjaTests.test(test, tried, rest));
                }));
  }

  /** Jinja2's make_attrgetter: names with dots between. */
  private static UnaryOperator<Object> getter(Object attribute, Object fallback) {
    if (attribute == null) {
      return item -> item;
    }
    List<Object> parts =
        attribute instanceof String path
            ? Stream.of(path.split("\\.", -1))
                .map(part -> part.matches("[0-9]{1,9}") ? (Object) Long.valueOf(part) : part)
                .toList()
            : List.of(attribute);
    return item -> {
      Object value = item;
      for (Object part : parts) {
        value = JinjaAttributes.item(value, part);
        value = fallback != null && value instanceof Undefined ? fallback : value;
      }
      return value;
    };
  }

  /** What values are ordered by: texts in lower case, unless case counts. */
  private static UnaryOperator<Object> key(Object attribute, Object caseSensitive) {
    UnaryOperator<Object> getter = getter(or(attribute, null), null);
    boolean asIs = JinjaValues.truth(or(caseSensitive, false));
    return item ->
        getter.apply(item) instanceof String text && !asIs
            ? text.toLowerCase(Locale.ROOT)
            : getter.apply(item);
  }

  private static List<Object> sorted(
      List<Object> items, UnaryOperator<Object> key, boolean reverse) {
    Comparator<Object> order = (a, b) -> JinjaOperators.compare(key.apply(a), key.apply(b));
    return items.stream().sorted(reverse ? order.reversed() : order).toList();
  }

  private static List<Object> sort(Object value, Object[] a) {
    List<UnaryOperator<Object>> keys =
        a[2] instanceof String names
            ? Stream.of(names.split(",", -1)).map(name -> key(name, a[1])).toList()
            : List.of(key(a[2], a[1]));
    return sorted(
        JinjaValues.list(value),
        item -> keys.stream().map(key -> key.apply(item)).toList(),
        JinjaValues.truth(or(a[0], false)));
  }

  private static List<Object> dictsort(Object value, Object[] a) {
    Object by = or(a[1], "key");
    if (!(value instanceof Map<?, ?> map) || !"key".equals(by) && !"value".equals(by)) {
      throw new Fault("dictsort sorts a dict by \"key\" or \"value\"");
    }
    return sorted(
        JinjaAttributes.pairs(map),
        key(by.equals("key") ? 0L : 1L, a[0]),
        JinjaValues.truth(or(a[2], false)));
  }

  private static Object extreme(Object value, boolean greatest, Object[] a) {
    List<Object> items = JinjaValues.list(value);
    if (items.isEmpty()) {
      return new Undefined((greatest ? "max" : "min") + " of nothing");
    }
    return sorted(items, key(a[1], a[0]), greatest).get(0);
  }

  private static Lazy unique(Object value, Object[] a) {
    UnaryOperator<Object> key = key(a[1], a[0]);
    List<Object> seen = new ArrayList<>();
    return Lazy.of(
        stream(JinjaValues.iterator(value))
            .filter(
                item -> {
                  Object found = JinjaValues.key(key.apply(item));
                  return !JinjaOperators.contains(seen, found) && seen.add(found);
                }));
  }

  private static Object sum(Object value, Object attribute, Object start) {
    UnaryOperator<Object> getter = getter(attribute, null);
    Object sum = start;
    if (start instanceof String) {
      throw new Fault("sum cannot add texts");
    }
    for (Object item : JinjaValues.list(value)) {
      sum = JinjaOperators.binary("+", sum, getter.apply(item));
    }
    return sum;
  }

  private static Object round(Object value, long precision, Object method) {
    Object number = JinjaOperators.unsigned(value);
    double exact = ((Number) number).doubleValue();
    double factor = Math.pow(10, precision);
    if ("ceil".equals(method)) {
      return Math.ceil(exact * factor) / factor + 0.0;
    } else if ("floor".equals(method)) {
      return Math.floor(exact * factor) / factor + 0.0;
    } else if (!"common".equals(method) || number instanceof Long && precision < 0) {
      throw new Fault("round with these arguments is not supported");
    } else if (number instanceof Long) {
      return number;
    }
    BigDecimal rounded = new BigDecimal(exact).setScale((int) precision, RoundingMode.HALF_EVEN);
    return Math.copySign(rounded.doubleValue(), exact);
  }
}
