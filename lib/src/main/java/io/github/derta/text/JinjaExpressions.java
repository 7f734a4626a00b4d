package io.github.derta.text;

import io.github.derta.text.Jinja.Scope;
import io.github.derta.text.JinjaLexer.Kind;
import io.github.derta.text.JinjaLexer.Token;
import io.github.derta.text.JinjaNodes.Attribute;
import io.github.derta.text.JinjaNodes.Call;
import io.github.derta.text.JinjaNodes.Expression;
import io.github.derta.text.JinjaNodes.FilterCall;
import io.github.derta.text.JinjaNodes.Given;
import io.github.derta.text.JinjaNodes.Name;
import io.github.derta.text.JinjaNodes.Tuple;
import io.github.derta.text.JinjaValues.Undefined;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** The expressions of Jinja2, with the precedence of its own parser. */
final class JinjaExpressions {

  private static final Set<String> CONSTANTS =
      Set.of("true", "false", "none", "True", "False", "None");

  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
  private static final Set<String> AFTER_A_TEST = Set.of("else", "or", "and");

  private final JinjaTokens tokens;

  /** The names that are mentioned since this set was put here. */
  Set<String> names = new HashSet<>();

  /** Whether filters and tests that do not exist are refused only where they are used. */
  boolean soft;

  JinjaExpressions(JinjaTokens tokens) {
    this.tokens = tokens;
  }

  /** A target of for, set or with. */
  Expression target(boolean withAttributes, String... ends) {
    Expression target = tuple(() -> primary(withAttributes), ends);
    check(target);
    return target;
  }

  private void check(Expression target) {
    if (target instanceof Tuple tuple) {
      tuple.items().forEach(this::check);
    } else if (!(target instanceof Name || target instanceof Attribute)) {
      throw tokens.fault("only names can be assigned to");
    }
  }

  Expression expression() {
    return expression(true);
  }

  private Expression expression(boolean conditional) {
    return conditional ? conditional() : or();
  }

  /** An expression, or several with commas between. */
  Expression tuple(boolean conditional, String... ends) {
    return tuple(() -> expression(conditional), ends);
  }

  private Expression tuple(Supplier<Expression> item, String... ends) {
    List<Expression> items = new ArrayList<>();
    boolean comma = false;
    while (!isTupleEnd(ends)) {
      items.add(item.get());
      if (!tokens.skipOperator(",")) {
        break;
      }
      comma = true;
    }
    if (items.isEmpty()) {
      throw tokens.unexpected();
    }
    return comma ? new Tuple(items) : items.get(0);
  }

  private boolean isTupleEnd(String... ends) {
    return tokens.is(Kind.PRINT_END)
        || tokens.is(Kind.BLOCK_END)
        || tokens.isOperator(")")
        || tokens.isOneOf(Kind.NAME, Set.of(ends));
  }

  private Expression conditional() {
    int line = tokens.current().line();
    Expression value = or();
    while (tokens.skipName("if")) {
      Expression then = value;
      Expression test = or();
      Undefined nothing = new Undefined("the if of line " + line + " is false and has no else");
      Expression otherwise = tokens.skipName("else") ? conditional() : scope -> nothing;
      value = scope -> (JinjaValues.truth(test.value(scope)) ? then : otherwise).value(scope);
    }
    return value;
  }

  private Expression or() {
    Expression value = and();
    while (tokens.skipName("or")) {
      Expression left = value;
      Expression right = and();
      value =
          scope -> {
            Object first = left.value(scope);
            return JinjaValues.truth(first) ? first : right.value(scope);
          };
    }
    return value;
  }

  private Expression and() {
    Expression value = not();
    while (tokens.skipName("and")) {
      Expression left = value;
      Expression right = not();
      value =
          scope -> {
            Object first = left.value(scope);
            return JinjaValues.truth(first) ? right.value(scope) : first;
          };
    }
    return value;
  }

  private Expression not() {
    if (tokens.skipName("not")) {
      Expression value = not();
      return scope -> !JinjaValues.truth(value.value(scope));
    }
    return comparison();
  }

