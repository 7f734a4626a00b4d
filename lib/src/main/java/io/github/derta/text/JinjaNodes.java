package io.github.derta.text;

import io.github.derta.text.Jinja.Scope;
import io.github.derta.text.JinjaValues.Arguments;
import io.github.derta.text.JinjaValues.Fault;
import io.github.derta.text.JinjaValues.Function;
import io.github.derta.text.JinjaValues.Namespace;
import io.github.derta.text.JinjaValues.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a template is made of: statements and expressions, most of them lambdas. */
final class JinjaNodes {

  private JinjaNodes() {}

  /** An expression. */
  interface Expression {
    Object value(Scope scope);
  }

  /** How a statement ended. */
  enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  /** A statement. */
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

  record Name(String name) implements Expression {
    @Override
    public Object value(Scope scope) {
      return scope.get(name);
    }
  }

  /** {@code namespace.name}, as the target of a set. */
  record Attribute(String namespace, String name) implements Expression {
    @Override
    public Object value(Scope scope) {
      return JinjaAttributes.attribute(scope.get(namespace), name);
    }
  }

  record Tuple(List<Expression> items) implements Expression {
    @Override
    public Object value(Scope scope) {
      return new JinjaValues.Tuple(values(items, scope));
    }
  }

  /** The arguments of a call. */
  record Given(List<Expression> positional, Map<String, Expression> named) {

    Arguments values(Scope scope) {
      List<Object> values = JinjaNodes.values(positional, scope);
      Map<String, Object> byName = new LinkedHashMap<>();
      named.forEach((name, value) -> byName.put(name, value.value(scope)));
      return new Arguments(values, byName);
    }
  }

  record Call(Expression function, Given given) implements Expression {
    @Override
    public Object value(Scope scope) {
      return call(function.value(scope), given.values(scope));
    }

    static Object call(Object function, Arguments arguments) {
      if (function instanceof Function callable) {
        return callable.call(arguments);
      }
      throw new Fault(
          function instanceof Undefined undefined
              ? undefined.reason()
              : "a value of type " + JinjaValues.type(function) + " cannot be called");
    }
  }

  /** A filter and its arguments. */
  record FilterCall(String name, Given given) {
    Object apply(Object value, Scope scope) {
      return JinjaFilters.apply(name, value, given.values(scope));
    }
  }

  static List<Object> values(List<Expression> expressions, Scope scope) {
    List<Object> values = new ArrayList<>();
    expressions.forEach(expression -> values.add(expression.value(scope)));
    return values;
  }

  /** Gives a value to what stands left of = or of in. */
  static void assign(Expression target, Object value, Scope scope) {
    if (target instanceof Name name) {
      scope.set(name.name, value);
    } else if (target instanceof Attribute attribute) {
      if (!(scope.get(attribute.namespace) instanceof Namespace namespace)) {
        throw new Fault("only attributes of a namespace can be set");
      }
      namespace.attributes().put(attribute.name, value);
    } else {
      List<Expression> targets = ((Tuple) target).items;
      List<Object> values = JinjaValues.list(value);
      if (values.size() != targets.size()) {
        throw new Fault(values.size() + " values for " + targets.size() + " names");
      }
      for (int i = 0; i < values.size(); i++) {
        assign(targets.get(i), values.get(i), scope);
      }
    }
  }
}
