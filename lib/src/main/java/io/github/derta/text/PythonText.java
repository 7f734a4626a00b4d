package io.github.derta.text;

import static io.github.derta.text.JinjaValues.MISSING;
import static io.github.derta.text.JinjaValues.or;

import io.github.derta.text.JinjaValues.Arguments;
import io.github.derta.text.JinjaValues.Fault;
import io.github.derta.text.JinjaValues.Tuple;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Python's str where it differs from String: code points, white space, splitting, case, repr. */
final class PythonText {

  /** What str.isspace is true for. */
  static final String BLANKS =
      "\t\n\u000b\f\r\u001c\u001d\u001e\u001f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004"
          + "\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";

  private static final Pattern LINE =
      Pattern.compile(
          "([^E]*+)(\\r\\n|[E]|\\z)".replace("E", "\\n\\r\\x0B\\f\\x1C-\\x1E\\x85\\u2028\\u2029"));

  private static final Pattern BRACES = Pattern.compile("\\{\\{|}}|\\{(\\w*)}|[{}]");
  private static final Pattern PERCENT = Pattern.compile("%(?:\\((\\w+)\\))?([sdr%])|%");

  /** The methods that templates may call, with their parameters: {@code /} by position alone. */
  static final Map<String, String[]> METHODS =
      JinjaValues.signatures(
          """
          capitalize; count /sub! /start /end; endswith /suffix! /start /end;
          find /sub! /start /end; format *; index /sub! /start /end; isalnum; isalpha; isdigit;
          islower; isspace; isupper; join /items!; lower; lstrip /chars; partition /separator!;
          removeprefix /prefix!; removesuffix /suffix!; replace /old! /new! /count;
          rfind /sub! /start /end; rindex /sub! /start /end; rpartition /separator!;
          rsplit sep maxsplit; rstrip /chars; split sep maxsplit; splitlines keepends;
          startswith /prefix! /start /end; strip /chars; title; upper
          """);

  private PythonText() {}

  /** Calls a method of a text. */
  static Object call(String text, String method, Arguments arguments) {
    Object[] a = arguments.bind("str." + method, METHODS.get(method));
    return switch (method) {
      case "upper" -> text.toUpperCase(Locale.ROOT);
      case "lower" -> text.toLowerCase(Locale.ROOT);
      case "title" -> title(text);
      case "capitalize" -> capitalize(text);
      case "strip" -> strip(text, or(a[0], null), true, true);
      case "lstrip" -> strip(text, or(a[0], null), true, false);
      case "rstrip" -> strip(text, or(a[0], null), false, true);
      case "split" -> split(text, or(a[0], null), JinjaValues.integer(or(a[1], -1L)));
      case "rsplit" -> reversed(text, or(a[0], null), JinjaValues.integer(or(a[1], -1L)));
      case "splitlines" -> lines(text, JinjaValues.truth(or(a[0], false)));
      case "startswith", "endswith" -> affix(text, method.equals("startswith"), a);
      case "removeprefix" ->
          text.startsWith(string(a[0])) ? text.substring(string(a[0]).length()) : text;
      case "removesuffix" ->
          text.endsWith(string(a[0]))
              ? text.substring(0, text.length() - string(a[0]).length())
              : text;
      case "replace" ->
          replace(text, string(a[0]), string(a[1]), JinjaValues.integer(or(a[2], -1L)));
      case "find", "index", "rfind", "rindex" -> find(text, method, a);
      case "count" -> count(part(text, a), string(a[0]));
      case "partition", "rpartition" -> partition(text, string(a[0]), method.startsWith("r"));
      case "join" ->
          JinjaValues.list(a[0]).stream().map(PythonText::string).collect(Collectors.joining(text));
      case "format" -> format(text, arguments);
      default -> is(text, method);
    };
  }