  private Expression comparison() {
    Expression first = sum();
    List<String> operators = new ArrayList<>();
    List<Expression> others = new ArrayList<>();
    while (true) {
      if (tokens.isOneOf(Kind.OPERATOR, COMPARISONS) || tokens.isName("in")) {
        operators.add((String) tokens.next().value());
      } else if (tokens.isName("not") && tokens.follows(Kind.NAME, "in")) {
        tokens.next();
        tokens.next();
        operators.add("not in");
      } else {
        break;
      }
      others.add(sum());
    }
    return operators.isEmpty() ? first : scope -> holds(first, operators, others, scope);
  }

  private static boolean holds(
      Expression first, List<String> operators, List<Expression> others, Scope scope) {
    Object left = first.value(scope);
    for (int i = 0; i < operators.size(); i++) {
      Object right = others.get(i).value(scope);
      if (!JinjaOperators.holds(operators.get(i), left, right)) {
        return false;
      }
      left = right;
    }
    return true;
  }

  private Expression sum() {
    return binary(() -> binary(this::product, Set.of("~")), Set.of("+", "-"));
  }

  private Expression product() {
    Supplier<Expression> power = () -> binary(() -> unary(true), Set.of("**"));
    return binary(power, Set.of("*", "/", "//", "%"));
  }

  private Expression binary(Supplier<Expression> operand, Set<String> operators) {
    Expression value = operand.get();
    while (tokens.isOneOf(Kind.OPERATOR, operators)) {
      String operator = (String) tokens.next().value();
      Expression left = value;
      Expression right = operand.get();
      value = scope -> JinjaOperators.binary(operator, left.value(scope), right.value(scope));
    }
    return value;
  }

  private Expression unary(boolean filters) {
    Expression value;
    if (tokens.skipOperator("-")) {
      Expression operand = unary(false);
      value = scope -> JinjaOperators.negative(operand.value(scope));
    } else if (tokens.skipOperator("+")) {
      Expression operand = unary(false);
      value = scope -> JinjaOperators.unsigned(operand.value(scope));
    } else {
      value = primary(false);
    }
    value = postfix(value);
    return filters ? filtersAndTests(value) : value;
  }

  private Expression primary(boolean withAttributes) {
    Token token = tokens.next();
    return switch (token.kind()) {
      case NAME -> name((String) token.value(), withAttributes);
      case STRING -> {
        StringBuilder text = new StringBuilder((String) token.value());
        while (tokens.is(Kind.STRING)) {
          text.append(tokens.next().value());
        }
        yield constant(text.toString());
      }
      case NUMBER -> constant(token.value());
      case OPERATOR ->
          switch ((String) token.value()) {
            case "(" -> parenthesis();
            case "[" -> list();
            case "{" -> dict();
            default -> throw JinjaTokens.fault(token.line(), "unexpected " + token);
          };
      default -> throw JinjaTokens.fault(token.line(), "unexpected " + token);
    };
  }

  private Expression name(String name, boolean withAttributes) {
    if (CONSTANTS.contains(name)) {
      return constant(name.endsWith("one") ? null : (Object) name.endsWith("rue"));
    } else if (name.equals("self")) {
      throw tokens.fault("the name self is not supported");
    }
    names.add(name);
    return withAttributes && tokens.skipOperator(".")
        ? new Attribute(name, tokens.name())
        : new Name(name);
  }

  private static Expression constant(Object value) {
    return scope -> value;
  }

  private Expression parenthesis() {
    Expression value = tokens.isOperator(")") ? new Tuple(List.of()) : tuple(true);
    tokens.expectOperator(")");
    return value;
  }

  private Expression list() {
    List<Expression> items = new ArrayList<>();
    each("]", () -> items.add(expression()));
    return scope -> JinjaNodes.values(items, scope);
  }

  private Expression dict() {
    List<Expression> keys = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    each(
        "}",
        () -> {
          keys.add(expression());
          tokens.expectOperator(":");
          values.add(expression());
        });
    return scope -> {
      Map<Object, Object> dict = new LinkedHashMap<>();
      for (int i = 0; i < keys.size(); i++) {
        dict.put(JinjaValues.newKey(keys.get(i).value(scope)), values.get(i).value(scope));
      }
      return dict;
    };
  }

