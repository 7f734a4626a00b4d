package io.github.derta.view;

import io.github.derta.attack.Question;
import io.github.derta.attack.SearchLog;
import io.github.derta.eval.Agreement;
import io.github.derta.eval.Judge;
import io.github.derta.eval.RunResults;
import io.github.derta.eval.RunTable;
import io.github.derta.kitchen.Verdict.Outcome;
import io.github.derta.stats.Rate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** Tables and figures of attacks, the same in a notebook and on a page. Runs go by a name each. */
public final class RunTables {

  private static final List<String> READABLE =
      List.of("model", "attack", "n", "broken", "base_broken", "refused", "neither");

  private RunTables() {}

  /**
   * {@return a row for each model and attack, shares as numbers: {@code model, attack, n, broken,
   * broken_low, broken_high}, and so on for refused, neither and the base model's broken}
   *
   * @param runs by model
   * @param base that of the model that training began with, or null
   * @param judge whose verdicts
   * @throws io.github.derta.io.BadInput if a run asked something else than the base run
   */
  public static Table rates(Map<String, RunResults> runs, RunResults base, String judge) {
    return withInterval(TrainingTables.of("rates", rows(runs, base, judge, true)));
  }

  private static Table withInterval(Table table) {
    StringColumn interval = StringColumn.create("interval");
    for (int row = 0; row < table.rowCount(); row++) {
      interval.append(
          table.column("broken").isMissing(row)
              ? "none"
              : "%.0f–%.0f"
                  .formatted(
                      100 * number(table, "broken_low", row),
                      100 * number(table, "broken_high", row)));
    }
    return table.addColumns(interval);
  }

  /**
   * {@return the same for a reader: each share with its interval and counts}
   *
   * @param runs by model
   * @param base that of the model that training began with, or null
   * @param judge whose verdicts
   */
  public static Table readable(Map<String, RunResults> runs, RunResults base, String judge) {
    Table table = TrainingTables.of("rates", rows(runs, base, judge, false));
    List<String> columns = new ArrayList<>(READABLE);
    columns.retainAll(table.columnNames());
    return table.selectColumns(columns.toArray(String[]::new));
  }

  /** The rows behind both, with the runs' names for the models'. */
  static List<Map<String, Object>> rows(
      Map<String, RunResults> runs, RunResults base, String judge, boolean numbers) {
    List<Map<String, Object>> rows = new ArrayList<>();
    runs.forEach(
        (name, run) -> {
          for (Map<String, Object> row : RunTable.rows(run, base, List.of(judge), numbers)) {
            row.put("model", name);
            rows.add(row);
          }
        });
    return rows;
  }

  /**
   * {@return a heat map of broken answers, each cell with its interval}
   *
   * @param rates as {@link #rates} gives them
   */
  public static Figure broken(Table rates) {
    return brokenBy(rates, "attack", "model");
  }

  /**
   * {@return the same of a study}
   *
   * @param rates as {@link io.github.derta.eval.StudyTables#rates} gives them
   */
  public static Figure brokenInStudy(Table rates) {
    return brokenBy(withInterval(rates.copy()), "measure", "method");
  }

  private static Figure brokenBy(Table rates, String attack, String model) {
    return Figure.heatMap(rates, attack, model, "broken")
        .colorRange(0, 1)
        .cellText(".0%", "interval")
        .height(150 + 62 * Columns.names(rates, model).size())
        .title(
            "Share of broken answers",
            "below each its 95 %% Wilson interval in per cent; n = %s"
                .formatted(range(rates, "n")));
  }

  private static double number(Table table, String column, int row) {
    return ((NumericColumn<?>) table.column(column)).getDouble(row);
  }

  private static String range(Table table, String column) {
    NumericColumn<?> n = Columns.numeric(table, column);
    return String.format(Locale.ROOT, n.min() == n.max() ? "%.0f" : "%.0f–%.0f", n.min(), n.max());
  }

