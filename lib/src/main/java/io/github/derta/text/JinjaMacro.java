package io.github.derta.text;

import io.github.derta.text.Jinja.Scope;
import io.github.derta.text.JinjaNodes.Block;
import io.github.derta.text.JinjaNodes.Expression;
import io.github.derta.text.JinjaValues.Arguments;
import io.github.derta.text.JinjaValues.Fault;
import io.github.derta.text.JinjaValues.Function;
import io.github.derta.text.JinjaValues.Tuple;
import io.github.derta.text.JinjaValues.Undefined;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A macro, or the body of a call block, in the scope where it stands.
 *
 * @param definition what the template says
 * @param scope what its body sees
 */
record JinjaMacro(Definition definition, Scope scope) implements Function {

  private static final int DEEPEST = 150;

  /**
   * A macro without a scope.
   *
   * @param name its name
   * @param parameters the names of its parameters
   * @param defaults the defaults of the last parameters
   * @param body its body
   * @param names the names that the body mentions; varargs, kwargs and caller are taken if it does
   */
  record Definition(
      String name,
      List<String> parameters,
      List<Expression> defaults,
      Block body,
      Set<String> names) {}

  @Override
  public Object call(Arguments arguments) {
    Map<String, Object> named = new LinkedHashMap<>(arguments.named());
    Scope inner = new Scope(scope);
    List<String> parameters = definition.parameters;
    List<Object> positional = arguments.positional();
    int given = Math.min(positional.size(), parameters.size());
    for (int i = 0; i < parameters.size(); i++) {
      String name = parameters.get(i);
      Object missing = new Undefined("parameter '" + name + "' was not provided");
      Object value = named.getOrDefault(name, missing);
      inner.set(name, i < given ? positional.get(i) : value);
    }
    int first = parameters.size() - definition.defaults.size();
    for (int i = given; i < parameters.size(); i++) {
      String name = parameters.get(i);
      if (i >= first && !named.containsKey(name)) {
        inner.set(name, definition.defaults.get(i - first).value(inner));
      }
      named.remove(name);
    }
    special(inner, named, positional.subList(given, positional.size()));
    return scope.run().nested(DEEPEST, () -> definition.body.text(inner));
  }

  private void special(Scope inner, Map<String, Object> named, List<Object> rest) {
    if (definition.names.contains("caller") && !definition.parameters.contains("caller")) {
      Object caller = named.remove("caller");
      inner.set("caller", caller == null ? new Undefined("No caller defined") : caller);
    }
    if (definition.names.contains("kwargs")) {
      inner.set("kwargs", named);
    } else if (!named.isEmpty()) {
      throw new Fault(
          "macro " + definition.name + " takes no argument " + named.keySet().iterator().next());
    }
    if (definition.names.contains("varargs")) {
      inner.set("varargs", new Tuple(rest));
    } else if (!rest.isEmpty()) {
      throw new Fault(
          "macro " + definition.name + " takes at most " + definition.parameters.size());
    }
  }

  @Override
  public String toString() {
    return "<Macro " + PythonText.repr(definition.name) + ">";
  }
}
