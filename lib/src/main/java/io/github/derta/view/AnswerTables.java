package io.github.derta.view;

import io.github.derta.attack.Question;
import io.github.derta.attack.SearchLog;
import io.github.derta.eval.Judge;
import io.github.derta.kitchen.Verdict.Outcome;
import io.github.derta.stats.Rate;
import io.github.derta.stats.Rates;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * Figures and texts of answers ({@link io.github.derta.eval.Answers}) and of their rates ({@link
 * Rates}), the same in a notebook and on a page.
 */
public final class AnswerTables {

  private AnswerTables() {}

  /**
   * {@return rates for a reader: a row for each group, {@code n}, and each outcome as {@code 25.0 %
   * [4.6, 69.9] (1 of 4)}}
   *
   * @param answers with the verdicts of one judge
   * @param groups columns to count apart by
   */
  public static Table readable(Table answers, String... groups) {
    Table all = null;
    for (Outcome outcome : List.of(Outcome.COMPLIED, Outcome.REFUSED, Outcome.NEITHER)) {
      Table rates = Rates.of(answers, outcome.toString(), groups);
      rates.addColumns(texts(rates, outcome.toString()));
      Table some = rates.removeColumns("hits", "share", "low", "high");
      all = all == null ? some : all.addColumns(some.column(outcome.toString()));
    }
    return all;
  }

  private static StringColumn texts(Table rates, String name) {
    StringColumn texts = StringColumn.create(name);
    for (Row row : rates) {
      texts.append(
          String.format(
              Locale.ROOT,
              "%.1f %% [%.1f, %.1f] (%d of %d)",
              100 * row.getDouble("share"),
              100 * row.getDouble("low"),
              100 * row.getDouble("high"),
              row.getLong("hits"),
              row.getLong("n")));
    }
    return texts;
  }

  /**
   * {@return a heat map of shares, each cell with its 95 % interval in per cent below}
   *
   * @param rates as {@link Rates#of} gives them
   * @param x column from left to right
   * @param y column from top to bottom
   */
  public static Figure heatMap(Table rates, String x, String y) {
    StringColumn interval = StringColumn.create("interval");
    for (Row row : rates) {
      interval.append(
          "%.0f–%.0f".formatted(100 * row.getDouble("low"), 100 * row.getDouble("high")));
    }
    return Figure.heatMap(rates.copy().addColumns(interval), x, y, "share")
        .colorRange(0, 1)
        .cellText(".0%", "interval")
        .height(150 + 62 * Columns.names(rates, y).size());
  }

  /**
   * {@return a depth curve: the share of answers with an outcome, by how much of an answer was given;
   * where there are several seeds, each is a point}
   *
   * @param answers to one kind of questions, asked directly and by prefills in one unit
   * @param outcome what is counted
   * @param unit of {@code given}: words or tokens
   */
  public static Figure depth(Table answers, String outcome, String unit) {
    Figure curve =
        Figure.lines(Rates.of(answers, outcome, "method", "given"), "given", "share")
            .by("method")
            .errorBars("low", "high")
            .yRange(0, 1.02)
            .yPercent()
            .xTitle(unit + " of an answer that are given")
            .yTitle("share " + outcome);
    if (answers.intColumn("seed").countUnique() < 2) {
      return curve;
    }
    Table seeds = Rates.of(answers, outcome, "method", "seed", "given");
    return curve.and(Figure.points(seeds, "given", "share").by("method"));
  }

  /**
   * How searches go on: {@code model, attack, queries, hits, n, share, low, high}, the share of a
   * model's searches that had an answer which complied after so many queries: responses and
   * likelihoods. A search that ends early stays as it was.
   *
   * @param logs by model
   * @param judge one that goes by the response alone
   * @return the table, without rows if there was no search
   */
  public static Table searches(Map<String, List<SearchLog.Line>> logs, Judge judge) {
    Table table =
        Rates.table("searches", List.of("model", "attack"), "hits", IntColumn.create("queries"));
    logs.forEach(
        (name, lines) ->
            lines.stream()
                .filter(line -> line.who().matches("target|likelihood"))
                .sorted(
                    Comparator.comparingInt(SearchLog.Line::call)
                        .thenComparingInt(SearchLog.Line::row))
                .collect(
                    Collectors.groupingBy(
                        line -> line.id().substring(0, line.id().indexOf('/')),
                        LinkedHashMap::new,
                        Collectors.groupingBy(SearchLog.Line::id)))
                .forEach((attack, all) -> add(table, List.of(name, attack), all, judge)));
    return table;
  }

  private static void add(
      Table table, List<String> group, Map<String, List<SearchLog.Line>> searches, Judge judge) {
    int most = searches.values().stream().mapToInt(List::size).max().orElse(0);
    List<Integer> firsts = searches.values().stream().map(one -> first(one, judge)).toList();
    // Only where the share changes, and at the end: a step line needs no more.
    TreeSet<Integer> shown = new TreeSet<>(firsts);
    shown.addAll(List.of(1, most));
    for (int queries : shown.headSet(most, true)) {
      long hits = firsts.stream().filter(first -> first <= queries).count();
      Rates.add(table, group, new Rate(hits, searches.size())).setInt("queries", queries);
    }
  }

  /** The query whose answer complied first. */
  private static int first(List<SearchLog.Line> queries, Judge judge) {
    Question unknown = new Question("", "");
    return IntStream.range(0, queries.size())
        .filter(i -> queries.get(i).who().equals("target"))
        .filter(i -> judge.judge(unknown, queries.get(i).answer()).outcome() == Outcome.COMPLIED)
        .map(i -> i + 1)
        .findFirst()
        .orElse(Integer.MAX_VALUE);
  }
}
