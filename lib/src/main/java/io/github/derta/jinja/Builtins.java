package io.github.derta.jinja;

import static io.github.derta.jinja.Values.list;
import static io.github.derta.jinja.Values.or;
import static io.github.derta.jinja.Values.string;
import static io.github.derta.jinja.Values.text;
import static io.github.derta.jinja.Values.truth;

import io.github.derta.io.BadInput;
import io.github.derta.jinja.Values.Arguments;
import io.github.derta.jinja.Values.Fault;
import io.github.derta.jinja.Values.Lazy;
import io.github.derta.jinja.Values.Undefined;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Spliterators;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The filters, tests, methods and functions that templates may use, as tables. */
final class Builtins {

  /**
   * What one is called, and what it does.
   *
   * @param signature the names, and the parameters as {@link Arguments#bind} reads them
   * @param body takes the value and the arguments
   */
  private record Builtin(String signature, BiFunction<Object, Object[], Object> body) {

    Object call(String name, Object value, Arguments arguments) {
      if (value instanceof Values.Markup) {
        throw new Fault(name + " after the filter safe or escape is not supported");
      }
      String[] words = signature.split(" ");
      return body.apply(value, arguments.bind(name, List.of(words).subList(1, words.length)));
    }
  }

  private static final Map<String, Builtin> FILTERS =
      table(
          of("trim chars", (v, a) -> strip(text(v), a, true, true)),
          of("length|count", (v, a) -> Values.length(v)),
          of("default|d default_value boolean", Builtins::orDefault),
          of("join d", (v, a) -> joined(list(v).stream().map(Values::text), text(or(a[0], "")))),
          of("tojson ensure_ascii indent", Builtins::json),
          of("upper", (v, a) -> text(v).toUpperCase(Locale.ROOT)),
          of("lower", (v, a) -> text(v).toLowerCase(Locale.ROOT)),
          of("title", (v, a) -> PythonText.capitalized(text(v), "[^-\\s({\\[<]+")),
          of("capitalize", (v, a) -> PythonText.capitalized(text(v), "(?s).+")),
          of("replace old! new! count", (v, a) -> replace(text(v), a)),
          of("first", (v, a) -> first(Values.iterator(v))),
          of("last", (v, a) -> first(reversed(v).iterator())),
          of("list", (v, a) -> list(v)),
          of("string", (v, a) -> text(v)),
          of("int", (v, a) -> integerOf(v)),
          of("map /filter /first /second attribute", Builtins::map),
          of("select /test /other", (v, a) -> select(v, Values.MISSING, a[0], a[1], true)),
          of("reject /test /other", (v, a) -> select(v, Values.MISSING, a[0], a[1], false)),
          of("selectattr /name! /test /other", (v, a) -> select(v, a[0], a[1], a[2], true)),
          of("rejectattr /name! /test /other", (v, a) -> select(v, a[0], a[1], a[2], false)),
          of("items", (v, a) -> lazy(Values.pairs(Values.need(Map.class, v)).stream())),
          of("reverse", Builtins::reverse),
          of("safe", (v, a) -> new Values.Markup(text(v))),
          of("escape|e", (v, a) -> escape(text(v))));

  private static final Map<String, Builtin> TESTS =
      table(
          of("defined", (v, a) -> !(v instanceof Undefined)),
          of("undefined", (v, a) -> v instanceof Undefined),
          of("none", (v, a) -> v == null),
          of("string", (v, a) -> v instanceof String),
          of("mapping", (v, a) -> v instanceof Map),
          of("boolean", (v, a) -> v instanceof Boolean),
          of("true", (v, a) -> Boolean.TRUE.equals(v)),
          of("false", (v, a) -> Boolean.FALSE.equals(v)),
          of("integer", (v, a) -> v instanceof Long),
          of("number", (v, a) -> Values.number(v) != null),
          of("odd", (v, a) -> Values.binary("%", v, 2L).equals(1L)),
          of("even", (v, a) -> Values.binary("%", v, 2L).equals(0L)),
          of("iterable", (v, a) -> v instanceof Lazy || v instanceof Values.View || isSequence(v)),
          of("sequence", (v, a) -> isSequence(v)),
          of("callable", (v, a) -> v instanceof Values.Function || v instanceof Undefined),
          of("eq|equalto|== /other!", (v, a) -> Values.holds("==", v, a[0])),
          of("ne|!= /other!", (v, a) -> Values.holds("!=", v, a[0])),
          of("in seq!", (v, a) -> Values.holds("in", v, a[0])));

