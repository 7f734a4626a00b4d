package io.github.derta.view;

import io.github.derta.io.BadInput;
import io.github.derta.position.PublishedName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;
import tech.tablesaw.selection.BitmapBackedSelection;
import tech.tablesaw.selection.Selection;

/**
 * The facts about the published responses of the paper's public repository (commit 70bdb52), which
 * {@code PublishedPositions.java} counted, with the model and method that each file's name tells.
 */
public final class PublishedTable {

  private static final List<String> METHODS =
      List.of("vanilla", "harmful prefix", "DeRTa", "DPO", "as released");

  private PublishedTable() {}

  /**
   * Reads a table of facts.
   *
   * @param csv a file with at least the columns {@code attack} and {@code file}
   * @return its table with the columns {@code model} and {@code method} added, vanilla first, and
   *     the attacks named as in the paper
   * @throws BadInput if the file or one of the two columns is missing
   */
  public static Table read(Path csv) {
    if (!Files.isRegularFile(csv)) {
      throw new BadInput(csv + ": no such file; PublishedPositions.java makes it");
    }
    Table table = Table.read().csv(csv.toFile());
    Column<?> folder = Columns.find(table, "attack");
    StringColumn attack = StringColumn.create("attack");
    StringColumn model = StringColumn.create("model");
    StringColumn method = StringColumn.create("method");
    for (int row = 0; row < table.rowCount(); row++) {
      String file = Columns.find(table, "file").getString(row);
      PublishedName name = PublishedName.of(folder.getString(row), file);
      model.append(name.model());
      attack.append(name.attack());
      method.append(name.method());
    }
    table.replaceColumn("attack", attack).addColumns(model, method);
    Table ordered = table.emptyCopy();
    METHODS.forEach(name -> ordered.append(table.where(method.isEqualTo(name))));
    return ordered;
  }

  /**
   * Who was attacked how.
   *
   * @param responses what {@link #read} returns
   * @return one row a model and method, one column an attack, the number of responses in each cell;
   *     missing where there are none
   */
  public static Table overview(Table responses) {
    List<String> attacks = Columns.names(responses, "attack");
    Map<List<String>, Map<String, Integer>> counts =
        new TreeMap<>(Comparator.comparing(List::toString));
    for (Row row : responses) {
      counts
          .computeIfAbsent(
              List.of(row.getString("model"), row.getString("method")), k -> new HashMap<>())
          .merge(row.getString("attack"), 1, Integer::sum);
    }
    Table table =
        Table.create("responses", StringColumn.create("model"), StringColumn.create("method"));
    attacks.forEach(attack -> table.addColumns(IntColumn.create(attack)));
    counts.forEach(
        (who, byAttack) -> {
          Row row = table.appendRow();
          row.setString("model", who.get(0));
          row.setString("method", who.get(1));
          byAttack.forEach(row::setInt);
        });
    return table;
  }

  /**
   * The responses without some of them.
   *
   * @param responses one row a response, with {@code attack, file, index}
   * @param some rows with the same three columns
   * @return the rows of {@code responses} that stand for none of {@code some}
   */
  public static Table without(Table responses, Table some) {
    Set<List<Object>> left = new HashSet<>();
    some.forEach(row -> left.add(key(row)));
    Selection kept = new BitmapBackedSelection();
    responses.stream()
        .filter(row -> !left.contains(key(row)))
        .forEach(row -> kept.add(row.getRowNumber()));
    return responses.where(kept);
  }

  private static List<Object> key(Row row) {
    return List.of(row.getString("attack"), row.getString("file"), row.getInt("index"));
  }
}
