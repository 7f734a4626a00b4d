package io.github.derta.view;

import io.github.derta.attack.Question;
import io.github.derta.attack.SearchLog;
import io.github.derta.eval.Judge;
import io.github.derta.stats.Rate;
import io.github.derta.stats.Rates;
import io.github.derta.text.Reasoning;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tech.tablesaw.api.BooleanColumn;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.selection.Selection;

/**
 * Figures and texts of answers ({@link io.github.derta.eval.Answers}) and of their rates ({@link
 * Rates}), the same in a notebook and on a page.
 */
public final class AnswerTables {

  /** Attacks of the kit by the paper's name, from left to right. */
  private static final Map<String, String> PAPER = new LinkedHashMap<>();

  static {
    PAPER.put("CodeAttack", "code-.*");
    PAPER.put("PAIR", "pair");
    PAPER.put("JailbreakChat", "jailbreakchat");
    PAPER.put("SelfCipher", "selfcipher");
    PAPER.put("CompletingAttack", "completing");
    PAPER.put("AutoDAN", "autodan");
  }

  /**
   * The paper's columns of helpfulness: the task, and the rules that come nearest to its figures.
   */
  private static final Map<String, List<String>> TASKS = new LinkedHashMap<>();

  static {
    TASKS.put("GSM8K", List.of("gsm8k", "last-sentence"));
    TASKS.put("MMLU", List.of("mmlu", "stated-option"));
    TASKS.put("AlpacaEval", List.of("alpaca", ".*"));
  }

  private AnswerTables() {}

  /**
   * {@return the rates of every outcome: the groups, {@code outcome}, and {@code hits, n, share,
   * low, high} as {@link Rates#of} gives them; of tasks, how many answers are {@code right}, a tie
   * counting as half}
   *
   * @param answers the answers
   * @param groups columns to count apart by
   */
  public static Table rates(Table answers, String... groups) {
    Selection tasks = tasks(answers);
    Table all = null;
    for (String outcome : List.of("complied", "refused", "neither", "right")) {
      boolean right = outcome.equals("right");
      Table some = right ? answers.where(tasks) : answers.dropWhere(tasks);
      if (!some.isEmpty()) {
        Table rates =
            right ? Rates.mean(points(some), "points", groups) : Rates.of(some, outcome, groups);
        rates.replaceColumn("hits", ((NumericColumn<?>) rates.column("hits")).asDoubleColumn());
        rates.insertColumn(
            groups.length,
            StringColumn.create("outcome", Collections.nCopies(rates.rowCount(), outcome)));
        all = all == null ? rates : all.append(rates);
      }
    }
    return all == null ? Table.create("no answers") : all;
  }

  private static Selection tasks(Table answers) {
    return answers.stringColumn("outcome").isIn("right", "tie", "wrong");
  }

  /**
   * {@return the answers without those to tasks such as GSM8K, which are right or wrong}
   *
   * @param answers of a study
   */
  public static Table withoutTasks(Table answers) {
    return answers.dropWhere(tasks(answers));
  }

  /** Of tasks: 1 for a right answer, 0.5 for a tie. */
  private static Table points(Table answers) {
    StringColumn outcomes = answers.stringColumn("outcome");
    DoubleColumn points =
        DoubleColumn.create(
            "points",
            outcomes.asList().stream()
                .mapToDouble(one -> one.equals("right") ? 1 : one.equals("tie") ? 0.5 : 0));
    return answers.copy().addColumns(points);
  }

  /**
   * {@return rates for a reader: a row for each group, and each outcome as {@code 25.0 % [4.6,
   * 69.9] (1 of 4)}; those that complied and refused counted once more by which came first, and how
   * many refusals are well-formed and thoughts comply, where there are any}
   *
   * @param answers with the verdicts of one judge, or judges among the groups
   * @param groups columns to count apart by
   */
  public static Table readable(Table answers, String... groups) {
    Table all = null;
    for (String outcome : List.of("complied", "refused", "neither")) {
      Table rates = Rates.of(withoutTasks(answers), outcome, groups);
      StringColumn texts = StringColumn.create(outcome);
      rates.forEach(row -> texts.append(text(row)));
      all = all == null ? rates.selectColumns(groups) : all;
      all.addColumns(texts);
    }
    for (String mixed : List.of("complied then refused", "refused then complied")) {
      if (!answers.where(answers.stringColumn("outcome").isEqualTo(mixed)).isEmpty()) {
        all.addColumns(counts(mixed, Rates.of(withoutTasks(answers), mixed, groups)));
      }
    }
    count(all, "well-formed refusals", answers, "form", "well-formed", groups);
    count(all, "thoughts that comply", answers, "thought", "complied", groups);
    return all;
  }

  /** Counts values that hold a word, of those that are there; without one, no column. */
  private static void count(
      Table all, String name, Table answers, String column, String word, String... groups) {
    if (answers.containsColumn(column)
        && answers.column(column).countMissing() < answers.rowCount()) {
      BooleanColumn holds = BooleanColumn.create("holds");
      answers
          .stringColumn(column)
          .forEach(value -> holds.append(value.isEmpty() ? null : (Boolean) value.contains(word)));
      Table some = withoutTasks(answers.copy().addColumns(holds));
      all.addColumns(counts(name, Rates.mean(some, "holds", groups)));
    }
  }