  /** Methods, behind the type of their value. */
  private static final Map<String, Builtin> METHODS =
      table(
          of("str.strip /chars", (v, a) -> strip((String) v, a, true, true)),
          of("str.lstrip /chars", (v, a) -> strip((String) v, a, true, false)),
          of("str.rstrip /chars", (v, a) -> strip((String) v, a, false, true)),
          of("str.split sep maxsplit", Builtins::split),
          of("str.startswith /prefix!", (v, a) -> ((String) v).startsWith(string(a[0]))),
          of("str.endswith /suffix!", (v, a) -> ((String) v).endsWith(string(a[0]))),
          of("str.replace /old! /new! /count", (v, a) -> replace((String) v, a)),
          of("str.upper", (v, a) -> text(v).toUpperCase(Locale.ROOT)),
          of("str.lower", (v, a) -> text(v).toLowerCase(Locale.ROOT)),
          of("str.title", (v, a) -> PythonText.capitalized(text(v), "[a-zA-Z]+")),
          of("str.capitalize", (v, a) -> PythonText.capitalized(text(v), "(?s).+")),
          of("str.join /items!", (v, a) -> joined(list(a[0]).stream().map(Values::string), v)),
          of("dict.items", (v, a) -> new Values.View(Values.pairs(Values.need(Map.class, v)))),
          of("dict.keys", (v, a) -> new Values.View(list(v))),
          of("dict.values", (v, a) -> new Values.View(new ArrayList<>(((Map<?, ?>) v).values()))),
          of("dict.get /key! /default", (v, a) -> or(Values.element(v, a[0]), or(a[1], null))));

  /** Other methods of Python. */
  private static final Pattern UNSUPPORTED =
      Pattern.compile(
          "(?:str|list|Tuple)[.](?:is[a-z]+|r?(?:find|index|partition|split)|[lr]just|count|center"
              + "|encode|casefold|expandtabs|format|format_map|maketrans|removeprefix|removesuffix"
              + "|splitlines|swapcase|translate|zfill|append|clear|copy|extend|insert|pop|remove"
              + "|reverse|sort)|dict[.](?:clear|copy|fromkeys|pop|popitem|setdefault|update)");

  private Builtins() {}

  private static Builtin of(String signature, BiFunction<Object, Object[], Object> body) {
    return new Builtin(signature, body);
  }

  private static Map<String, Builtin> table(Builtin... all) {
    Map<String, Builtin> table = new HashMap<>();
    for (Builtin each : all) {
      for (String name : each.signature.split(" ")[0].split("\\|")) {
        table.put(name, each);
      }
    }
    return table;
  }

  /** {@code value | name(arguments)} */
  static Object filter(String name, Object value, Arguments arguments) {
    return found(FILTERS, "filter", name).call(name, value, arguments);
  }

  /** {@code value is name(arguments)} */
  static boolean test(String name, Object value, Arguments arguments) {
    return (Boolean) found(TESTS, "test", name).call(name, value, arguments);
  }

  private static Builtin found(Map<String, Builtin> table, String what, String name) {
    if (!table.containsKey(name)) {
      throw new Fault("the " + what + " " + name + " is not supported");
    }
    return table.get(name);
  }

  /** {@return a method of a str, list, tuple or dict, or MISSING} */
  static Object method(Object value, String name) {
    String full = Values.type(value) + "." + name;
    Builtin method = METHODS.get(full);
    if (method != null) {
      return (Values.Function) arguments -> method.call(full, value, arguments);
    } else if (UNSUPPORTED.matcher(full).matches()) {
      throw new Fault(full + " is not supported");
    }
    return Values.MISSING;
  }

  static Map<String, Object> globals(LocalDateTime date) {
    Map<String, Values.Function> globals =
        Map.of(
            "range", Builtins::range,
            "dict", Values::dict,
            "namespace", arguments -> new Values.Namespace(Values.dict(arguments)),
            "raise_exception", Builtins::refuse,
            "strftime_now", arguments -> now(arguments, date));
    return new HashMap<>(globals);
  }

  private static Object range(Arguments arguments) {
    List<Long> given = arguments.positional().stream().map(Values::integer).toList();
    if (given.isEmpty() || given.size() > 3 || !arguments.named().isEmpty()) {
      throw new Fault("range takes one to three numbers");
    }
    long start = given.size() == 1 ? 0 : given.get(0);
    long stop = given.get(given.size() == 1 ? 0 : 1);
    long step = given.size() == 3 ? given.get(2) : 1;
    long size = step == 0 ? -1 : (stop - start + step - Long.signum(step)) / step;
    if (step == 0 || size > 100_000) {
      throw new Fault("range needs a step and has at most 100,000 numbers");
    }
    return new Values.View(
        Stream.<Object>iterate(start, i -> (Long) i + step).limit(Math.max(0, size)).toList());
  }

  private static Object refuse(Arguments arguments) {
    throw new BadInput(text(arguments.bind("raise_exception", List.of("message!"))[0]));
  }

