package io.github.derta.view;

import io.github.derta.position.Band;
import io.github.derta.position.PositionCounts;
import io.github.derta.position.RefusalPositions;
import io.github.derta.position.ScanOptions;
import io.github.derta.stats.Rate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import tech.tablesaw.api.DoubleColumn;
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
          ScanOptions.STRICT,
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
    PositionCounts counts = new PositionCounts();
    for (double value : values) {
      counts.add((int) value);
    }
    return counts;
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
    Rows rows = new Rows("shares", groups, StringColumn.create("position"));
    each(
        responses,
        positions,
        groups,
        (group, counts) -> {
          for (Band band : Band.PAPER) {
            if (counts.refused() > 0) {
              rows.add(group, band.toString(), counts.share(band));
            }
          }
        });
    return rows.table("refusals");
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
    Rows rows = new Rows("refused", groups, null);
    each(
        responses,
        positions,
        groups,
        (group, counts) -> rows.add(group, null, new Rate(counts.refused(), counts.responses())));
    return rows.table("refused");
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
    Rows rows = new Rows("survival", groups, IntColumn.create("k"));
    each(
        responses,
        positions,
        groups,
        (group, counts) -> {
          for (int k = 0; k <= last; k++) {
            rows.add(group, k, counts.survival(k));
          }
        });
    return rows.table("surviving");
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
    String[] values = new String[table.rowCount()];
    Arrays.fill(values, value);
    return table.copy().addColumns(StringColumn.create(column, values));
  }

  private static void each(
      Table responses,
      String positions,
      String[] groups,
      BiConsumer<List<String>, PositionCounts> use) {
    double[] values = Columns.complete(responses, positions);
    Map<List<String>, PositionCounts> counts = new LinkedHashMap<>();
    for (int row = 0; row < values.length; row++) {
      List<String> group = new ArrayList<>();
      for (String name : groups) {
        group.add(Columns.find(responses, name).getString(row));
      }
      counts.computeIfAbsent(group, g -> new PositionCounts()).add((int) values[row]);
    }
    counts.forEach(use);
  }

  /** Rows of a table of rates: groups, perhaps a place, the rate with its interval. */
  private static final class Rows {

    private final String name;
    private final List<StringColumn> groups = new ArrayList<>();
    private final Column<?> place;
    private final LongColumn hits = LongColumn.create("hits");
    private final LongColumn n = LongColumn.create("n");
    private final DoubleColumn share = DoubleColumn.create("share");
    private final DoubleColumn low = DoubleColumn.create("low");
    private final DoubleColumn high = DoubleColumn.create("high");

    Rows(String name, String[] groups, Column<?> place) {
      this.name = name;
      for (String group : groups) {
        this.groups.add(StringColumn.create(group));
      }
      this.place = place;
    }

    void add(List<String> group, Object at, Rate rate) {
      for (int i = 0; i < groups.size(); i++) {
        groups.get(i).append(group.get(i));
      }
      if (place != null) {
        place.appendObj(at);
      }
      hits.append(rate.hits());
      n.append(rate.n());
      share.append(rate.share());
      low.append(rate.low());
      high.append(rate.high());
    }

    Table table(String hitsName) {
      Table table = Table.create(name);
      groups.forEach(table::addColumns);
      if (place != null) {
        table.addColumns(place);
      }
      return table.addColumns(hits.setName(hitsName), n, share, low, high);
    }
  }
}
