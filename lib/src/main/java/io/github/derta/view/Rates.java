package io.github.derta.view;

import io.github.derta.stats.Rate;
import java.util.List;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/** A table of rates: whose they are, perhaps where, hits, n, and the share with its interval. */
final class Rates {

  private Rates() {}

  static Table table(String name, List<String> groups, String hits, Column<?>... place) {
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

  /** {@return the new row, whose place is still to be set} */
  static Row add(Table table, List<String> group, Rate rate) {
    Row row = table.appendRow();
    for (int i = 0; i < group.size(); i++) {
      row.setString(i, group.get(i));
    }
    row.setLong(table.columnCount() - 5, rate.hits());
    row.setLong("n", rate.n());
    row.setDouble("share", rate.share());
    row.setDouble("low", rate.low());
    row.setDouble("high", rate.high());
    return row;
  }
}