  private static Object now(Arguments arguments, LocalDateTime date) {
    String format = string(arguments.bind("strftime_now", List.of("format!"))[0]);
    if (format.replaceAll("%(?:[aAbBdmyYHMS]|-d)", "").contains("%")) {
      throw new Fault("strftime_now: " + format + " is not supported");
    }
    String pattern = format.replaceAll("%([aAbBdmyYHMS])", "%1\\$t$1").replace("%-d", "%1$te");
    return String.format(Locale.ENGLISH, pattern, date);
  }

  private static String strip(String text, Object[] a, boolean left, boolean right) {
    Object chars = or(a[0], null);
    return PythonText.strip(text, chars == null ? null : string(chars), left, right);
  }

  private static Object orDefault(Object value, Object[] a) {
    boolean falseToo = truth(or(a[1], false));
    return value instanceof Undefined || falseToo && !truth(value) ? or(a[0], "") : value;
  }

  private static String joined(Stream<String> texts, Object separator) {
    return Values.limited(texts.collect(Collectors.joining((String) separator)));
  }

  private static Object json(Object value, Object[] a) {
    if (truth(or(a[0], false))) {
      throw new Fault("tojson(ensure_ascii=true) is not supported");
    }
    Object indent = or(a[1], null);
    String blanks = indent == null ? null : " ".repeat((int) Values.integer(indent));
    return PythonText.json(value, blanks, "\n");
  }

  private static Object split(Object value, Object[] a) {
    Object separator = or(a[0], null);
    String mark = separator == null ? null : string(separator);
    return PythonText.split((String) value, mark, Values.integer(or(a[1], -1L)));
  }

  private static String replace(String text, Object[] a) {
    long limit = or(a[2], null) == null ? -1 : Values.integer(a[2]);
    List<Object> parts = PythonText.split(text, string(a[0]), limit);
    return joined(parts.stream().map(Values::string), string(a[1]));
  }

  private static boolean isSequence(Object value) {
    if (value instanceof Values.View || value instanceof Loop) {
      throw new Fault("this test of a " + Values.type(value) + " is not supported");
    }
    return List.of("str", "dict", "list", "Tuple", "Undefined").contains(Values.type(value));
  }

  private static Object first(Iterator<Object> items) {
    return items.hasNext() ? items.next() : new Undefined("the first or last of nothing");
  }

  private static List<Object> reversed(Object value) {
    Values.length(value); // refuses a generator
    return list(Values.slice(list(value), null, null, -1L));
  }

  private static Object reverse(Object value, Object[] a) {
    return value instanceof String
        ? Values.slice(value, null, null, -1L)
        : lazy(reversed(value).stream());
  }

  private static long integerOf(Object value) {
    return value instanceof String text && text.matches("\\s*[-+]?[0-9]{1,18}\\s*")
        ? Long.parseLong(text.strip())
        : Values.integer(value);
  }

  private static Values.Markup escape(String text) {
    return new Values.Markup(
        text.replace("&", "&amp;")
            .replace("<", "&lt;")
            .replace(">", "&gt;")
            .replace("'", "&#39;")
            .replace("\"", "&#34;"));
  }

  private static Stream<Object> stream(Object value) {
    return truth(value) ? stream(Values.iterator(value)) : Stream.of();
  }

  private static Lazy lazy(Stream<Object> items) {
    return new Lazy(items.iterator());
  }

  /** A stream that takes no item before it is asked for. */
  static Stream<Object> stream(Iterator<Object> items) {
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(items, 0), false);
  }

  private static Lazy map(Object value, Object[] a) {
    if (a[3] != Values.MISSING) {
      return lazy(stream(value).map(item -> attribute(item, a[3])));
    }
    return lazy(stream(value).map(item -> filter(string(a[0]), item, arguments(a[1], a[2]))));
  }

  private static Lazy select(Object value, Object name, Object test, Object other, boolean wanted) {
    return lazy(
        stream(value)
            .map(item -> new Object[] {item, attribute(item, name)})
            .filter(pair -> wanted == passes(pair[1], test, other))
            .map(pair -> pair[0]));
  }

  private static boolean passes(Object value, Object test, Object other) {
    return test == Values.MISSING ? truth(value) : test(string(test), value, arguments(other));
  }

  private static Arguments arguments(Object... given) {
    return new Arguments(
        Stream.of(given).filter(value -> value != Values.MISSING).toList(), Map.of());
  }

  private static Object attribute(Object item, Object name) {
    if (name != Values.MISSING && string(name).matches(".*[.].*|[0-9]+")) {
      throw new Fault("the attribute " + name + " is not supported");
    }
    return name == Values.MISSING ? item : Values.get(item, name, false);
  }
}
