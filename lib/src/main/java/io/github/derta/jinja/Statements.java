package io.github.derta.jinja;

import io.github.derta.io.BadInput;
import io.github.derta.jinja.Expressions.Expression;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the statements of Jinja2, as its own parser reads them. */
final class Statements {

  /** A statement as it was read; returns the tag that leaves the for around, or null. */
  interface Statement {
    String run(Scope scope, StringBuilder out);
  }

  /** Statements in a row. */
  record Block(List<Statement> statements) implements Statement {

    @Override
    public String run(Scope scope, StringBuilder out) {
      String leaves = null;
      for (int i = 0; i < statements.size() && leaves == null; i++) {
        leaves = statements.get(i).run(scope, out);
      }
      return leaves;
    }

    String text(Scope scope) {
      StringBuilder out = new StringBuilder();
      run(scope, out);
      return out.toString();
    }
  }

  private static final Block NOTHING = new Block(List.of());

  private final Tokens tokens;
  private final Expressions expressions;
  private int loops;

  Statements(Tokens tokens) {
    this.tokens = tokens;
    this.expressions = new Expressions(tokens);
  }

  /** Statements up to a tag with one of these names, or up to the end of the template. */
  Block block(String... ends) {
    List<Statement> statements = new ArrayList<>();
    while (!tokens.isKind("end")) {
      Tokens.Token token = tokens.next();
      if (token.kind().equals("text")) {
        statements.add(at(token.line(), (scope, out) -> write(token.text(), out)));
      } else if (token.kind().equals("print")) {
        Expression value = expressions.tuple();
        tokens.take("close");
        statements.add(
            at(token.line(), (scope, out) -> write(Values.text(value.value(scope)), out)));
      } else if (tokens.is(ends)) {
        return new Block(statements);
      } else {
        statements.add(at(token.line(), statement()));
        tokens.take("close");
      }
    }
    if (ends.length > 0) {
      throw tokens.fault("the template ends before " + String.join(" or ", ends));
    }
    return new Block(statements);
  }

  private static String write(String text, StringBuilder out) {
    out.append(text);
    if (out.length() > Values.LONGEST) {
      throw new Values.Fault("the text is longer than " + Values.LONGEST);
    }
    return null;
  }

  private static Statement at(int line, Statement statement) {
    return (scope, out) -> {
      try {
        return statement.run(scope, out);
      } catch (Values.Fault | ArithmeticException e) {
        throw new BadInput("line " + line + ": " + e.getMessage(), e);
      }
    };
  }

  private Statement statement() {
    BadInput unsupported = tokens.fault("the tag " + tokens.current().text() + " is not supported");
    String tag = tokens.take("name");
    return switch (tag) {
      case "if" -> condition();
      case "for" -> loop();
      case "set" -> set();
      case "macro" -> macro();
      case "generation" -> {
        Block body = functionBody("endgeneration");
        yield (scope, out) -> body.run(new Scope(scope), out);
      }
      case "break", "continue" -> {
        if (loops == 0) {
          throw tokens.fault(tag + " outside of a for");
        }
        yield (scope, out) -> tag;
      }
      default -> throw unsupported;
    };
  }

  /** What stands between a tag and the one that ends it, which is read up to its name. */
  private Block body(String... ends) {
    tokens.take("close");
    return block(ends);
  }

  /** A body that no break can leave. */
  private Block functionBody(String end) {
    int around = loops;
    loops = 0;
    Block body = body(end);
    tokens.expect(end);
    loops = around;
    return body;
  }

  private Statement condition() {
    Expression test = expressions.or();
    Block then = body("elif", "else", "endif");
    Statement otherwise;
    if (tokens.skip("elif")) {
      otherwise = condition();
    } else {
      otherwise = tokens.skip("else") ? body("endif") : NOTHING;
      tokens.expect("endif");
    }
    return (scope, out) -> (Values.truth(test.value(scope)) ? then : otherwise).run(scope, out);
  }

  /** What stands left of = or of in: names, those of attributes with their dot. */
  private List<String> target() {
    List<String> names = new ArrayList<>();
    do {
      String name = tokens.take("name");
      if (Expressions.CONSTANT.matcher(name).matches() || name.equals("loop")) {
        throw tokens.fault(name + " cannot be assigned to");
      }
      names.add(tokens.skip(".") ? name + "." + tokens.take("name") : name);
    } while (tokens.skip(","));
    return names;
  }

