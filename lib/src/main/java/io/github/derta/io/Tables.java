package io.github.derta.io;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/** Records as Tablesaw's tables, and tables as rows that {@link RowWriter} writes. */
public final class Tables {

  private Tables() {}

  /**
   * {@return a table with a column for each component, named as in {@code refusal_at}; null is a
   * missing value}
   *
   * @param name of the table
   * @param type has components of type String, int, Integer, double and Double
   * @param records the rows
   */
  public static <R extends Record> Table of(String name, Class<R> type, List<R> records) {
    Table table = Table.create(name);
    for (RecordComponent component : type.getRecordComponents()) {
      List<Object> values = records.stream().map(record -> value(component, record)).toList();
      String column = component.getName().replaceAll("([A-Z])", "_$1").toLowerCase();
      Class<?> kind = component.getType();
      table.addColumns(
          kind == String.class
              ? StringColumn.create(column, values.toArray(String[]::new))
              : kind == int.class || kind == Integer.class
                  ? IntColumn.create(column, values.toArray(Integer[]::new))
                  : DoubleColumn.create(column, values.toArray(Number[]::new)));
    }
    return table;
  }

  private static Object value(RecordComponent component, Record of) {
    try {
      component
          .getAccessor()
          .setAccessible(true); // of records that are private where they are used
      return component.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * {@return the rows of a table by column, fractions with four digits; null where a cell is empty}
   *
   * @param table all of it
   */
  public static List<Map<String, Object>> rows(Table table) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = 0; i < table.rowCount(); i++) {
      Map<String, Object> row = new LinkedHashMap<>();
      for (Column<?> column : table.columns()) {
        Object value = column.isMissing(i) ? null : column.get(i);
        row.put(column.name(), value instanceof Double x ? Math.round(1e4 * x) / 1e4 : value);
      }
      rows.add(row);
    }
    return rows;
  }
}
