package io.github.derta.jinja;

import io.github.derta.jinja.Tokens.Kind;
import io.github.derta.jinja.Tokens.Token;
import io.github.derta.jinja.Values.Arguments;
import io.github.derta.jinja.Values.Function;
import io.github.derta.jinja.Values.Tuple;
import io.github.derta.jinja.Values.Undefined;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the expressions of Jinja2, with the precedence of its own parser. */
final class Expressions {

  /** An expression as it was read. */
  interface Expression {
    Object value(Scope scope);
  }

  /** A filter with its arguments. */
  interface FilterCall {
    Object apply(Object value, Scope scope);
  }

  /** The arguments of a call. */
  private interface Given {
    Arguments values(Scope scope);
  }

  private static final Given NONE = scope -> new Arguments(List.of(), Map.of());

  private static final Map<String, Object> CONSTANTS = new HashMap<>();

  static {
    for (String word : List.of("true", "false", "none", "True", "False", "None")) {
      CONSTANTS.put(word, word.endsWith("one") ? null : (Object) word.endsWith("rue"));
    }
  }

  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=", "in");

  /** What binds more loosely comes first, as Jinja2 has it. */
  private static final List<Set<String>> ARITHMETIC =
      List.of(Set.of("+", "-"), Set.of("~"), Set.of("*", "/", "//", "%"), Set.of("**"));

  private final Tokens tokens;

  Expressions(Tokens tokens) {
    this.tokens = tokens;
  }

  static boolean isConstant(String name) {
    return CONSTANTS.containsKey(name);
  }

  Expression expression() {
    int line = tokens.current().line();
    Expression value = or();
    while (tokens.skip("if")) {
      Expression then = value;
      Expression test = or();
      Undefined nothing = new Undefined("the if of line " + line + " is false and has no else");
      Expression otherwise = tokens.skip("else") ? expression() : scope -> nothing;
      value = scope -> (Values.truth(test.value(scope)) ? then : otherwise).value(scope);
    }
    return value;
  }

  /** An expression, or several with commas between. */
  Expression tuple(boolean conditional) {
    List<Expression> items = new ArrayList<>();
    boolean comma = false;
    do {
      if (tokens.is(Kind.CLOSE) || tokens.is(")")) {
        break;
      }
      items.add(conditional ? expression() : or());
      comma |= tokens.is(",");
    } while (tokens.skip(","));
    if (items.isEmpty()) {
      throw tokens.unexpected();
    }
    return comma ? scope -> new Tuple(values(items, scope)) : items.get(0);
  }

  private static List<Object> values(List<Expression> expressions, Scope scope) {
    List<Object> values = new ArrayList<>();
    expressions.forEach(expression -> values.add(expression.value(scope)));
    return values;
  }

  private Expression or() {
    Expression value = and();
    while (tokens.skip("or")) {
      value = either(value, and(), true);
    }
    return value;
  }

  private Expression and() {
    Expression value = not();
    while (tokens.skip("and")) {
      value = either(value, not(), false);
    }
    return value;
  }

  /** The left value if its truth is this, else the right one. */
  private static Expression either(Expression left, Expression right, boolean truth) {
    return scope -> {
      Object first = left.value(scope);
      return Values.truth(first) == truth ? first : right.value(scope);
    };
  }

  private Expression not() {
    if (tokens.skip("not")) {
      Expression value = not();
      return scope -> !Values.truth(value.value(scope));
    }
    return comparison();
  }

  private Expression comparison() {
    Expression first = arithmetic(0);
    List<String> operators = new ArrayList<>();
    List<Expression> others = new ArrayList<>();
    while (tokens.is(COMPARISONS) || tokens.is("not") && tokens.follows("in")) {
      String operator = tokens.skip("not") ? "not " : "";
      operators.add(operator + tokens.next().value());
      others.add(arithmetic(0));
    }
    return operators.isEmpty()
        ? first
        : scope -> {
          Object left = first.value(scope);
          for (int i = 0; i < operators.size(); i++) {
            Object right = others.get(i).value(scope);
            if (!Operators.holds(operators.get(i), left, right)) {
              return false;
            }
            left = right;
          }
          return true;
        };
  }

  private Expression arithmetic(int level) {
    if (level == ARITHMETIC.size()) {
      return filtersAndTests(unary());
    }
    Expression value = arithmetic(level + 1);
    while (tokens.is(ARITHMETIC.get(level))) {
      String operator = (String) tokens.next().value();
      Expression left = value;
      Expression right = arithmetic(level + 1);
      value = scope -> Operators.binary(operator, left.value(scope), right.value(scope));
    }
    return value;
  }

  private Expression unary() {
    if (tokens.is("-") || tokens.is("+")) {
      long sign = tokens.next().value().equals("-") ? -1 : 1;
      Expression operand = unary();
      return postfix(scope -> signed(operand.value(scope), sign));
    }
    return postfix(primary());
  }

  private static Object signed(Object value, long sign) {
    if (Values.number(value) == null) {
      throw Values.unusable(value, "a sign before a " + Values.type(value) + " is not supported");
    }
    return Operators.binary("*", value, sign);
  }