  /** Gives values to names; returns null, as a statement does. */
  private static String assign(List<String> names, Object value, Scope scope) {
    String name = names.get(0);
    int dot = name.indexOf('.');
    if (names.size() > 1) {
      Iterator<Object> values = Values.list(value).iterator();
      if (Values.list(value).size() != names.size()) {
        throw new Values.Fault(names.size() + " names for another number of values");
      }
      names.forEach(each -> assign(List.of(each), values.next(), scope));
    } else if (dot < 0) {
      scope.set(name, value);
    } else if (scope.get(name.substring(0, dot)) instanceof Values.Namespace namespace) {
      namespace.attributes().put(name.substring(dot + 1), value);
    } else {
      throw new Values.Fault("only attributes of a namespace can be set");
    }
    return null;
  }

  private Statement loop() {
    List<String> names = target();
    tokens.expect("in");
    Expression items = expressions.or();
    Expression test = tokens.skip("if") ? expressions.expression() : null;
    loops++;
    Block body = body("endfor", "else");
    loops--;
    Block otherwise = tokens.skip("else") ? body("endfor") : NOTHING;
    tokens.expect("endfor");
    return (scope, out) -> {
      Iterator<Object> all = Values.iterator(items.value(scope));
      Loop loop = new Loop(test == null ? all : chosen(all, names, test, scope));
      boolean ran = false;
      for (Object item = loop.next(); item != Values.MISSING; item = loop.next()) {
        scope.step();
        Scope inner = new Scope(scope);
        inner.set("loop", loop);
        assign(names, item, inner);
        String leaves = body.run(inner, out);
        if ("break".equals(leaves)) {
          break;
        }
        ran |= leaves == null;
      }
      // As in Jinja2, which takes the else too if no step comes to its end.
      return ran ? null : otherwise.run(new Scope(scope), out);
    };
  }

  /** The items that pass the test, each tested when it is asked for; what is split is a tuple. */
  private static Iterator<Object> chosen(
      Iterator<Object> items, List<String> names, Expression test, Scope scope) {
    return Builtins.stream(items)
        .map(item -> names.size() > 1 ? new Values.Tuple(Values.list(item)) : item)
        .filter(
            item -> {
              Scope inner = new Scope(scope);
              assign(names, item, inner);
              return Values.truth(test.value(inner));
            })
        .iterator();
  }

  private Statement set() {
    List<String> names = target();
    if (tokens.skip("=")) {
      Expression value = expressions.tuple();
      return (scope, out) -> assign(names, value.value(scope), scope);
    }
    Block body = body("endset");
    tokens.expect("endset");
    return (scope, out) -> {
      StringBuilder content = new StringBuilder();
      String leaves = body.run(new Scope(scope), content);
      return leaves == null ? assign(names, content.toString(), scope) : leaves;
    };
  }

  private Statement macro() {
    String name = tokens.take("name");
    Map<String, Expression> parameters = new LinkedHashMap<>();
    tokens.expect("(");
    while (!tokens.is(")")) {
      if (!parameters.isEmpty()) {
        tokens.expect(",");
      }
      String parameter = tokens.take("name");
      parameters.put(parameter, tokens.skip("=") ? expressions.expression() : null);
    }
    tokens.next();
    Block body = functionBody("endmacro");
    return (scope, out) -> {
      scope.set(
          name, (Values.Function) given -> call(name, parameters, body, given, new Scope(scope)));
      return null;
    };
  }

  private static Object call(
      String name,
      Map<String, Expression> parameters,
      Block body,
      Values.Arguments given,
      Scope inner) {
    List<String> names = new ArrayList<>(parameters.keySet());
    int positional = given.positional().size();
    List<String> others = names.subList(Math.min(positional, names.size()), names.size());
    if (positional > names.size() || !others.containsAll(given.named().keySet())) {
      throw new Values.Fault("macro " + name + " with such arguments is not supported");
    }
    for (int i = 0; i < names.size(); i++) {
      String each = names.get(i);
      Object missing = new Values.Undefined("parameter '" + each + "' was not provided");
      Object named = given.named().getOrDefault(each, missing);
      inner.set(each, i < positional ? given.positional().get(i) : named);
    }
    for (String other : others) {
      if (parameters.get(other) != null && !given.named().containsKey(other)) {
        inner.set(other, parameters.get(other).value(inner));
      }
    }
    return body.text(inner);
  }
}
