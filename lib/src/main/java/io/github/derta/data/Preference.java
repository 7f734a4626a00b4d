package io.github.derta.data;

import java.util.List;

/**
 * A pair for DPO, as {@code {"prompt", "chosen", "rejected"}}.
 *
 * @param prompt what is given
 * @param chosen the better text
 * @param rejected the worse one
 */
public record Preference(String prompt, String chosen, String rejected) {

  /** {@return both as rows, the better one first} */
  public List<Row> rows() {
    return List.of(
        new Row(prompt, chosen, Row.Kind.NEXT_TOKEN),
        new Row(prompt, rejected, Row.Kind.NEXT_TOKEN));
  }
}
