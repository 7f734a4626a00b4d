package io.github.derta.text;

import static io.github.derta.text.JinjaNodes.assign;

import io.github.derta.text.Jinja.Scope;
import io.github.derta.text.JinjaLexer.Kind;
import io.github.derta.text.JinjaLexer.Token;
import io.github.derta.text.JinjaNodes.Block;
import io.github.derta.text.JinjaNodes.Call;
import io.github.derta.text.JinjaNodes.Expression;
import io.github.derta.text.JinjaNodes.FilterCall;
import io.github.derta.text.JinjaNodes.Flow;
import io.github.derta.text.JinjaNodes.Name;
import io.github.derta.text.JinjaNodes.Statement;
import io.github.derta.text.JinjaValues.Arguments;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The statements of Jinja2, as its own parser reads them. */
final class JinjaParser {

  private static final Block NOTHING = new Block(List.of());

  private final JinjaTokens tokens;
  private final JinjaExpressions expressions;
  private int loops;

  JinjaParser(JinjaTokens tokens) {
    this.tokens = tokens;
    this.expressions = new JinjaExpressions(tokens);
  }

  /** Statements up to a tag with one of these names, or up to the end of the template. */
  Block block(String... ends) {
    List<Statement> statements = new ArrayList<>();
    while (!tokens.is(Kind.END)) {
      Token token = tokens.next();
      if (token.kind() == Kind.DATA) {
        String text = (String) token.value();
        statements.add((scope, out) -> write(text, out));
      } else if (token.kind() == Kind.PRINT_BEGIN) {
        Expression value = expressions.tuple(true);
        tokens.expect(Kind.PRINT_END);
        statements.add(
            at(token.line(), (scope, out) -> write(JinjaValues.text(value.value(scope)), out)));
      } else if (tokens.isOneOf(Kind.NAME, Set.of(ends))) {
        return new Block(statements);
      } else {
        statements.add(at(token.line(), statement()));
        tokens.expect(Kind.BLOCK_END);
      }
    }
    if (ends.length > 0) {
      throw tokens.fault("the template ends before " + String.join(" or ", ends));
    }
    return new Block(statements);
  }

  private static Flow write(String text, StringBuilder out) {
    out.append(text);
    JinjaOperators.limit(out.length());
    return Flow.NEXT;
  }

  private static Statement at(int line, Statement statement) {
    return (scope, out) -> {
      scope.run().at(line);
      return statement.run(scope, out);
    };
  }

  private Statement statement() {
    int line = tokens.current().line();
    String tag = tokens.name();
    return switch (tag) {
      case "if" -> condition();
      case "for" -> loop();
      case "set" -> set();
      case "macro" -> macro();
      case "call" -> callBlock();
      case "filter" -> filterBlock();
      case "with" -> with();
      case "generation" -> generation();
      case "break", "continue" -> {
        if (loops == 0) {
          throw JinjaTokens.fault(line, tag + " outside of a for");
        }
        yield (scope, out) -> Flow.valueOf(tag.toUpperCase(Locale.ROOT));
      }
      default -> throw JinjaTokens.fault(line, "the tag " + tag + " is not supported");
    };
  }

  /** What stands between a tag and the one that ends it, which is read up to its name. */
  private Block body(boolean soft, String... ends) {
    boolean before = expressions.soft;
    expressions.soft = soft;
    tokens.skipOperator(":");
    tokens.expect(Kind.BLOCK_END);
    Block body = block(ends);
    expressions.soft = before;
    return body;
  }

  private Block bodyTo(String end) {
    Block body = body(false, end);
    tokens.expectName(end);
    return body;
  }

  private Statement condition() {
    Expression test = expressions.tuple(false);
    Block then = body(true, "elif", "else", "endif");
    Statement otherwise = NOTHING;
    if (tokens.isName("elif")) {
      int line = tokens.next().line();
      otherwise = at(line, condition());
    } else if (tokens.skipName("else")) {
      otherwise = body(true, "endif");
      tokens.expectName("endif");
    } else {
      tokens.expectName("endif");
    }
    Statement last = otherwise;
    return (scope, out) -> (JinjaValues.truth(test.value(scope)) ? then : last).run(scope, out);
  }

  private Statement loop() {
    Expression target = expressions.target(false, "in");
    if (target.equals(new Name("loop"))) {
      throw tokens.fault("a for cannot give a value to loop");
    }
    tokens.expectName("in");
    Expression items = expressions.tuple(false, "recursive");
    Expression test = tokens.skipName("if") ? expressions.expression() : null;
    if (tokens.isName("recursive")) {
      throw tokens.fault("a recursive for is not supported");
    }
    loops++;
    Block body = body(false, "endfor", "else");
    loops--;
    Block otherwise = NOTHING;
    if (tokens.skipName("else")) {
      otherwise = body(false, "endfor");
    }
    tokens.expectName("endfor");
    Block last = otherwise;
    return (scope, out) -> {
      Iterator<Object> all = JinjaValues.iterator(items.value(scope));
      JinjaLoop loop = new JinjaLoop(test == null ? all : chosen(all, target, test, scope));
      boolean ran = false;
      while (loop.hasNext()) {
        scope.run().step();
        Scope inner = new Scope(scope);
        inner.set("loop", loop);
        assign(target, loop.next(), inner);
        Flow flow = body.run(inner, out);
        if (flow == Flow.BREAK) {
          break;
        }
        ran |= flow == Flow.NEXT;
      }
      // As in Jinja2, which takes the else too if no step comes to its end.
      return ran ? Flow.NEXT : last.run(new Scope(scope), out);
    };
  }

