package io.github.derta.jinja;

import io.github.derta.io.BadInput;
import io.github.derta.jinja.Expressions.Expression;
import io.github.derta.jinja.Expressions.FilterCall;
import io.github.derta.jinja.Tokens.Kind;
import io.github.derta.jinja.Tokens.Token;
import io.github.derta.jinja.Values.Arguments;
import io.github.derta.jinja.Values.Fault;
import io.github.derta.jinja.Values.Function;
import io.github.derta.jinja.Values.Namespace;
import io.github.derta.jinja.Values.Tuple;
import io.github.derta.jinja.Values.Undefined;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.Spliterators;
import java.util.stream.StreamSupport;

/** Reads the statements of Jinja2, as its own parser reads them. */
final class Statements {

  /** How a statement ended. */
  enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  /** A statement as it was read. */
  interface Statement {
    Flow run(Scope scope, StringBuilder out);
  }

  /** Statements in a row. */
  record Block(List<Statement> statements) implements Statement {

    @Override
    public Flow run(Scope scope, StringBuilder out) {
      for (Statement statement : statements) {
        Flow flow = statement.run(scope, out);
        if (flow != Flow.NEXT) {
          return flow;
        }
      }
      return Flow.NEXT;
    }

    String text(Scope scope) {
      StringBuilder out = new StringBuilder();
      run(scope, out);
      return out.toString();
    }
  }

  /** What stands left of = or of in. */
  private interface Target {
    void assign(Object value, Scope scope);

    /** The value as a for with an if hands it on: what is taken apart becomes a tuple. */
    default Object packed(Object value) {
      return value;
    }
  }

  private record Targets(List<Target> targets) implements Target {

    @Override
    public void assign(Object value, Scope scope) {
      List<Object> values = Values.list(value);
      if (values.size() != targets.size()) {
        throw new Fault(values.size() + " values for " + targets.size() + " names");
      }
      for (int i = 0; i < values.size(); i++) {
        targets.get(i).assign(values.get(i), scope);
      }
    }

    @Override
    public Object packed(Object value) {
      List<Object> values = new ArrayList<>();
      Iterator<Target> each = targets.iterator();
      Values.list(value).forEach(v -> values.add(each.hasNext() ? each.next().packed(v) : v));
      return new Tuple(values);
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
    while (!tokens.is(Kind.END)) {
      Token token = tokens.next();
      if (token.kind() == Kind.DATA) {
        String text = (String) token.value();
        statements.add(at(token.line(), (scope, out) -> write(text, out)));
      } else if (token.kind() == Kind.PRINT) {
        Expression value = expressions.tuple(true);
        tokens.expect(Kind.CLOSE);
        statements.add(
            at(token.line(), (scope, out) -> write(Values.text(value.value(scope)), out)));
      } else if (tokens.is(Set.of(ends))) {
        return new Block(statements);
      } else {
        statements.add(at(token.line(), statement()));
        tokens.expect(Kind.CLOSE);
      }
    }
    if (ends.length > 0) {
      throw tokens.fault("the template ends before " + String.join(" or ", ends));
    }
    return new Block(statements);
  }

  private static Flow write(String text, StringBuilder out) {
    out.append(text);
    Operators.limit(out.length());
    return Flow.NEXT;
  }

  private static Statement at(int line, Statement statement) {
    return (scope, out) -> {
      try {
        return statement.run(scope, out);
      } catch (Fault | ArithmeticException e) {
        throw new BadInput("line " + line + ": " + e.getMessage(), e);
      }
    };
  }

