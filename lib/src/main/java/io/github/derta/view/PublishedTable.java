package io.github.derta.view;

import io.github.derta.io.BadInput;
import io.github.derta.position.PublishedName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;
import tech.tablesaw.joining.JoinType;
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
    Column<?> file = Columns.find(table, "file");
    List<PublishedName> names =
        IntStream.range(0, table.rowCount())
            .mapToObj(row -> PublishedName.of(folder.getString(row), file.getString(row)))
            .toList();
    return ordered(
        table
            .replaceColumn(StringColumn.create("attack", names.stream().map(PublishedName::attack)))
            .addColumns(
                StringColumn.create("model", names.stream().map(PublishedName::model)),
                StringColumn.create("method", names.stream().map(PublishedName::method))));
  }

  /** Rows in the order of {@link #METHODS}; those of other methods follow. */
  static Table ordered(Table table) {
    StringColumn method = table.stringColumn("method");
    Table ordered = table.emptyCopy();
    Stream.concat(METHODS.stream(), method.asList().stream())
        .distinct()
        .forEach(name -> ordered.append(table.where(method.isEqualTo(name))));
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
    Table table = responses.countBy("model", "method").sortAscendingOn("model", "method");
    table.removeColumns("Count");
    StringColumn attacks = responses.stringColumn("attack");
    for (String attack : Columns.names(responses, "attack")) {
      Table counts = responses.where(attacks.isEqualTo(attack)).countBy("model", "method");
      counts.column("Count").setName(attack);
      table = table.joinOn("model", "method").type(JoinType.LEFT_OUTER).with(counts).join();
    }
    return table.setName("responses");
  }

  /**
   * The responses without some of them.
   *
   * @param responses one row a response, with {@code attack, file, index}
   * @param some rows with the same three columns
   * @return the rows of {@code responses} that stand for none of {@code some}
   */
  public static Table without(Table responses, Table some) {
    Set<List<Object>> left = some.stream().map(PublishedTable::key).collect(Collectors.toSet());
    IntStream dropped =
        responses.stream().filter(row -> left.contains(key(row))).mapToInt(Row::getRowNumber);
    return responses.dropWhere(Selection.with(dropped.toArray()));
  }

  private static List<Object> key(Row row) {
    return List.of(row.getString("attack"), row.getString("file"), row.getInt("index"));
  }
}
