package io.github.derta.view;

import io.github.derta.io.BadInput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tech.tablesaw.api.ColumnType;
import tech.tablesaw.api.Table;
import tech.tablesaw.io.csv.CsvReadOptions;

/** Tables that scripts wrote, checked before anything is drawn of them. */
final class CsvFile {

  private CsvFile() {}

  /** The columns that are named, of one row at least. */
  static Table read(Path file, List<String> texts, ColumnType type, List<String> numbers) {
    List<String> needed = new ArrayList<>(texts);
    needed.addAll(numbers);
    Map<String, ColumnType> types = new HashMap<>();
    texts.forEach(name -> types.put(name, ColumnType.STRING));
    numbers.forEach(name -> types.put(name, type));
    Table table;
    try {
      if (!Files.isRegularFile(file)) {
        throw new IllegalArgumentException("no such file");
      }
      table =
          Table.read()
              .usingOptions(CsvReadOptions.builder(file.toFile()).columnTypesPartial(types));
      if (table.isEmpty()) {
        throw new IllegalArgumentException("no row");
      }
      return table.selectColumns(needed.toArray(String[]::new));
    } catch (RuntimeException e) { // Tablesaw has no type of its own for a bad file
      throw new BadInput(
          file + ": no CSV table with the columns " + needed + " (" + e.getMessage() + ")", e);
    }
  }
}
