package io.github.derta.view;

import io.github.derta.data.DataReport;
import io.github.derta.data.PrefixLength;
import io.github.derta.data.Row;
import io.github.derta.stats.Rate;
import io.github.derta.stats.Rates;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** Tables of training data: rows, mixes, what is wrong with them. */
public final class DataTables {

  private DataTables() {}

  /**
   * {@return columns {@code kind, prefix, text, safe}, as a file of rows has them}
   *
   * @param rows training rows
   */
  public static Table rows(List<Row> rows) {
    return Table.create(
        "rows",
        StringColumn.create("kind", rows.stream().map(row -> name(row.kind()))),
        StringColumn.create("prefix", rows.stream().map(Row::prefix)),
        StringColumn.create("text", rows.stream().map(Row::text)),
        StringColumn.create("safe", rows.stream().map(row -> row.toJson().get("safe"))));
  }

  /**
   * {@return columns {@code method, kind, rows}}
   *
   * @param mixes the rows of each method
   */
  public static Table mixes(Map<String, ? extends List<Row>> mixes) {
    StringColumn methods = StringColumn.create("method");
    StringColumn kinds = StringColumn.create("kind");
    IntColumn counts = IntColumn.create("rows");
    mixes.forEach(
        (method, rows) -> {
          List<Row.Kind> all = rows.stream().map(Row::kind).toList();
          for (Row.Kind kind : Row.Kind.values()) {
            methods.append(method);
            kinds.append(name(kind));
            counts.append(Collections.frequency(all, kind));
          }
        });
    return Table.create("mixes", methods, kinds, counts).where(counts.isGreaterThan(0));
  }

  /**
   * Draws the length of harmful prefixes.
   *
   * @param rule how a length is drawn
   * @param words words of the harmful answer
   * @param draws how many, for rows 0, 1, ...
   * @param random the source of chance
   * @return columns {@code rule, k}
   */
  public static Table prefixLengths(PrefixLength rule, int words, int draws, Random random) {
    int[] lengths = IntStream.range(0, draws).map(row -> rule.draw(words, row, random)).toArray();
    Table table = Table.create("prefix lengths", IntColumn.create("k", lengths));
    return PositionTables.label(table, "rule", rule.toString().toLowerCase(Locale.ROOT));
  }

  /**
   * {@return what is wrong with a training set: {@code what, rows, n, share, low, high}}
   *
   * @param report the report
   */
  public static Table report(DataReport report) {
    // A file of rows does not tell helpful rows from safe answers.
    String refusing =
        report.kinds().containsKey(Row.Kind.NEXT_TOKEN)
            ? "ordinary row that begins with a refusal"
            : "harmless question, yet a refusal begins the answer";
    return rates(
        List.of(
            Map.entry("word for word an earlier row", report.duplicates()),
            Map.entry("question that is kept for testing", report.heldOut()),
            Map.entry("cut by the block", report.cut()),
            Map.entry("no label left", report.withoutLabel()),
            Map.entry(refusing, report.refusing()),
            Map.entry("RTO rows among all rows", report.rtoRows()),
            Map.entry("RTO labels among all labels", report.rtoLabels())));
  }

  /**
   * {@return columns {@code what, hits, n, share, low, high}}
   *
   * @param rates named rates
   */
  public static Table rates(List<Map.Entry<String, Rate>> rates) {
    StringColumn what = StringColumn.create("what", rates.stream().map(Map.Entry::getKey));
    return Rates.of(rates.stream().map(Map.Entry::getValue).toList(), what);
  }

  private static String name(Row.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
