package io.github.derta.stats;

import java.util.List;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/** STUB, replaced by the statistics branch. */
public final class Rates {
  private Rates() {}

  public static Table table(String name, List<String> groups, String hits, Column<?>... place) {
    Table table = Table.create(name);
    groups.forEach(group -> table.addColumns(StringColumn.create(group)));
    table.addColumns(place);
    return table.addColumns(
        LongColumn.create(hits),
        LongColumn.create("n"),
        DoubleColumn.create("share"),
        DoubleColumn.create("low"),
        DoubleColumn.create("high"));
  }

  public static Row add(Table table, List<String> group, Rate rate) {
    Row row = table.appendRow();
    for (int i = 0; i < group.size(); i++) {
      row.setString(i, group.get(i));
    }
    row.setLong(table.columnIndex("n") - 1, rate.hits());
    row.setLong("n", rate.n());
    row.setDouble("share", rate.share());
    row.setDouble("low", rate.low());
    row.setDouble("high", rate.high());
    return row;
  }

  public static Table of(Table answers, String outcome, String... groups) {
    return answers;
  }

  public static Table mean(Table answers, String points, String... groups) {
    return answers;
  }

  public static Table differences(
      Table answers, String outcome, String between, String reference, String... groups) {
    return answers;
  }
}
