package io.github.derta.view;

import io.github.derta.position.Band;
import io.github.derta.position.PositionCounts;
import io.github.derta.position.RefusalPositions;
import io.github.derta.stats.Rate;
import io.github.derta.stats.Rates;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * Tables of where refusals stand, ready for {@link Figure}, from a table with one row a response
 * and a column of positions (counted from 1; 0 where a response does not refuse).
 */
public final class PositionTables {

  private PositionTables() {}

  /**
   * Reads responses of one's own.
   *
   * @param rule where a refusal stands
   * @param paths files of responses, and folders searched to their depths
   * @return columns {@code file, record, words, position}
   * @throws io.github.derta.io.BadInput if a file cannot be read
   */
  public static Table read(RefusalPositions rule, Path... paths) {
    Table table =
        Table.create(
            "responses",
            StringColumn.create("file"),
            LongColumn.create("record"),
            IntColumn.create("words"),
            IntColumn.create("position"));
    for (Path file : RefusalPositions.files(List.of(paths))) {
      rule.read(
          file,
          response -> {
            Row row = table.appendRow();
            row.setString("file", file.getFileName().toString());
            row.setLong("record", response.record());
            row.setInt("words", response.words());
            row.setInt("position", response.position());
          });
    }
    return table;
  }

  /**
   * Counts positions.
   *
   * @param responses one row a response
   * @param positions name of a column of positions
   * @return its counts
   */
  public static PositionCounts counts(Table responses, String positions) {
    double[] values = Columns.complete(responses, positions);
    return PositionCounts.of(Arrays.stream(values).mapToInt(value -> (int) value).toArray());
  }

  /**
   * The shares of Figure 4: of the responses that refuse, how many do so in each band.
   *
   * @param responses one row a response
   * @param positions name of a column of positions
   * @param groups columns to count apart by
   * @return columns: the groups, {@code position, refusals, n, share, low, high}, where n counts
   *     the refusals of the group; a group without a refusal has no row
   */
  public static Table shares(Table responses, String positions, String... groups) {
    List<StringColumn> names = Stream.of(groups).map(StringColumn::create).toList();
    StringColumn position = StringColumn.create("position");
    List<Rate> rates = new ArrayList<>();
    counts(responses, positions, groups)
        .forEach(
            (group, counts) -> {
              for (Band band : counts.refused() == 0 ? List.<Band>of() : Band.PAPER) {
                append(names, group);
                position.append(band.toString());
                rates.add(counts.share(band));
              }
            });
    return table("shares", names, position, "refusals", rates);
  }

  /**
   * How many responses refuse at all.
   *
   * @param responses one row a response
   * @param positions name of a column of positions
   * @param groups columns to count apart by
   * @return columns: the groups, {@code refused, n, share, low, high}
   */
  public static Table refused(Table responses, String positions, String... groups) {
    List<StringColumn> names = Stream.of(groups).map(StringColumn::create).toList();
    List<Rate> rates = new ArrayList<>();
    counts(responses, positions, groups)
        .forEach(
            (group, counts) -> {
              append(names, group);
              rates.add(new Rate(counts.refused(), counts.responses()));
            });
    return table("refused", names, null, "refused", rates);
  }

  /**
   * The survival curve: how many responses have not begun to refuse within their first k.
   *
   * @param responses one row a response
   * @param positions name of a column of positions
   * @param last the last k; the first is 0
   * @param groups columns to count apart by
   * @return columns: the groups, {@code k, surviving, n, share, low, high}
   */
  public static Table survival(Table responses, String positions, int last, String... groups) {
    List<StringColumn> names = Stream.of(groups).map(StringColumn::create).toList();
    IntColumn ks = IntColumn.create("k");
    List<Rate> rates = new ArrayList<>();
    counts(responses, positions, groups)
        .forEach(
            (group, counts) -> {
              for (int k = 0; k <= last; k++) {
                append(names, group);
                ks.append(k);
                rates.add(counts.survival(k));
              }
            });
    return table("survival", names, ks, "surviving", rates);
  }

  private static void append(List<StringColumn> names, List<String> group) {
    for (int i = 0; i < group.size(); i++) {
      names.get(i).append(group.get(i));
    }
  }

  private static Table table(
      String name, List<StringColumn> names, Column<?> place, String hits, List<Rate> rates) {
    List<Column<?>> columns = new ArrayList<>(names);
    if (place != null) {
      columns.add(place);
    }
    Table table = Rates.of(rates, columns.toArray(Column<?>[]::new)).setName(name);
    table.column("hits").setName(hits);
    return table;
  }

  /**
   * Names the origin of a table's rows, before it is drawn beside another's.
   *
   * @param table any rows
   * @param column name of the new column
   * @param value what stands in each of its rows
   * @return a copy with the column
   */
  public static Table label(Table table, String column, String value) {
    List<String> values = Collections.nCopies(table.rowCount(), value);
    return table.copy().addColumns(StringColumn.create(column, values));
  }

  private static Map<List<String>, PositionCounts> counts(
      Table responses, String positions, String[] groups) {
    double[] values = Columns.complete(responses, positions);
    Map<List<String>, PositionCounts> counts = new LinkedHashMap<>();
    for (int i = 0; i < values.length; i++) {
      int row = i;
      List<String> group =
          Stream.of(groups).map(name -> Columns.find(responses, name).getString(row)).toList();
      counts.computeIfAbsent(group, g -> new PositionCounts()).add((int) values[row]);
    }
    return counts;
  }
}
