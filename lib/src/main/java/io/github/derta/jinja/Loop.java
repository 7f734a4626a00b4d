package io.github.derta.jinja;

import static io.github.derta.jinja.Values.MISSING;

import io.github.derta.jinja.Values.Fault;
import io.github.derta.jinja.Values.Undefined;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The {@code loop} of a for; looks ahead no further than it is asked to. */
final class Loop {

  private Iterator<Object> items;
  private Object before = MISSING;
  private Object current = MISSING;
  private Object after = MISSING;
  private long index;
  private long length = -1;

  Loop(Iterator<Object> items) {
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

  /** {@return loop.name} */
  Object attribute(String name) {
    return switch (name) {
      case "index" -> index;
      case "index0" -> index - 1;
      case "revindex" -> length() - index + 1;
      case "revindex0" -> length() - index;
      case "first" -> index == 1;
      case "last" -> peek() == MISSING;
      case "length" -> length();
      case "previtem" -> index == 1 ? new Undefined("there is no previous item") : before;
      case "nextitem" -> peek() == MISSING ? new Undefined("there is no next item") : after;
      default -> throw new Fault("loop." + name + " is not supported");
    };
  }
}
