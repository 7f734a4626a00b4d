package io.github.derta.eval;

import io.github.derta.io.Resources;
import io.github.derta.position.PublishedName;
import tech.tablesaw.api.Table;

/**
 * The paper's figures (arXiv 2407.09121), in percent, to be set beside others, never mixed with
 * them.
 */
public final class PaperTables {

  private PaperTables() {}

  /**
   * {@return a table of the paper: {@code model, method}, the attack success rate of each attack,
   * and in Tables 2 and 10 three scores of helpfulness; missing where the paper gives none}
   *
   * @param source {@code Table 2}, {@code Table 4} or {@code Table 10}
   */
  public static Table of(String source) {
    return where(read(), "source", source).removeColumns("source").setName("the paper's " + source);
  }

  /** The attack success rate from any table; NaN where the paper gives none. */
  static double percent(PublishedName name) {
    Table row = where(where(read(), "model", name.model()), "method", name.method());
    return row.isEmpty() || !row.containsColumn(name.attack())
        ? Double.NaN
        : row.numberColumn(name.attack()).getDouble(0);
  }

  private static Table where(Table table, String column, String value) {
    return table.where(table.stringColumn(column).isEqualTo(value));
  }

  private static Table read() {
    return Table.read().csv(Resources.text(PaperTables.class, "paper-tables.csv"), "the paper");
  }
}
