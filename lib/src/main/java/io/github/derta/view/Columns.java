package io.github.derta.view;

import io.github.derta.io.BadInput;
import java.util.List;
import java.util.stream.IntStream;
import tech.tablesaw.api.ColumnType;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/** Columns of a table as figures need them, or what is wrong with them. */
final class Columns {

  private Columns() {}

  static Column<?> find(Table table, String name) {
    if (name == null || !table.containsColumn(name)) {
      throw new BadInput(
          "no column \"%s\" in table \"%s\"; it has %s"
              .formatted(name, table.name(), table.columnNames()));
    }
    return table.column(name);
  }

  static NumericColumn<?> numeric(Table table, String name) {
    if (find(table, name) instanceof NumericColumn<?> numbers) {
      return numbers;
    }
    throw new BadInput(
        "column \"%s\" is of type %s, numbers are needed"
            .formatted(name, find(table, name).type()));
  }

  /** Numbers; what is missing is NaN, a gap in a figure. */
  static double[] numbers(Table table, String name) {
    return numeric(table, name).asDoubleArray();
  }

  /** Numbers of which none is missing. */
  static double[] complete(Table table, String name) {
    none(find(table, name));
    return numbers(table, name);
  }

  /** The distinct values in the order of their first appearance. */
  static List<String> names(Table table, String name) {
    Column<?> column = none(find(table, name));
    return rows(column).mapToObj(column::getString).distinct().toList();
  }

  /** The values as Plotly shows them literally. */
  static StringColumn labels(Table table, String name) {
    Column<?> column = none(find(table, name));
    return StringColumn.create(
        name, rows(column).mapToObj(row -> Theme.text(column.getString(row))));
  }

  private static IntStream rows(Column<?> column) {
    return IntStream.range(0, column.size());
  }

  static boolean whole(Column<?> column) {
    return column.type() == ColumnType.INTEGER
        || column.type() == ColumnType.LONG
        || column.type() == ColumnType.SHORT;
  }

  private static Column<?> none(Column<?> column) {
    for (int row = 0; row < column.size(); row++) {
      // A string column takes an empty text that is set later for a value.
      if (column.isMissing(row) || column.getString(row).isEmpty()) {
        throw new BadInput(
            "column \"%s\", row %d: missing; drop the row or fill it in"
                .formatted(column.name(), row + 1));
      }
    }
    return column;
  }
}
