package io.github.derta.text;

import io.github.derta.io.BadInput;
import io.github.derta.text.JinjaNodes.Block;
import io.github.derta.text.JinjaValues.Arguments;
import io.github.derta.text.JinjaValues.Fault;
import io.github.derta.text.JinjaValues.Function;
import io.github.derta.text.JinjaValues.Namespace;
import io.github.derta.text.JinjaValues.Undefined;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * A template of Jinja2 3.1.6, rendered as transformers renders chat templates: sandboxed, with
 * {@code trim_blocks}, {@code lstrip_blocks}, break, continue and generation blocks, without
 * autoescape. Texts among the variables are never evaluated. What is not supported is refused with
 * its line.
 */
public final class Jinja {

  private static final int MOST_STEPS = 2_000_000;

  private final Block body;
  private final boolean usesDate;

  private Jinja(JinjaTokens tokens) {
    body = new JinjaParser(tokens).block();
    usesDate = tokens.mentions("strftime_now");
  }

  /**
   * Reads a template.
   *
   * @param source its text
   * @return the template
   * @throws BadInput what is wrong with it, or not supported, and in which line
   */
  public static Jinja parse(String source) {
    try {
      return new Jinja(new JinjaTokens(source));
    } catch (StackOverflowError e) {
      throw new BadInput("the template is nested too deeply", e);
    }
  }

  /**
   * Whether the template mentions today's date, {@code strftime_now}.
   *
   * @return whether its text depends on the date
   */
  public boolean usesDate() {
    return usesDate;
  }

  /**
   * Renders the template.
   *
   * @param variables texts, numbers, booleans, nulls, and lists and maps of these, by name
   * @param date what {@code strftime_now} takes for now
   * @return the text
   * @throws BadInput what the template says by {@code raise_exception}, or what is wrong with it or
   *     not supported, and in which line
   */
  public String render(Map<String, ?> variables, LocalDateTime date) {
    Run run = new Run(date);
    Scope scope = new Scope(run);
    variables.forEach((name, value) -> scope.set(name, python(value)));
    try {
      return body.text(new Scope(scope));
    } catch (Fault e) {
      throw new BadInput("line " + run.line + ": " + e.getMessage(), e);
    } catch (ArithmeticException e) {
      throw new BadInput("line " + run.line + ": a number is too large", e);
    } catch (StackOverflowError e) {
      throw new BadInput("line " + run.line + ": nested too deeply", e);
    }
  }

  private static Object python(Object value) {
    if (value instanceof Integer number) {
      return number.longValue();
    } else if (value instanceof List<?> list) {
      return list.stream().map(Jinja::python).toList();
    } else if (value instanceof Map<?, ?> map) {
      Map<Object, Object> dict = new LinkedHashMap<>();
      map.forEach((key, item) -> dict.put(key, python(item)));
      return dict;
    }
    return value;
  }

  /** Variables, and those of the scopes around. */
  static final class Scope {

    private final Map<String, Object> variables = new HashMap<>();
    private final Scope outer;
    private final Run run;

    private Scope(Run run) {
      this.outer = null;
      this.run = run;
      variables.putAll(run.globals());
    }

    Scope(Scope outer) {
      this.outer = outer;
      this.run = outer.run;
    }

    Run run() {
      return run;
    }

    Object get(String name) {
      for (Scope scope = this; scope != null; scope = scope.outer) {
        if (scope.variables.containsKey(name)) {
          return scope.variables.get(name);
        }
      }
      return new Undefined("'" + name + "' is undefined");
    }

    void set(String name, Object value) {
      variables.put(name, value);
    }
  }

  /** One rendering: where it stands, and how much it may do. */
  static final class Run {

    private final LocalDateTime date;
    private int line = 1;
    private int depth;
    private int steps;

    private Run(LocalDateTime date) {
      this.date = date;
    }

    /** Notes the line that a message would name. */
    void at(int line) {
      this.line = line;
    }

    void step() {
      if (++steps > MOST_STEPS) {
        throw new Fault("loops take more than " + MOST_STEPS + " steps");
      }
    }

    /** Runs the body of a macro and comes back to the line of its call. */
    Object nested(int deepest, Supplier<Object> body) {
      if (++depth > deepest) {
        throw new Fault("macros call each other more than " + deepest + " deep");
      }
      int calledAt = line;
      Object value = body.get();
      line = calledAt;
      depth--;
      return value;
    }

    private Map<String, Object> globals() {
      Map<String, Object> globals = new HashMap<>();
      for (String name : List.of("cycler", "joiner", "lipsum")) {
        globals.put(
            name,
            (Function)
                arguments -> {
                  throw new Fault(name + " is not supported");
                });
      }
      globals.put("range", (Function) JinjaValues::range);
      globals.put("dict", (Function) JinjaValues::dict);
      globals.put("namespace", (Function) Run::namespace);
      globals.put("raise_exception", (Function) Run::refuse);
      globals.put("strftime_now", (Function) this::now);
      return globals;
    }

    private static Object namespace(Arguments arguments) {
      Map<String, Object> attributes = new LinkedHashMap<>();
      JinjaValues.dict(arguments)
          .forEach((name, value) -> attributes.put(PythonText.string(name), value));
      return new Namespace(attributes);
    }

    private static Object refuse(Arguments arguments) {
      throw new BadInput(
          JinjaValues.text(arguments.bind("raise_exception", new String[] {"message!"})[0]));
    }

    private Object now(Arguments arguments) {
      Object format = arguments.bind("strftime_now", new String[] {"format!"})[0];
      return Pattern.compile("%-?.?", Pattern.DOTALL)
          .matcher(PythonText.string(format))
          .replaceAll(part -> PythonDate.directive(part.group(), date));
    }
  }
}
