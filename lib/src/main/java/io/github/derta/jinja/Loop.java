package io.github.derta.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The {@code loop} of a for; looks ahead no further than it is asked to. */
final class Loop {

  private final Iterator<Object> items;
  private final List<Object> taken = new ArrayList<>();
  private int index;

  Loop(Iterator<Object> items) {
    this.items = items;
  }

  /** Whether there is an item at this place, counted from 0. */
  private boolean has(int place) {
    while (taken.size() <= place && items.hasNext()) {
      taken.add(items.next());
    }
    return taken.size() > place;
  }

  /** {@return the next item, or MISSING} */
  Object next() {
    return has(index) ? taken.get(index++) : Values.MISSING;
  }

  Object attribute(String name) {
    return switch (name) {
      case "index" -> (long) index;
      case "index0" -> index - 1L;
      case "first" -> index == 1;
      case "last" -> !has(index);
      case "length" -> has(Integer.MAX_VALUE) ? 0L : taken.size();
      case "previtem" ->
          index > 1 ? taken.get(index - 2) : new Values.Undefined("no previous item");
      case "nextitem" -> has(index) ? taken.get(index) : new Values.Undefined("no next item");
      default -> throw new Values.Fault("loop." + name + " is not supported");
    };
  }
}