  private static Iterator<Object> chosen(
      Iterator<Object> items, Expression target, Expression test, Scope scope) {
    return JinjaFilters.stream(items)
        .mapMulti(
            (item, chosen) -> {
              Scope inner = new Scope(scope);
              assign(target, item, inner);
              if (JinjaValues.truth(test.value(inner))) {
                chosen.accept(target.value(inner));
              }
            })
        .iterator();
  }

  private Statement set() {
    Expression target = expressions.target(true);
    if (tokens.skipOperator("=")) {
      Expression value = expressions.tuple(true);
      return (scope, out) -> {
        assign(target, value.value(scope), scope);
        return Flow.NEXT;
      };
    }
    List<FilterCall> filters = new ArrayList<>();
    return captured(filters, "endset", (scope, out, text) -> assign(target, text, scope));
  }

  private Statement filterBlock() {
    List<FilterCall> filters = new ArrayList<>(List.of(expressions.filter()));
    return captured(filters, "endfilter", (scope, out, text) -> out.append(JinjaValues.text(text)));
  }

  private interface Taker {
    void take(Scope scope, StringBuilder out, Object text);
  }

  private Statement captured(List<FilterCall> filters, String end, Taker taker) {
    while (tokens.skipOperator("|")) {
      filters.add(expressions.filter());
    }
    Block body = bodyTo(end);
    return (scope, out) -> {
      Scope inner = new Scope(scope);
      StringBuilder content = new StringBuilder();
      Flow flow = body.run(inner, content);
      if (flow == Flow.NEXT) {
        Object text = content.toString();
        for (FilterCall filter : filters) {
          text = filter.apply(text, inner);
        }
        taker.take(scope, out, text);
      }
      return flow;
    };
  }

  private Statement macro() {
    String name = tokens.name();
    Set<String> before = enter();
    List<String> parameters = new ArrayList<>();
    List<Expression> defaults = signature(parameters);
    JinjaMacro.Definition definition = leave(name, parameters, defaults, "endmacro", before);
    return (scope, out) -> {
      scope.set(name, new JinjaMacro(definition, scope));
      return Flow.NEXT;
    };
  }

  private Statement callBlock() {
    List<String> parameters = new ArrayList<>();
    List<Expression> defaults = tokens.isOperator("(") ? signature(parameters) : List.of();
    if (!(expressions.expression() instanceof Call call)) {
      throw tokens.fault("a call block needs a call");
    }
    JinjaMacro.Definition definition = leave("caller", parameters, defaults, "endcall", enter());
    return (scope, out) -> {
      Arguments given = call.given().values(scope);
      Map<String, Object> named = new LinkedHashMap<>(given.named());
      named.put("caller", new JinjaMacro(definition, scope));
      Arguments all = new Arguments(given.positional(), named);
      return write(JinjaValues.text(Call.call(call.function().value(scope), all)), out);
    };
  }

  /** Begins to note the names that a macro mentions; returns those noted before. */
  private Set<String> enter() {
    Set<String> before = expressions.names;
    expressions.names = new HashSet<>();
    return before;
  }

  private JinjaMacro.Definition leave(
      String name,
      List<String> parameters,
      List<Expression> defaults,
      String end,
      Set<String> before) {
    Block body = functionBody(end);
    Set<String> names = expressions.names;
    before.addAll(names);
    expressions.names = before;
    return new JinjaMacro.Definition(name, parameters, defaults, body, names);
  }

  /** A body that no break can leave. */
  private Block functionBody(String end) {
    int around = loops;
    loops = 0;
    Block body = bodyTo(end);
    loops = around;
    return body;
  }

  /** Reads parameters; returns the defaults of the last of them. */
  private List<Expression> signature(List<String> parameters) {
    List<Expression> defaults = new ArrayList<>();
    tokens.expectOperator("(");
    while (!tokens.isOperator(")")) {
      if (!parameters.isEmpty()) {
        tokens.expectOperator(",");
      }
      parameters.add(tokens.name());
      if (tokens.skipOperator("=")) {
        defaults.add(expressions.expression());
      } else if (!defaults.isEmpty()) {
        throw tokens.fault("a parameter without a default follows one with a default");
      }
    }
    tokens.next();
    return defaults;
  }

  private Statement with() {
    List<Expression> targets = new ArrayList<>();
    List<Expression> values = new ArrayList<>();
    while (!tokens.is(Kind.BLOCK_END)) {
      if (!targets.isEmpty()) {
        tokens.expectOperator(",");
      }
      targets.add(expressions.target(false));
      tokens.expectOperator("=");
      values.add(expressions.expression());
    }
    Block body = bodyTo("endwith");
    return (scope, out) -> {
      Scope inner = new Scope(scope);
      for (int i = 0; i < targets.size(); i++) {
        assign(targets.get(i), values.get(i).value(scope), inner);
      }
      return body.run(inner, out);
    };
  }

  private Statement generation() {
    Block body = functionBody("endgeneration");
    return (scope, out) -> body.run(new Scope(scope), out);
  }
}
