package io.github.derta.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Reads the expressions of Jinja2, with the precedence of its own parser. */
final class Expressions {

  /** An expression as it was read. */
  interface Expression {
    Object value(Scope scope);
  }

  private static final Function<Scope, Values.Arguments> NONE =
      scope -> new Values.Arguments(List.of(), Map.of());

  static final Pattern CONSTANT = Pattern.compile("[Tt]rue|[Ff]alse|[Nn]one");

  /** What binds more loosely comes first, as Jinja2 has it. */
  private static final String[][] ARITHMETIC = {{"+", "-"}, {"~"}, {"*", "/", "//", "%"}, {"**"}};

  private final Tokens tokens;

  Expressions(Tokens tokens) {
    this.tokens = tokens;
  }

  Expression expression() {
    Expression value = or();
    while (tokens.skip("if")) {
      Expression then = value;
      Expression test = or();
      Object nothing = new Values.Undefined("an if is false and has no else");
      Expression otherwise = tokens.skip("else") ? expression() : constant(nothing);
      value = scope -> (Values.truth(test.value(scope)) ? then : otherwise).value(scope);
    }
    return value;
  }

  /** An expression, or several with commas between. */
  Expression tuple() {
    List<Expression> items = new ArrayList<>();
    boolean comma = false;
    do {
      if (tokens.isKind("close") || tokens.is(")")) {
        break;
      }
      items.add(expression());
      comma |= tokens.is(",");
    } while (tokens.skip(","));
    if (items.isEmpty()) {
      throw tokens.unexpected();
    }
    return comma ? scope -> new Values.Tuple(values(items, scope)) : items.get(0);
  }

  private static List<Object> values(List<Expression> expressions, Scope scope) {
    List<Object> values = new ArrayList<>();
    expressions.forEach(expression -> values.add(expression.value(scope)));
    return values;
  }

  /** An expression that ends before an if. */
  Expression or() {
    return logic("or", () -> logic("and", this::not));
  }

  private Expression logic(String word, Supplier<Expression> operand) {
    Expression value = operand.get();
    while (tokens.skip(word)) {
      Expression left = value;
      Expression right = operand.get();
      value =
          scope -> {
            Object first = left.value(scope);
            return Values.truth(first) == word.equals("or") ? first : right.value(scope);
          };
    }
    return value;
  }

  private Expression not() {
    if (tokens.skip("not")) {
      Expression value = not();
      return scope -> !Values.truth(value.value(scope));
    }
    return comparison();
  }

  private Expression comparison() {
    Expression left = arithmetic(0);
    boolean isNegated = tokens.is("not") && tokens.follows("in");
    if (!isNegated && !tokens.is("==", "!=", "<", "<=", ">", ">=", "in")) {
      return left;
    }
    String operator = (tokens.skip("not") ? "not " : "") + tokens.next().text();
    Expression right = arithmetic(0);
    return scope -> Values.holds(operator, left.value(scope), right.value(scope));
  }

  private Expression arithmetic(int level) {
    if (level == ARITHMETIC.length) {
      return filtersAndTests(unary());
    }
    Expression value = arithmetic(level + 1);
    while (tokens.is(ARITHMETIC[level])) {
      String operator = tokens.next().text();
      Expression left = value;
      Expression right = arithmetic(level + 1);
      value = scope -> Values.binary(operator, left.value(scope), right.value(scope));
    }
    return value;
  }

  private Expression unary() {
    if (tokens.skip("-")) {
      Expression operand = unary();
      return postfix(scope -> Values.binary("-", 0L, operand.value(scope)));
    }
    return postfix(primary());
  }

  private Expression primary() {
    if (tokens.isKind("string")) {
      return constant(tokens.string());
    } else if (tokens.isKind("number")) {
      return constant(tokens.number());
    } else if (tokens.isKind("name")) {
      String name = tokens.next().text();
      return CONSTANT.matcher(name).matches()
          ? constant(name.endsWith("one") ? null : (Object) name.endsWith("rue"))
          : scope -> scope.get(name);
    } else if (tokens.skip("(")) {
      Expression value = tokens.is(")") ? scope -> new Values.Tuple(List.of()) : tuple();
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

  private static Expression constant(Object value) {
    return scope -> value;
  }

  private Expression dict() {
    Map<Expression, Expression> items = new LinkedHashMap<>();
    each(
        "}",
        () -> {
          Expression key = expression();
          tokens.expect(":");
          items.put(key, expression());
        });
    return scope -> {
      Map<Object, Object> dict = new LinkedHashMap<>();
      items.forEach((key, item) -> dict.put(Values.key(key.value(scope)), item.value(scope)));
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
        String name = tokens.take("name");
        value = scope -> Values.get(before.value(scope), name, true);
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
    Function<Scope, Values.Arguments> given = given();
    return scope -> {
      Object called = function.value(scope);
      if (called instanceof Values.Function callable) {
        return callable.call(given.apply(scope));
      }
      throw Values.unusable(called, "a call of a " + Values.type(called) + " is not supported");
    };
  }

  private Expression subscript(Expression value) {
    Expression start = tokens.is(":") ? constant(null) : expression();
    if (tokens.skip("]")) {
      return scope -> Values.get(value.value(scope), start.value(scope), false);
    }
    tokens.expect(":");
    Expression stop = bound();
    Expression by = tokens.skip(":") ? bound() : constant(null);
    tokens.expect("]");
    return scope ->
        Values.slice(value.value(scope), start.value(scope), stop.value(scope), by.value(scope));
  }

  private Expression bound() {
    return tokens.is(":", "]") ? constant(null) : expression();
  }

  /** Values.Arguments after an opening parenthesis. */
  private Function<Scope, Values.Arguments> given() {
    List<Expression> positional = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    each(
        ")",
        () -> {
          String name = tokens.follows("=") ? tokens.take("name") : null;
          if (name == null && named.isEmpty()) {
            positional.add(expression());
          } else if (name == null || named.containsKey(name)) {
            throw tokens.fault("this order of arguments is not supported");
          } else {
            tokens.expect("=");
            named.put(name, expression());
          }
        });
    return scope -> {
      List<Object> values = values(positional, scope);
      Map<String, Object> byName = new LinkedHashMap<>();
      named.forEach((name, value) -> byName.put(name, value.value(scope)));
      return new Values.Arguments(values, byName);
    };
  }

  private Expression filtersAndTests(Expression unary) {
    Expression value = unary;
    while (true) {
      Expression before = value;
      if (tokens.skip("|")) {
        String name = tokens.take("name");
        Function<Scope, Values.Arguments> given = tokens.skip("(") ? given() : NONE;
        value = scope -> Builtins.filter(name, before.value(scope), given.apply(scope));
      } else if (tokens.skip("is")) {
        boolean negated = tokens.skip("not");
        String name = tokens.take("name");
        Function<Scope, Values.Arguments> given = tokens.skip("(") ? given() : NONE;
        if (given == NONE && tokens.isKind("name") && !tokens.is("else", "or", "and")) {
          throw tokens.fault("what follows the test " + name + " needs parentheses");
        }
        value = scope -> negated != Builtins.test(name, before.value(scope), given.apply(scope));
      } else {
        return value;
      }
    }
  }
}
