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
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * Tables of where refusals stand, ready for {@link Figure}, from a table {@code responses} with one
 * row a response and a column {@code positions} (counted from 1; 0 where a response does not
 * refuse). Rates are counted apart by the columns {@code groups}.
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
    StringColumn files = StringColumn.create("file");
    LongColumn records = LongColumn.create("record");
    IntColumn words = IntColumn.create("words");
    IntColumn positions = IntColumn.create("position");
    for (Path file : RefusalPositions.files(List.of(paths))) {
      rule.read(
          file,
          response -> {
            files.append(file.getFileName().toString());
            records.append(response.record());
            words.append(response.words());
            positions.append(response.position());
          });
    }
    return Table.create("responses", files, records, words, positions);
  }

  public static PositionCounts counts(Table responses, String positions) {
    double[] values = Columns.complete(responses, positions);
    return PositionCounts.of(Arrays.stream(values).mapToInt(value -> (int) value).toArray());
  }

  /**
   * The shares of Figure 4: of the responses that refuse, how many do so in each band.
   *
   * @return columns: the groups, {@code position, refusals, n, share, low, high}, where n counts
   *     the refusals of the group; a group without a refusal has no row
   */
  public static Table shares(Table responses, String positions, String... groups) {
    StringColumn bands = StringColumn.create("position", Band.PAPER.stream().map(Band::toString));
    BiFunction<PositionCounts, Integer, Rate> share =
        (counts, band) -> counts.share(Band.PAPER.get(band));
    Table shares = table(responses, positions, groups, "refusals", bands, share);
    return shares.where(shares.longColumn("n").isGreaterThan(0)).setName("shares");
  }

  /**
   * How many responses refuse at all.
   *
   * @return columns: the groups, {@code refused, n, share, low, high}
   */
  public static Table refused(Table responses, String positions, String... groups) {
    StringColumn anywhere = StringColumn.create("position", "any");
    BiFunction<PositionCounts, Integer, Rate> share =
        (counts, any) -> new Rate(counts.refused(), counts.responses());
    return table(responses, positions, groups, "refused", anywhere, share)
        .removeColumns("position");
  }

  /**
   * The survival curve: how many responses have not begun to refuse within their first k.
   *
   * @param last the last k; the first is 0
   * @return columns: the groups, {@code k, surviving, n, share, low, high}
   */
  public static Table survival(Table responses, String positions, int last, String... groups) {
    IntColumn k = IntColumn.create("k", IntStream.rangeClosed(0, last));
    return table(responses, positions, groups, "surviving", k, PositionCounts::survival)
        .setName("survival");
  }

  /** The rate of each group at each place, which is given by its index. */
  private static <T> Table table(
      Table responses,
      String positions,
      String[] groups,
      String hits,
      Column<T> places,
      BiFunction<PositionCounts, Integer, Rate> rate) {
    double[] values = Columns.complete(responses, positions);
    Map<List<String>, PositionCounts> counts = new LinkedHashMap<>();
    for (int i = 0; i < values.length; i++) {
      int row = i;
      List<String> group =
          Stream.of(groups).map(name -> Columns.find(responses, name).getString(row)).toList();
      counts.computeIfAbsent(group, g -> new PositionCounts()).add((int) values[row]);
    }
    List<StringColumn> names = Stream.of(groups).map(StringColumn::create).toList();
    Column<T> place = places.emptyCopy();
    List<Rate> rates = new ArrayList<>();
    counts.forEach(
        (group, counted) -> {
          place.append(places);
          for (int i = 0; i < places.size(); i++) {
            rates.add(rate.apply(counted, i));
            IntStream.range(0, groups.length).forEach(g -> names.get(g).append(group.get(g)));
          }
        });
    List<Column<?>> columns = new ArrayList<>(names);
    columns.add(place);
    Table table = Rates.of(rates, columns.toArray(Column<?>[]::new)).setName(hits);
    table.column("hits").setName(hits);
    return table;
  }

  /** Returns a copy with a new column of one value, such as the origin of the rows. */
  public static Table label(Table table, String column, String value) {
    List<String> values = Collections.nCopies(table.rowCount(), value);
    return table.copy().addColumns(StringColumn.create(column, values));
  }
}
