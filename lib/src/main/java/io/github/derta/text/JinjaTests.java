package io.github.derta.text;

import io.github.derta.text.JinjaValues.Arguments;
import io.github.derta.text.JinjaValues.Fault;
import io.github.derta.text.JinjaValues.Function;
import io.github.derta.text.JinjaValues.Lazy;
import io.github.derta.text.JinjaValues.Markup;
import io.github.derta.text.JinjaValues.Undefined;
import java.util.Map;
import java.util.Objects;

/** What can follow {@code is}. */
final class JinjaTests {

  private static final Map<String, String[]> TESTS =
      JinjaValues.signatures(
          """
          != /other!; < /other!; <= /other!; == /other!; > /other!; >= /other!; boolean;
          callable; defined; divisibleby num!; eq /other!; equalto /other!; escaped; even; false;
          float; ge /other!; greaterthan /other!; gt /other!; in seq!; integer; iterable;
          le /other!; lessthan /other!; lower; lt /other!; mapping; ne /other!; none; number;
          odd; sameas other!; sequence; string; true; undefined; upper
          """);

  private JinjaTests() {}

  static boolean isTest(String name) {
    return TESTS.containsKey(name);
  }

  static boolean test(String name, Object value, Arguments arguments) {
    if (!isTest(name)) {
      throw new Fault("the test " + name + " is not supported");
    }
    Object[] a = arguments.bind(name, TESTS.get(name));
    return switch (name) {
      case "boolean" -> value instanceof Boolean;
      case "callable" -> value instanceof Function || value instanceof Undefined;
      case "defined" -> !(value instanceof Undefined);
      case "divisibleby" -> rest(value, a[0], 0);
      case "escaped" -> value instanceof Markup;
      case "even" -> rest(value, 2L, 0);
      case "odd" -> rest(value, 2L, 1);
      case "false" -> Boolean.FALSE.equals(value);
      case "true" -> Boolean.TRUE.equals(value);
      case "float" -> value instanceof Double;
      case "integer" -> value instanceof Long;
      case "iterable" ->
          value instanceof Lazy || value instanceof JinjaLoop || JinjaValues.isSized(value);
      case "lower" -> PythonText.is(JinjaValues.text(value), "islower");
      case "upper" -> PythonText.is(JinjaValues.text(value), "isupper");
      case "mapping" -> value instanceof Map;
      case "none" -> value == null;
      case "number" -> JinjaValues.number(value) != null;
      case "sameas" -> isSame(value, a[0]);
      case "sequence" -> JinjaValues.isSequence(value);
      case "string" -> value instanceof String || value instanceof Markup;
      case "undefined" -> value instanceof Undefined;
      case "in" -> JinjaOperators.holds("in", value, a[0]);
      case "eq", "equalto" -> JinjaOperators.holds("==", value, a[0]);
      case "ne" -> JinjaOperators.holds("!=", value, a[0]);
      case "lt", "lessthan" -> JinjaOperators.holds("<", value, a[0]);
      case "le" -> JinjaOperators.holds("<=", value, a[0]);
      case "gt", "greaterthan" -> JinjaOperators.holds(">", value, a[0]);
      case "ge" -> JinjaOperators.holds(">=", value, a[0]);
      default -> JinjaOperators.holds(name, value, a[0]);
    };
  }

  private static boolean rest(Object value, Object divisor, long rest) {
    return JinjaOperators.same(JinjaOperators.binary("%", value, divisor), rest);
  }

  private static boolean isSame(Object value, Object other) {
    if (value == null || other == null || value instanceof Boolean || other instanceof Boolean) {
      return Objects.equals(value, other);
    }
    throw new Fault("sameas for anything but none, true and false is not supported");
  }
}