  /** {@code isalpha} and its like. */
  static boolean is(String text, String method) {
    IntPredicate upper = c -> Character.isUpperCase(c) || Character.isTitleCase(c);
    return switch (method) {
      case "isupper" ->
          text.codePoints().anyMatch(Character::isUpperCase)
              && text.codePoints()
                  .noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c));
      case "islower" ->
          text.codePoints().anyMatch(Character::isLowerCase) && text.codePoints().noneMatch(upper);
      case "isspace" -> all(text, c -> BLANKS.indexOf(c) >= 0);
      case "isalpha" -> all(text, Character::isLetter);
      case "isdigit" -> all(text, PythonText::isDigit);
      default -> all(text, c -> Character.isLetter(c) || isDigit(c));
    };
  }

  private static boolean all(String text, IntPredicate predicate) {
    return !text.isEmpty() && text.codePoints().allMatch(predicate);
  }

  private static boolean isDigit(int c) {
    int type = Character.getType(c);
    if (type == Character.OTHER_NUMBER || type == Character.LETTER_NUMBER) {
      throw new Fault("whether " + Character.toString(c) + " is a digit is not supported");
    }
    return Character.isDigit(c);
  }

  /** The text of an argument that must be one. */
  static String string(Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw new Fault("a str is needed, not " + JinjaValues.type(value));
  }

  static String strip(String text, Object chars, boolean left, boolean right) {
    int[] strip = (chars == null ? BLANKS : string(chars)).codePoints().sorted().toArray();
    int[] points = text.codePoints().toArray();
    int begin = 0;
    int end = points.length;
    while (left && begin < end && Arrays.binarySearch(strip, points[begin]) >= 0) {
      begin++;
    }
    while (right && begin < end && Arrays.binarySearch(strip, points[end - 1]) >= 0) {
      end--;
    }
    return new String(points, begin, end - begin);
  }

  private static List<Object> split(String text, Object separator, long limit) {
    List<Object> parts = new ArrayList<>();
    String mark = separator == null ? null : nonEmpty(separator);
    String rest = mark == null ? strip(text, null, true, false) : text;
    while (limit < 0 || parts.size() < limit) {
      int end = mark == null ? blank(rest) : rest.indexOf(mark);
      if (end < 0) {
        break;
      }
      parts.add(rest.substring(0, end));
      rest =
          mark == null
              ? strip(rest.substring(end), null, true, false)
              : rest.substring(end + mark.length());
    }
    if (mark != null || !rest.isEmpty()) {
      parts.add(rest);
    }
    return parts;
  }

  private static List<Object> reversed(String text, Object separator, long limit) {
    Object mirrored = separator == null ? null : reverse(string(separator));
    List<Object> parts = split(reverse(text), mirrored, limit);
    parts.replaceAll(part -> reverse((String) part));
    Collections.reverse(parts);
    return parts;
  }

  static String reverse(String text) {
    return new StringBuilder(text).reverse().toString();
  }

  private static int blank(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (BLANKS.indexOf(text.charAt(i)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  private static String nonEmpty(Object separator) {
    if (string(separator).isEmpty()) {
      throw new Fault("empty separator");
    }
    return string(separator);
  }

  static List<Object> lines(String text, boolean keepEnds) {
    List<Object> lines = new ArrayList<>();
    Matcher line = LINE.matcher(text);
    while (line.find() && line.start() < text.length()) {
      lines.add(keepEnds ? line.group() : line.group(1));
    }
    return lines;
  }

  private static boolean affix(String text, boolean start, Object[] a) {
    String part = part(text, a);
    List<Object> affixes = a[0] instanceof Tuple tuple ? tuple.items() : List.of(string(a[0]));
    return affixes.stream()
        .anyMatch(x -> start ? part.startsWith(string(x)) : part.endsWith(string(x)));
  }

  private static String part(String text, Object[] a) {
    if (a[1] == MISSING) {
      return text;
    }
    if (a[1] != null && JinjaValues.integer(a[1]) > length(text)) {
      throw new Fault("a start beyond the end of a text is not supported");
    }
    return (String) JinjaOperators.slice(text, a[1], or(a[2], null), null);
  }

  private static Object find(String text, String method, Object[] a) {
    String part = part(text, a);
    int found =
        method.startsWith("r") ? part.lastIndexOf(string(a[0])) : part.indexOf(string(a[0]));
    if (found < 0) {
      if (method.endsWith("index")) {
        throw new Fault("substring not found");
      }
      return -1L;
    }
    int before =
        a[1] == MISSING
            ? 0
            : length(text) - length((String) JinjaOperators.slice(text, a[1], null, null));
    return (long) before + part.codePointCount(0, found);
  }

  static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  private static Object count(String text, String part) {
    if (part.isEmpty()) {
      return length(text) + 1L;
    }
    return (long) split(text, part, -1).size() - 1;
  }

  private static Object partition(String text, String separator, boolean last) {
    int at = last ? text.lastIndexOf(nonEmpty(separator)) : text.indexOf(nonEmpty(separator));
    if (at < 0) {
      return new Tuple(last ? List.of("", "", text) : List.of(text, "", ""));
    }
    return new Tuple(
        List.of(text.substring(0, at), separator, text.substring(at + separator.length())));
  }

  static String replace(String text, String old, String replacement, long limit) {
    StringBuilder replaced = new StringBuilder();
    int from = 0;
    int at = text.indexOf(old);
    for (long n = 0; at >= 0 && (limit < 0 || n < limit); n++) {
      replaced.append(text, from, at).append(replacement);
      from = at + old.length();
      JinjaOperators.limit(replaced.length());
      if (old.isEmpty() && at == text.length()) {
        break;
      }
      at = old.isEmpty() ? text.offsetByCodePoints(at, 1) : text.indexOf(old, from);
    }
    return replaced.append(text, from, text.length()).toString();
  }

  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    String first = text.substring(0, text.offsetByCodePoints(0, 1));
    int lower = first.toLowerCase(Locale.ROOT).length();
    return initial(first.codePointAt(0)) + text.toLowerCase(Locale.ROOT).substring(lower);
  }

  private static String initial(int point) {
    int title = Character.toTitleCase(point);
    String upper = Character.toString(point).toUpperCase(Locale.ROOT);
    return title == point && upper.length() > 1 && Character.isUpperCase(upper.charAt(0))
        ? upper.substring(0, 1) + upper.substring(1).toLowerCase(Locale.ROOT)
        : title == point ? upper : Character.toString(title);
  }

  private static String title(String text) {
    if (text.contains("\u03a3")) {
      throw new Fault("str.title of a text with a capital sigma is not supported");
    }
    StringBuilder title = new StringBuilder();
    boolean inside = false;
    for (int point : text.codePoints().toArray()) {
      title.append(inside ? Character.toString(point).toLowerCase(Locale.ROOT) : initial(point));
      inside =
          Character.isUpperCase(point)
              || Character.isLowerCase(point)
              || Character.isTitleCase(point);
    }
    return title.toString();
  }

  private static String format(String text, Arguments arguments) {
    int[] next = {0};
    return BRACES
        .matcher(text)
        .replaceAll(
            found -> {
              String field = found.group(1);
              if (field == null && found.group().length() == 1) {
                throw new Fault("str.format with anything but {}, {0} and {name} is not supported");
              }
              String value;
              if (field == null) {
                value = found.group().substring(1);
              } else if (field.isEmpty() || field.matches("[0-9]{1,4}")) {
                if (next[0] != 0 && field.isEmpty() == next[0] < 0) {
                  throw new Fault("str.format cannot mix {} and {0}");
                }
                next[0] = field.isEmpty() ? next[0] + 1 : -1;
                int index = field.isEmpty() ? next[0] - 1 : Integer.parseInt(field);
                if (index >= arguments.positional().size()) {
                  throw new Fault("str.format has no argument " + index);
                }
                value = JinjaValues.text(arguments.positional().get(index));
              } else if (arguments.named().containsKey(field)) {
                value = JinjaValues.text(arguments.named().get(field));
              } else {
                throw new Fault("str.format has no argument " + field);
              }
              return Matcher.quoteReplacement(value);
            });
  }

  /** Python's {@code text % value}. */
  static String percent(String text, Object value) {
    List<Object> values =
        value instanceof Tuple tuple ? tuple.items() : Collections.singletonList(value);
    int[] next = {0};
    String formatted =
        PERCENT
            .matcher(text)
            .replaceAll(
                found -> {
                  if (found.group(2) == null) {
                    throw new Fault("only %s, %d, %r and %(name)s of % are supported");
                  }
                  if (found.group(2).equals("%")) {
                    return "%";
                  }
                  Object item;
                  if (found.group(1) != null) {
                    if (!(value instanceof Map<?, ?> map) || !map.containsKey(found.group(1))) {
                      throw new Fault("no value for " + found.group());
                    }
                    item = map.get(found.group(1));
                  } else if (next[0] < values.size()) {
                    item = values.get(next[0]++);
                  } else {
                    throw new Fault("not enough values for %");
                  }
                  return Matcher.quoteReplacement(percent(found.group(2).charAt(0), item));
                });
    if (next[0] < values.size() && !(value instanceof Map) && !(value instanceof List)) {
      throw new Fault("more values than % takes");
    }
    return formatted;
  }

  private static String percent(char kind, Object value) {
    if (kind == 'd') {
      Object number = JinjaValues.number(value);
      if (number == null) {
        throw new Fault("%d needs a number");
      }
      return new BigDecimal(number.toString()).setScale(0, RoundingMode.DOWN).toPlainString();
    }
    return kind == 'r' ? JinjaValues.repr(value) : JinjaValues.text(value);
  }

  static String repr(String text) {
    char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
    StringBuilder repr = new StringBuilder().append(quote);
    for (int point : text.codePoints().toArray()) {
      int simple = "\n\r\t\\".indexOf(point);
      if (simple >= 0 || point == quote) {
        repr.append('\\').append(simple >= 0 ? "nrt\\".charAt(simple) : quote);
      } else if (isPrintable(point)) {
        repr.appendCodePoint(point);
      } else {
        repr.append(escape(point));
      }
    }
    return repr.append(quote).toString();
  }

  static String escape(int point) {
    return String.format(point < 256 ? "\\x%02x" : point < 65536 ? "\\u%04x" : "\\U%08x", point);
  }

  private static boolean isPrintable(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> point == ' ';
      default -> true;
    };
  }

  /** The shortest digits that give the same number. */
  static String repr(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal exact = new BigDecimal(value);
    int precision = 1;
    while (exact.round(new MathContext(precision, RoundingMode.HALF_EVEN)).doubleValue() != value) {
      precision++;
    }
    BigDecimal digits =
        exact.round(new MathContext(precision, RoundingMode.HALF_EVEN)).stripTrailingZeros();
    int exponent = digits.precision() - digits.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = digits.toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
    return digits.movePointLeft(exponent).toPlainString()
        + String.format("e%s%02d", exponent < 0 ? "-" : "+", Math.abs(exponent));
  }
}