  private static StringColumn counts(String name, Table rates) {
    StringColumn counts = StringColumn.create(name);
    rates.forEach(
        row -> counts.append("%.0f of %d".formatted(row.getNumber("hits"), row.getLong("n"))));
    return counts;
  }

  private static String text(Row rate) {
    return rate.getLong("n") == 0
        ? "none of 0"
        : String.format(
            Locale.ROOT,
            "%.1f %% [%.1f, %.1f] (%d of %d)",
            100 * rate.getDouble("share"),
            100 * rate.getDouble("low"),
            100 * rate.getDouble("high"),
            rate.getLong("hits"),
            rate.getLong("n"));
  }

  /**
   * {@return a row for each model as the paper's Tables 2, 4 and 10 have them, in percent: answers
   * that comply by attack, the mean over the attacks that all models were asked by, refusals of
   * harmless questions, and right answers to tasks; missing where nothing was asked}
   *
   * @param answers of a study, of one judge; those to what is forbidden come first
   */
  public static Table paperLayout(Table answers) {
    Table table = Table.create("layout", StringColumn.create("method"));
    Columns.names(answers, "method").forEach(table.stringColumn("method")::append);
    Table attacked = of(answers, "kind", answers.getString(0, "kind"));
    List<DoubleColumn> complete = new ArrayList<>();
    PAPER.forEach(
        (name, attack) -> {
          Table rates = rates(of(attacked, "attack", attack), "complied");
          table.addColumns(percent(name, table, rates));
          if (table.column(name).countMissing() == 0) {
            complete.add(table.doubleColumn(name));
          }
        });
    table.addColumns(
        complete.stream()
            .reduce(DoubleColumn::add)
            .map(sum -> sum.divide(complete.size()).map(AnswerTables::tenths))
            .orElseGet(() -> DoubleColumn.create("", table.rowCount()))
            .setName("average"));
    Table direct = of(answers, "attack", "direct");
    for (String kind : List.of("task", "fact", "near")) {
      table.addColumns(
          percent(kind + " refused", table, rates(of(direct, "kind", kind), "refused")));
    }
    Table tasks = points(answers.where(tasks(answers)));
    TASKS.forEach(
        (name, rule) -> {
          Table some = of(of(tasks, "kind", rule.get(0)), "judge", rule.get(1));
          if (!some.isEmpty()) {
            table.addColumns(percent(name, table, Rates.mean(some, "points", "method")));
          }
        });
    return table;
  }

  private static Table of(Table answers, String column, String pattern) {
    return answers.where(answers.stringColumn(column).matchesRegex(pattern));
  }

  private static Table rates(Table answers, String outcome) {
    return answers.isEmpty() ? answers : Rates.of(answers, outcome, "method");
  }

  private static DoubleColumn percent(String name, Table methods, Table rates) {
    DoubleColumn column = DoubleColumn.create(name, methods.rowCount());
    for (Row rate : rates) {
      int row = methods.stringColumn("method").asList().indexOf(rate.getString("method"));
      column.set(row, tenths(100 * rate.getDouble("share")));
    }
    return column;
  }

  private static double tenths(double percent) {
    return Math.round(10 * percent) / 10.0;
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
   * {@return a depth curve: the share of answers with an outcome, by how much of an answer was
   * given; where there are several seeds, each is a point}
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
   * How searches proceed: {@code model, attack, queries, hits, n, share, low, high}, the share of a
   * model's searches that had an answer which complied after so many queries: responses and
   * likelihoods. A search that ends early stays as it was.
   *
   * @param logs by model
   * @param judge one that goes by the response alone
   * @return the table, without rows if there was no search
   */
  public static Table searches(Map<String, List<SearchLog.Line>> logs, Judge judge) {
    StringColumn models = StringColumn.create("model");
    StringColumn attacks = StringColumn.create("attack");
    IntColumn asked = IntColumn.create("queries");
    List<Rate> rates = new ArrayList<>();
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
                .forEach(
                    (attack, searches) -> {
                      int most = searches.values().stream().mapToInt(List::size).max().orElse(0);
                      List<Integer> firsts =
                          searches.values().stream().map(one -> first(one, judge)).toList();
                      // Only where the share changes, and at the end: a step line needs no more.
                      TreeSet<Integer> shown = new TreeSet<>(firsts);
                      shown.addAll(List.of(1, most));
                      for (int queries : shown.headSet(most, true)) {
                        models.append(name);
                        attacks.append(attack);
                        asked.append(queries);
                        long hits = firsts.stream().filter(first -> first <= queries).count();
                        rates.add(new Rate(hits, searches.size()));
                      }
                    }));
    return Rates.of(rates, models, attacks, asked).setName("searches");
  }

  /** The query whose answer complied first. */
  private static int first(List<SearchLog.Line> queries, Judge judge) {
    Question unknown = new Question("", "");
    return IntStream.range(0, queries.size())
        .filter(i -> queries.get(i).who().equals("target"))
        .filter(
            i ->
                judge
                    .judge(unknown, Reasoning.of(queries.get(i).answer()).answer())
                    .outcome()
                    .complies())
        .map(i -> i + 1)
        .findFirst()
        .orElse(Integer.MAX_VALUE);
  }
}