  /**
   * {@return where refusals begin: {@code model, attack, word}, a row for each answer that a judge
   * found a refusal in}
   *
   * @param runs by model
   * @param judge whose verdicts
   */
  public static Table refusals(Map<String, RunResults> runs, String judge) {
    List<Map<String, Object>> rows = new ArrayList<>();
    Set<String> attacks = new LinkedHashSet<>(); // in the order of the plans
    runs.values().forEach(run -> attacks.addAll(run.plan().attacks().keySet()));
    for (String attack : attacks) {
      runs.forEach(
          (name, run) ->
              run.rulings().stream()
                  .filter(one -> one.judge().equals(judge) && one.refusalAt() != null)
                  .filter(one -> attack(one.id()).equals(attack))
                  .forEach(
                      one -> {
                        Map<String, Object> row = new LinkedHashMap<>();
                        row.put("model", name);
                        row.put("attack", attack);
                        row.put("word", one.refusalAt());
                        rows.add(row);
                      }));
    }
    return TrainingTables.of("refusals", rows);
  }

  private static String attack(String id) {
    return id.substring(0, id.indexOf('/')); // attack, slash, question
  }

  /**
   * {@return how far every two judges of a run agree}
   *
   * @param runs by model
   */
  public static Table agreement(Map<String, RunResults> runs) {
    List<Map<String, Object>> rows = new ArrayList<>();
    runs.forEach(
        (name, run) ->
            Agreement.pairs(run.rulings(), 0)
                .forEach(
                    pair -> {
                      Map<String, Object> row = new LinkedHashMap<>(Map.of("model", name));
                      row.putAll(pair.row());
                      rows.add(row);
                    }));
    return TrainingTables.of("agreement of judges", rows);
  }

  /**
   * {@return the share of answers with a verdict, by depth, over all seeds, and each seed as a
   * point}
   *
   * @param depth a table of depths, as {@code Reproduce.java} makes it
   * @param kind what was asked about
   * @param counted {@code refused} or {@code broken}
   */
  public static Figure depth(Table depth, String kind, String counted) {
    Table pooled = TrainingTables.pooled(depth, kind, counted);
    Table seeds = TrainingTables.eachSeed(depth, kind, counted);
    return Figure.lines(pooled, "depth", "share")
        .by("method")
        .errorBars("low", "high")
        .and(Figure.points(seeds, "depth", "share").by("method"))
        .yRange(0, 1.02)
        .yPercent()
        .xTitle("tokens of an answer that are given")
        .yTitle("share " + counted);
  }

  /**
   * How searches go on: {@code model, attack, queries, broken, n, share, low, high}, the share of a
   * run's searches that had a broken answer after so many queries of the model. A search that ends
   * early stays as it was.
   *
   * @param logs by model
   * @param judge one that goes by the answer alone
   * @return the table, without rows if there was no search
   */
  public static Table searches(Map<String, List<SearchLog.Line>> logs, Judge judge) {
    Table table =
        Rates.table("searches", List.of("model", "attack"), "broken", IntColumn.create("queries"));
    logs.forEach(
        (name, lines) -> {
          Map<String, Map<String, List<SearchLog.Line>>> attacks =
              lines.stream()
                  .filter(line -> line.who().equals("target"))
                  .sorted(
                      Comparator.comparingInt(SearchLog.Line::call)
                          .thenComparingInt(SearchLog.Line::row))
                  .collect(
                      Collectors.groupingBy(
                          line -> attack(line.id()),
                          LinkedHashMap::new,
                          Collectors.groupingBy(SearchLog.Line::id)));
          attacks.forEach(
              (attack, searches) -> {
                int most = searches.values().stream().mapToInt(List::size).max().orElse(0);
                List<Integer> firsts =
                    searches.values().stream().map(one -> firstBroken(one, judge)).toList();
                // Only where the share changes, and at the end: a step line needs no more.
                TreeSet<Integer> shown = new TreeSet<>(firsts);
                shown.addAll(List.of(1, most));
                for (int queries : shown.headSet(most, true)) {
                  long broken = firsts.stream().filter(first -> first <= queries).count();
                  Rates.add(table, List.of(name, attack), new Rate(broken, searches.size()))
                      .setInt("queries", queries);
                }
              });
        });
    return table;
  }

  private static int firstBroken(List<SearchLog.Line> answers, Judge judge) {
    return IntStream.range(0, answers.size())
        .filter(
            i ->
                judge.judge(new Question("", ""), answers.get(i).answer()).outcome()
                    == Outcome.BROKEN)
        .map(i -> i + 1)
        .findFirst()
        .orElse(Integer.MAX_VALUE);
  }
}
