package io.github.derta.view;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tech.tablesaw.api.ColumnType;
import tech.tablesaw.api.NumericColumn;
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
    strings(table, name);
    return numbers(table, name);
  }

  /** The distinct values in the order of their first appearance. */
  static List<String> names(Table table, String name) {
    return strings(table, name).stream().distinct().toList();
  }

  /** The values as Plotly shows them literally. */
  static ArrayNode labels(Table table, String name) {
    return json(strings(table, name).stream().map(Theme::text));
  }

  static ArrayNode json(Stream<String> values) {
    return JsonLines.MAPPER.valueToTree(values.toList());
  }

  /** JSON knows no NaN; a gap is null. */
  static ArrayNode json(double[] values) {
    ArrayNode array = JsonLines.MAPPER.createArrayNode();
    for (double value : values) {
      array.add(Double.isFinite(value) ? Double.valueOf(value) : null);
    }
    return array;
  }

  static boolean whole(Column<?> column) {
    return List.of(ColumnType.INTEGER, ColumnType.LONG, ColumnType.SHORT).contains(column.type());
  }

  /** The values as text, of which none is missing. */
  private static List<String> strings(Table table, String name) {
    Column<?> column = find(table, name);
    List<String> values = new ArrayList<>();
    for (int row = 0; row < column.size(); row++) {
      values.add(column.getString(row));
      // A string column takes an empty text that is set later for a value.
      if (column.isMissing(row) || values.get(row).isEmpty()) {
        throw new BadInput(
            "column \"%s\", row %d: missing; drop the row or fill it in".formatted(name, row + 1));
      }
    }
    return values;
  }
}
