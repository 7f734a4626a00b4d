package io.github.derta.jinja;

import io.github.derta.io.BadInput;
import java.time.LocalDateTime;
import java.util.Map;

/**
 * A template of Jinja2 3.1.6, rendered as transformers renders chat templates: sandboxed, with
 * {@code trim_blocks}, {@code lstrip_blocks}, break, continue and generation blocks, without
 * autoescape. Texts among the variables are never evaluated. What is not supported is refused with
 * its line, where it is used.
 */
public final class Jinja {

  private final Statements.Block body;
  private final boolean usesDate;

  private Jinja(Tokens tokens) {
    body = new Statements(tokens).block();
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
      return new Jinja(new Tokens(source));
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
   * @param variables texts, Integers, booleans, nulls, lists and maps, by name; in lists and maps
   *     texts, Longs, booleans, nulls, lists and maps
   * @param date what {@code strftime_now} takes for now
   * @return the text
   * @throws BadInput what the template says by {@code raise_exception}, or what is wrong with it or
   *     not supported, and in which line
   */
  public String render(Map<String, ?> variables, LocalDateTime date) {
    Scope scope = new Scope(Builtins.globals(date));
    variables.forEach(
        (name, value) ->
            scope.set(name, value instanceof Integer n ? (Object) n.longValue() : value));
    try {
      return body.text(new Scope(scope));
    } catch (StackOverflowError e) {
      throw new BadInput("the template is nested too deeply", e);
    }
  }
}
