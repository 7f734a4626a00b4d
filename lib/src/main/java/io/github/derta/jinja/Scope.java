package io.github.derta.jinja;

import java.util.HashMap;
import java.util.Map;

/** Variables, with those of the scopes around, and how much one rendering has done so far. */
final class Scope {

  private static final int MOST_STEPS = 2_000_000;

  private final Map<String, Object> variables;
  private final int[] steps;

  Scope(Map<String, Object> globals) {
    variables = globals;
    steps = new int[1];
  }

  Scope(Scope outer) {
    variables = new HashMap<>(outer.variables);
    steps = outer.steps;
  }

  Object get(String name) {
    if (variables.containsKey(name)) {
      return variables.get(name);
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
    if (++steps[0] > MOST_STEPS) {
      throw new Values.Fault("loops take more than " + MOST_STEPS + " steps");
    }
  }
}