  /** Reads items with commas between, and the bracket that closes them. */
  private void each(String close, Runnable item) {
    for (boolean first = true; !tokens.isOperator(close); first = false) {
      if (!first) {
        tokens.expectOperator(",");
        if (tokens.isOperator(close)) {
          break;
        }
      }
      item.run();
    }
    tokens.next();
  }

  private Expression postfix(Expression primary) {
    Expression value = primary;
    while (true) {
      if (tokens.skipOperator(".")) {
        value = dot(value);
      } else if (tokens.skipOperator("[")) {
        value = subscript(value);
      } else if (tokens.skipOperator("(")) {
        value = new Call(value, given());
      } else {
        return value;
      }
    }
  }

  private Expression dot(Expression value) {
    Token token = tokens.next();
    if (token.kind() == Kind.NUMBER && token.value() instanceof Long index) {
      return scope -> JinjaAttributes.item(value.value(scope), index);
    } else if (token.kind() != Kind.NAME) {
      throw JinjaTokens.fault(token.line(), "unexpected " + token);
    }
    String name = (String) token.value();
    return scope -> JinjaAttributes.attribute(value.value(scope), name);
  }

  private Expression subscript(Expression value) {
    Expression start = tokens.isOperator(":") ? constant(null) : expression();
    if (tokens.skipOperator("]")) {
      return scope -> JinjaAttributes.item(value.value(scope), start.value(scope));
    }
    tokens.expectOperator(":");
    Expression stop = bound();
    Expression step = tokens.skipOperator(":") ? bound() : constant(null);
    tokens.expectOperator("]");
    return scope ->
        JinjaOperators.slice(
            value.value(scope), start.value(scope), stop.value(scope), step.value(scope));
  }

  private Expression bound() {
    boolean none = tokens.isOperator(":") || tokens.isOperator("]");
    return none ? constant(null) : expression();
  }

  /** Arguments after an opening parenthesis. */
  private Given given() {
    List<Expression> positional = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    each(
        ")",
        () -> {
          if (tokens.isOperator("*") || tokens.isOperator("**")) {
            throw tokens.fault("* and ** in a call are not supported");
          } else if (tokens.is(Kind.NAME) && tokens.follows(Kind.OPERATOR, "=")) {
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
    return new Given(positional, named);
  }

  private Expression filtersAndTests(Expression unary) {
    Expression value = unary;
    while (true) {
      if (tokens.skipOperator("|")) {
        Expression input = value;
        FilterCall filter = filter();
        value = scope -> filter.apply(input.value(scope), scope);
      } else if (tokens.skipName("is")) {
        value = test(value);
      } else if (tokens.skipOperator("(")) {
        value = new Call(value, given());
      } else {
        return value;
      }
    }
  }

  /** A filter, behind its bar. */
  FilterCall filter() {
    String name = tokens.name();
    exists(JinjaFilters.isFilter(name), "filter", name);
    return new FilterCall(
        name, tokens.skipOperator("(") ? given() : new Given(List.of(), Map.of()));
  }

  private void exists(boolean exists, String what, String name) {
    if (!exists && !soft) {
      throw tokens.fault("the " + what + " " + name + " is not supported");
    }
  }

  private Expression test(Expression value) {
    boolean negated = tokens.skipName("not");
    String name = tokens.name();
    exists(JinjaTests.isTest(name), "test", name);
    Given given = new Given(List.of(), Map.of());
    boolean operand =
        tokens.is(Kind.NAME) && !tokens.isOneOf(Kind.NAME, AFTER_A_TEST)
            || tokens.is(Kind.STRING)
            || tokens.is(Kind.NUMBER)
            || tokens.isOperator("[")
            || tokens.isOperator("{");
    if (tokens.skipOperator("(")) {
      given = given();
    } else if (tokens.isName("is")) {
      throw tokens.fault("a test of a test is not supported");
    } else if (operand) {
      given = new Given(List.of(postfix(primary(false))), Map.of());
    }
    Given arguments = given;
    return scope -> negated != JinjaTests.test(name, value.value(scope), arguments.values(scope));
  }
}