  private Statement statement() {
    BadInput unsupported =
        tokens.fault("the tag " + tokens.current().value() + " is not supported");
    String tag = tokens.name();
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
        yield (scope, out) -> Flow.valueOf(tag.toUpperCase(Locale.ROOT));
      }
      default -> throw unsupported;
    };
  }

  /** What stands between a tag and the one that ends it, which is read up to its name. */
  private Block body(String... ends) {
    tokens.skip(":");
    tokens.expect(Kind.CLOSE);
    return block(ends);
  }

  private Block bodyTo(String end) {
    Block body = body(end);
    tokens.expect(end);
    return body;
  }

  /** A body that no break can leave. */
  private Block functionBody(String end) {
    int around = loops;
    loops = 0;
    Block body = bodyTo(end);
    loops = around;
    return body;
  }

  private Statement condition() {
    Expression test = expressions.tuple(false);
    Block then = body("elif", "else", "endif");
    int line = tokens.current().line();
    Statement otherwise = NOTHING;
    if (tokens.skip("elif")) {
      otherwise = at(line, condition());
    } else if (tokens.skip("else")) {
      otherwise = bodyTo("endif");
    } else {
      tokens.expect("endif");
    }
    Statement last = otherwise;
    return (scope, out) -> (Values.truth(test.value(scope)) ? then : last).run(scope, out);
  }

  private Target target() {
    List<Target> targets = new ArrayList<>();
    boolean comma = false;
    do {
      if (tokens.is(Set.of("in", ")", "="))) {
        break;
      }
      targets.add(single());
      comma |= tokens.is(",");
    } while (tokens.skip(","));
    return comma || targets.isEmpty() ? new Targets(targets) : targets.get(0);
  }

  private Target single() {
    if (tokens.skip("(")) {
      Target target = target();
      tokens.expect(")");
      return target;
    }
    String name = tokens.name();
    if (Expressions.isConstant(name) || name.equals("loop")) {
      throw tokens.fault(name + " cannot be assigned to");
    } else if (!tokens.skip(".")) {
      return (value, scope) -> scope.set(name, value);
    }
    String attribute = tokens.name();
    return (value, scope) -> {
      if (!(scope.get(name) instanceof Namespace namespace)) {
        throw new Fault("only attributes of a namespace can be set");
      }
      namespace.attributes().put(attribute, value);
    };
  }

  private Statement loop() {
    Target target = target();
    tokens.expect("in");
    Expression items = expressions.tuple(false);
    Expression test = tokens.skip("if") ? expressions.expression() : null;
    if (tokens.is("recursive")) {
      throw tokens.fault("a recursive for is not supported");
    }
    loops++;
    Block body = body("endfor", "else");
    loops--;
    Block otherwise = tokens.skip("else") ? body("endfor") : NOTHING;
    tokens.expect("endfor");
    return (scope, out) -> {
      Iterator<Object> all = Values.iterator(items.value(scope));
      Loop loop = new Loop(test == null ? all : chosen(all, target, test, scope));
      boolean ran = false;
      while (loop.hasNext()) {
        scope.step();
        Scope inner = new Scope(scope);
        inner.set("loop", loop);
        target.assign(loop.next(), inner);
        Flow flow = body.run(inner, out);
        if (flow == Flow.BREAK) {
          break;
        }
        ran |= flow == Flow.NEXT;
      }
      // As in Jinja2, which takes the else too if no step comes to its end.
      return ran ? Flow.NEXT : otherwise.run(new Scope(scope), out);
    };
  }

  /** The items that pass the test, each tested when it is asked for. */
  private static Iterator<Object> chosen(
      Iterator<Object> items, Target target, Expression test, Scope scope) {
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(items, 0), false)
        .map(target::packed)
        .filter(
            item -> {
              Scope inner = new Scope(scope);
              target.assign(item, inner);
              return Values.truth(test.value(inner));
            })
        .iterator();
  }

  private Statement set() {
    Target target = target();
    if (tokens.skip("=")) {
      Expression value = expressions.tuple(true);
      return (scope, out) -> {
        target.assign(value.value(scope), scope);
        return Flow.NEXT;
      };
    }
    List<FilterCall> filters = new ArrayList<>();
    while (tokens.skip("|")) {
      filters.add(expressions.filter());
    }
    Block body = bodyTo("endset");
    return (scope, out) -> {
      Scope inner = new Scope(scope);
      StringBuilder content = new StringBuilder();
      Flow flow = body.run(inner, content);
      if (flow == Flow.NEXT) {
        Object text = content.toString();
        for (FilterCall filter : filters) {
          text = filter.apply(text, inner);
        }
        target.assign(text, scope);
      }
      return flow;
    };
  }

  private Statement macro() {
    String name = tokens.name();
    Map<String, Expression> parameters = new LinkedHashMap<>();
    tokens.expect("(");
    while (!tokens.is(")")) {
      if (!parameters.isEmpty()) {
        tokens.expect(",");
      }
      String parameter = tokens.name();
      Expression fallback = tokens.skip("=") ? expressions.expression() : null;
      if (fallback == null && parameters.values().stream().anyMatch(Objects::nonNull)) {
        throw tokens.fault("a parameter without a default follows one with a default");
      }
      parameters.put(parameter, fallback);
    }
    tokens.next();
    Block body = functionBody("endmacro");
    return (scope, out) -> {
      scope.set(name, (Function) given -> call(name, parameters, body, given, new Scope(scope)));
      return Flow.NEXT;
    };
  }

  private static Object call(
      String name, Map<String, Expression> parameters, Block body, Arguments given, Scope inner) {
    Map<String, Object> named = new HashMap<>(given.named());
    Iterator<Object> positional = given.positional().iterator();
    List<String> missing = new ArrayList<>();
    for (String parameter : parameters.keySet()) {
      if (positional.hasNext()) {
        inner.set(parameter, positional.next());
      } else if (named.containsKey(parameter)) {
        inner.set(parameter, named.remove(parameter));
      } else {
        missing.add(parameter);
        inner.set(parameter, new Undefined("parameter '" + parameter + "' was not provided"));
      }
    }
    if (positional.hasNext() || !named.isEmpty()) {
      throw new Fault("macro " + name + " with such arguments is not supported");
    }
    for (String parameter : missing) {
      if (parameters.get(parameter) != null) {
        inner.set(parameter, parameters.get(parameter).value(inner));
      }
    }
    return inner.nested(() -> body.text(inner));
  }
}