  private Expression primary() {
    Token token = tokens.current();
    if (tokens.is(Kind.STRING)) {
      StringBuilder text = new StringBuilder();
      while (tokens.is(Kind.STRING)) {
        text.append(tokens.next().value());
      }
      String all = text.toString();
      return scope -> all;
    } else if (tokens.is(Kind.NUMBER)) {
      tokens.next();
      return scope -> token.value();
    } else if (tokens.is(Kind.NAME)) {
      String name = tokens.name();
      Object constant = CONSTANTS.get(name);
      return isConstant(name) ? scope -> constant : scope -> scope.get(name);
    } else if (tokens.skip("(")) {
      Expression value = tokens.is(")") ? scope -> new Tuple(List.of()) : tuple(true);
      tokens.expect(")");
      return value;
    } else if (tokens.skip("[")) {
      List<Expression> items = new ArrayList<>();
      each("]", () -> items.add(expression()));
      return scope -> values(items, scope);
    } else if (tokens.skip("{")) {
      return dict();
    }
    throw tokens.unexpected();
  }

  private Expression dict() {
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    each(
        "}",
        () -> {
          keys.add(expression());
          tokens.expect(":");
          values.add(expression());
        });
    return scope -> {
      Map<Object, Object> dict = new LinkedHashMap<>();
      for (int i = 0; i < keys.size(); i++) {
        dict.put(Values.key(keys.get(i).value(scope)), values.get(i).value(scope));
      }
      return dict;
    };
  }

  /** Reads items with commas between, and the bracket that closes them. */
  private void each(String close, Runnable item) {
    while (!tokens.is(close)) {
      item.run();
      if (!tokens.is(close)) {
        tokens.expect(",");
      }
    }
    tokens.next();
  }

  private Expression postfix(Expression primary) {
    Expression value = primary;
    while (true) {
      Expression before = value;
      if (tokens.skip(".")) {
        String name = tokens.name();
        value = scope -> Operators.attribute(before.value(scope), name);
      } else if (tokens.skip("[")) {
        value = subscript(before);
      } else if (tokens.skip("(")) {
        value = call(before);
      } else {
        return value;
      }
    }
  }

  private Expression call(Expression function) {
    Given given = given();
    return scope -> {
      Object called = function.value(scope);
      if (called instanceof Function callable) {
        return callable.call(given.values(scope));
      }
      throw Values.unusable(called, "a call of a " + Values.type(called) + " is not supported");
    };
  }

  private Expression subscript(Expression value) {
    Expression start = bound();
    if (tokens.skip("]")) {
      return scope -> Operators.item(value.value(scope), start.value(scope));
    }
    tokens.expect(":");
    Expression stop = bound();
    Expression by = tokens.skip(":") ? bound() : scope -> null;
    tokens.expect("]");
    return scope ->
        Operators.slice(value.value(scope), start.value(scope), stop.value(scope), by.value(scope));
  }

  private Expression bound() {
    return tokens.is(":") || tokens.is("]") ? scope -> null : expression();
  }

  /** Arguments after an opening parenthesis. */
  private Given given() {
    List<Expression> positional = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    each(
        ")",
        () -> {
          if (tokens.is("*") || tokens.is("**")) {
            throw tokens.fault("* and ** in a call are not supported");
          } else if (tokens.is(Kind.NAME) && tokens.follows("=")) {
            String name = tokens.name();
            tokens.next();
            if (named.put(name, expression()) != null) {
              throw tokens.fault("the argument " + name + " is given twice");
            }
          } else if (named.isEmpty()) {
            positional.add(expression());
          } else {
            throw tokens.fault("an argument without a name follows one with a name");
          }
        });
    return scope -> {
      List<Object> values = values(positional, scope);
      Map<String, Object> byName = new LinkedHashMap<>();
      named.forEach((name, value) -> byName.put(name, value.value(scope)));
      return new Arguments(values, byName);
    };
  }

  private Expression filtersAndTests(Expression unary) {
    Expression value = unary;
    while (true) {
      Expression before = value;
      if (tokens.skip("|")) {
        FilterCall filter = filter();
        value = scope -> filter.apply(before.value(scope), scope);
      } else if (tokens.skip("is")) {
        value = test(before);
      } else if (tokens.skip("(")) {
        value = call(before);
      } else {
        return value;
      }
    }
  }

  /** A filter, behind its bar. */
  FilterCall filter() {
    String name = tokens.name();
    Given given = tokens.skip("(") ? given() : NONE;
    return (value, scope) -> Builtins.filter(name, value, given.values(scope));
  }

  private Expression test(Expression value) {
    boolean negated = tokens.skip("not");
    String name = tokens.name();
    Given given = NONE;
    boolean isName = tokens.is(Kind.NAME) && !tokens.is(Set.of("else", "or", "and"));
    if (tokens.skip("(")) {
      given = given();
    } else if (tokens.is("is")) {
      throw tokens.fault("a test of a test is not supported");
    } else if (isName || tokens.is(Kind.STRING) || tokens.is(Kind.NUMBER) || tokens.is("[")) {
      Expression operand = postfix(primary());
      given = scope -> new Arguments(values(List.of(operand), scope), Map.of());
    }
    Given arguments = given;
    return scope -> negated != Builtins.test(name, value.value(scope), arguments.values(scope));
  }
}
