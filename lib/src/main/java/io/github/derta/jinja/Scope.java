package io.github.derta.jinja;

import java.util.HashMap;
import java.util.Map;

/** Variables, those of the scopes around, and how much one rendering has done so far. */
final class Scope {

  private static final int MOST_STEPS = 2_000_000;

  private final Map<String, Object> variables = new HashMap<>();
  private final Scope outer;
  private final Scope outermost;
  private int steps;

  Scope(Map<String, Object> globals) {
    variables.putAll(globals);
    outer = null;
    outermost = this;
  }

  Scope(Scope outer) {
    this.outer = outer;
    this.outermost = outer.outermost;
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      if (scope.variables.containsKey(name)) {
        return scope.variables.get(name);
      }
    }
    if (name.matches("self|cycler|joiner|lipsum|varargs|kwargs|caller")) {
      throw new Values.Fault(name + " is not supported");
    }
    return new Values.Undefined("'" + name + "' is undefined");
  }

  void set(String name, Object value) {
    variables.put(name, value);
  }

  void step() {
    if (++outermost.steps > MOST_STEPS) {
      throw new Values.Fault("loops take more than " + MOST_STEPS + " steps");
    }
  }
}
