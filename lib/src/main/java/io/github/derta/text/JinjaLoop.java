package io.github.derta.text;

import static io.github.derta.text.JinjaValues.MISSING;

import io.github.derta.text.JinjaValues.Attributes;
import io.github.derta.text.JinjaValues.Fault;
import io.github.derta.text.JinjaValues.Function;
import io.github.derta.text.JinjaValues.Undefined;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The {@code loop} of a for; looks ahead as far as it is asked to, as Jinja2's LoopContext does.
 */
final class JinjaLoop implements Attributes {

  private Iterator<Object> items;
  private Object before = MISSING;
  private Object current = MISSING;
  private Object after = MISSING;
  private long index = 0;
  private long length = -1;
  private List<Object> changed;

  JinjaLoop(Iterator<Object> items) {
    this.items = items;
  }

  boolean hasNext() {
    return after != MISSING || items.hasNext();
  }

  Object next() {
    before = current;
    current = after != MISSING ? after : items.next();
    after = MISSING;
    index++;
    return current;
  }

  private Object peek() {
    if (after == MISSING && items.hasNext()) {
      after = items.next();
    }
    return after;
  }

  private long length() {
    if (length < 0) {
      List<Object> rest = new ArrayList<>();
      items.forEachRemaining(rest::add);
      items = rest.iterator();
      length = index + rest.size() + (after == MISSING ? 0 : 1);
    }
    return length;
  }

  @Override
  public Object attribute(String name) {
    return switch (name) {
      case "index" -> index;
      case "index0" -> index - 1;
      case "revindex" -> length() - index + 1;
      case "revindex0" -> length() - index;
      case "first" -> index == 1;
      case "last" -> peek() == MISSING;
      case "length" -> length();
      case "depth" -> 1L;
      case "depth0" -> 0L;
      case "previtem" -> index == 1 ? new Undefined("there is no previous item") : before;
      case "nextitem" -> peek() == MISSING ? new Undefined("there is no next item") : after;
      case "cycle" ->
          (Function)
              arguments -> {
                if (arguments.positional().isEmpty()) {
                  throw new Fault("loop.cycle needs values");
                }
                int at = (int) ((index - 1) % arguments.positional().size());
                return arguments.positional().get(at);
              };
      case "changed" ->
          (Function)
              arguments -> {
                boolean same =
                    changed != null && JinjaOperators.same(changed, arguments.positional());
                changed = arguments.positional();
                return !same;
              };
      default -> MISSING;
    };
  }

  @Override
  public String toString() {
    return "<LoopContext " + index + "/" + length() + ">";
  }
}
