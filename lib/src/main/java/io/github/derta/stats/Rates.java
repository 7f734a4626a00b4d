package io.github.derta.stats;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toSet;

import io.github.derta.io.BadInput;
import io.github.derta.stats.Grid.Answer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.statistics.distribution.HypergeometricDistribution;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * Rates and differences with 95 % intervals, from a table with one row an answer. Its columns:
 *
 * <ul>
 *   <li>{@code outcome}: {@code complied, complied then refused, refused then complied, refused} or
 *       {@code neither}; {@code invalid} or missing without a valid verdict. Rates of {@code
 *       complied} count the first three, rates of another outcome that one,
 *   <li>{@code question}: the question's id, a string,
 *   <li>{@code seed} (optional, any type): the seed of the training,
 *   <li>any columns to group by: method, attack, kind.
 * </ul>
 *
 * <p>Answers of one training, and answers to one question, are alike. Therefore both seeds and
 * questions are drawn anew in the bootstrap. With three seeds its intervals of shares from 20 to 80
 * % cover 96 to 98 % where seeds differ as much as the kitchen's (standard deviation 0.3 of the
 * log-odds), 92 to 97 % where they differ twice as much, and only 81 to 92 % at a standard
 * deviation of 1; of shares of 5 or 95 % they cover up to 100 % ({@code
 * environment/bench/coverage}).
 */
public final class Rates {

  private static final List<String> COMPLIED =
      List.of("complied", "complied then refused", "refused then complied");

  private static final List<String> OUTCOMES =
      Stream.concat(COMPLIED.stream(), Stream.of("refused", "neither")).toList();

  private Rates() {}

  /**
   * The rate of an outcome in each group.
   *
   * @param answers one row an answer
   * @param outcome one of those above
   * @param groups columns to count apart by
   * @return the group columns, then {@code hits, n} (valid answers), {@code share, low, high} (0 to
   *     1; share is missing where n is 0). The interval is Wilson's where each question was asked
   *     once, of one training; otherwise that of the two-way bootstrap, but never closer to 0 or 1
   *     than Wilson's interval of no hit, or only hits, among as many questions.
   * @throws BadInput if a column or a question is missing, or an outcome is unknown
   */
  public static Table of(Table answers, String outcome, String... groups) {
    Table table = rates(answers, hits(answers, outcome), groups);
    table.replaceColumn("hits", table.doubleColumn("hits").asLongColumn().setName("hits"));
    return table;
  }

  /**
   * The mean of a column in each group, such as points for right answers. A boolean counts as 0 or
   * 1.
   *
   * @param answers one row an answer
   * @param values name of a numeric column, 0 to 1, or of a boolean one; missing values are left
   *     out
   * @param groups columns to count apart by
   * @return the same columns as {@link #of(Table, String, String...)}, where {@code hits} is the
   *     sum of the values, a double
   * @throws BadInput if a column or a question is missing, or a value is not in 0 to 1
   */
  public static Table mean(Table answers, String values, String... groups) {
    Column<?> column = column(answers, values);
    double[] numbers = answers.numberColumn(values).asDoubleArray();
    for (int row = 0; row < numbers.length; row++) {
      if (column.isMissing(row)) {
        numbers[row] = Double.NaN; // of a boolean, it is another number
      } else if (numbers[row] < 0 || numbers[row] > 1) {
        throw new BadInput(
            "column \"%s\", row %d: %s; 0 to 1 is needed".formatted(values, row + 1, numbers[row]));
      }
    }
    return rates(answers, numbers, groups);
  }

  /**
   * A table of rates that were counted elsewhere, with Wilson intervals.
   *
   * @param rates one a row
   * @param groups whose they are: columns with as many rows
   * @return the same columns as {@link #of(Table, String, String...)}
   */
  public static Table of(List<Rate> rates, Column<?>... groups) {
    return Table.create("rates", groups)
        .addColumns(
            LongColumn.create("hits", rates.stream().mapToLong(Rate::hits).toArray()),
            LongColumn.create("n", rates.stream().mapToLong(Rate::n).toArray()),
            DoubleColumn.create("share", rates.stream().mapToDouble(Rate::share)),
            DoubleColumn.create("low", rates.stream().mapToDouble(Rate::low)),
            DoubleColumn.create("high", rates.stream().mapToDouble(Rate::high)));
  }

  /**
   * How much more often a reference has an outcome than each of the others, on the same questions
   * by trainings of the same seed. A pair of answers counts if both have a valid verdict. One that
   * has a single seed in all of the table, such as the base model, is compared with every seed of
   * the other.
   *
   * <p>p is that of the two-sided exact sign-flip test with the question as unit: the paired
   * differences of a question are summed over the seeds, and each sum might as well have had the
   * other sign. It says whether these trainings differ, not whether the methods do: of methods with
   * equal rates, three trainings each on 113 questions have a p below 0.05 in 14 to 19 of 100
   * comparisons. The interval is about other seeds as well.
   *
   * @param answers one row an answer
   * @param outcome one of those above
   * @param between the column that tells what is compared, such as method
   * @param reference its value from whose share the other shares are subtracted
   * @param groups columns to compare apart by
   * @return the group columns, {@code between, difference, low, high} (-1 to 1), {@code discordant}
   *     (questions on which the shares differ), {@code seeds, questions, p, p_holm} (corrected by
   *     Holm's method for all rows of the table); no row where there is no pair
   * @throws BadInput if a column or a question is missing, an outcome is unknown, nothing is of the
   *     reference, or a group has two answers of one seed to one question
   */
  public static Table differences(
      Table answers, String outcome, String between, String reference, String... groups) {
    Column<?> compared = column(answers, between);
    List<Answer> all = answers(answers, hits(answers, outcome));
    Function<Answer, String> name = answer -> compared.getString(answer.row());
    Map<String, Set<String>> seeds =
        all.stream().collect(groupingBy(name, mapping(Answer::seed, toSet())));
    if (!seeds.containsKey(reference)) {
      throw new BadInput(
          "column \"%s\" has no \"%s\", but %s".formatted(between, reference, seeds.keySet()));
    }
    List<Integer> rows = new ArrayList<>();
    List<Grid> pairs = new ArrayList<>();
    for (List<Answer> group : split(answers, all, groups)) {
      Map<String, List<Answer>> byName =
          group.stream().collect(groupingBy(name, LinkedHashMap::new, toList()));
      List<Answer> first = byName.getOrDefault(reference, List.of());
      byName.remove(reference);
      byName.forEach(
          (other, second) -> {
            Grid grid =
                new Grid(
                    pairs(first, second, seeds.get(reference).size(), seeds.get(other).size()));
            if (grid.n() > 0) {
              rows.add(second.get(0).row());
              pairs.add(grid);
            }
          });
    }
    String[] shown = Stream.concat(Stream.of(groups), Stream.of(between)).toArray(String[]::new);
    return differences(columns(answers, rows, shown), pairs);
  }

  private static Table differences(Table table, List<Grid> pairs) {
    double[][] intervals = pairs.stream().map(Grid::interval).toArray(double[][]::new);
    double[] p = pairs.stream().mapToDouble(pair -> signFlip(pair.questionSums())).toArray();
    return table
        .setName("differences")
        .addColumns(
            DoubleColumn.create("difference", pairs.stream().mapToDouble(Grid::mean)),
            DoubleColumn.create("low", Stream.of(intervals).mapToDouble(i -> Math.max(-1, i[0]))),
            DoubleColumn.create("high", Stream.of(intervals).mapToDouble(i -> Math.min(1, i[1]))),
            IntColumn.create("discordant", pairs.stream().mapToInt(Rates::discordant).toArray()),
            IntColumn.create("seeds", pairs.stream().mapToInt(Grid::seeds).toArray()),
            IntColumn.create("questions", pairs.stream().mapToInt(Grid::questions).toArray()),
            DoubleColumn.create("p", p),
            DoubleColumn.create("p_holm", holm(p)));
  }

  private static int discordant(Grid pairs) {
    return (int) Arrays.stream(pairs.questionSums()).filter(sum -> sum != 0).count();
  }

  /** First minus second of the same seed and question, as answers. */
  private static List<Answer> pairs(
      List<Answer> first, List<Answer> second, int firstSeeds, int secondSeeds) {
    boolean single = firstSeeds == 1 || secondSeeds == 1;
    Map<String, List<Answer>> partners =
        second.stream().filter(Answer::valid).collect(groupingBy(Answer::question));
    List<Answer> pairs = new ArrayList<>();
    Set<List<String>> seen = new HashSet<>();
    for (Answer one : first.stream().filter(Answer::valid).toList()) {
      for (Answer other : partners.getOrDefault(one.question(), List.of())) {
        if (single || one.seed().equals(other.seed())) {
          String seed = firstSeeds == 1 ? other.seed() : one.seed();
          if (!seen.add(List.of(seed, one.question()))) {
            throw new BadInput(
                "question %s, seed %s: two answers in one group; group by what tells them apart"
                    .formatted(one.question(), seed));
          }
          pairs.add(new Answer(one.row(), seed, one.question(), one.value() - other.value()));
        }
      }
    }
    return pairs;
  }

  /**
   * Corrects rates for the error of the judge that counted them (Rogan and Gladen 1978): (share +
   * specificity - 1) / (sensitivity + specificity - 1), cut to 0 to 1. The interval is that of
   * 10,000 draws of all three, each from the two halves of a normal distribution that has its share
   * as median and ends of its interval as 2.5 and 97.5 % points.
   *
   * @param rates a table with columns {@code share, low, high}
   * @param sensitivity answers that have the outcome and are counted, among all that have it
   * @param specificity answers that do not have it and are not counted, among all that do not
   * @return a copy with {@code corrected, corrected_low, corrected_high}; missing where the share
   *     is, and where sensitivity and specificity add up to 1 or less: the judge then knows nothing
   */
  public static Table corrected(Table rates, Rate sensitivity, Rate specificity) {
    DoubleColumn corrected = DoubleColumn.create("corrected");
    DoubleColumn low = DoubleColumn.create("corrected_low");
    DoubleColumn high = DoubleColumn.create("corrected_high");
    for (var rate : rates) {
      double share = rate.getDouble("share");
      double value = corrected(share, sensitivity.share(), specificity.share(), Double.NaN);
      double[] draws = new double[Double.isNaN(value) ? 0 : 10_000];
      SplittableRandom random = new SplittableRandom(Grid.RANDOM_SEED);
      Arrays.setAll(
          draws,
          i ->
              corrected(
                  draw(random, share, rate.getDouble("low"), rate.getDouble("high")),
                  draw(random, sensitivity.share(), sensitivity.low(), sensitivity.high()),
                  draw(random, specificity.share(), specificity.low(), specificity.high()),
                  random.nextDouble()));
      Arrays.sort(draws);
      corrected.append(value);
      low.append(Grid.percentile(draws, 0.025));
      high.append(Grid.percentile(draws, 0.975));
    }
    return rates.copy().addColumns(corrected, low, high);
  }

  private static double corrected(
      double share, double sensitivity, double specificity, double none) {
    double informed = sensitivity + specificity - 1;
    double value = (share + specificity - 1) / informed;
    return informed > 0 ? Math.min(1, Math.max(0, value)) : none;
  }

  private static double draw(SplittableRandom random, double share, double low, double high) {
    double z = random.nextGaussian() / 1.96;
    return Math.min(1, Math.max(0, share + z * (z < 0 ? share - low : high - share)));
  }

  /**
   * Fisher's exact test of two rates on different questions.
   *
   * @param a a rate
   * @param b another, independent of it
   * @return p, two-sided: the probability of all tables that are no more likely than this one
   */
  public static double fisher(Rate a, Rate b) {
    if (a.n() == 0 || b.n() == 0) {
      return 1;
    }
    var hits =
        HypergeometricDistribution.of(
            Math.toIntExact(a.n() + b.n()),
            Math.toIntExact(a.hits() + b.hits()),
            Math.toIntExact(a.n()));
    double most = hits.probability((int) a.hits()) * (1 + 1e-7); // ties differ by rounding
    double p =
        IntStream.rangeClosed(hits.getSupportLowerBound(), hits.getSupportUpperBound())
            .mapToDouble(hits::probability)
            .filter(probability -> probability <= most)
            .sum();
    return Math.min(1, p);
  }

  /** Two-sided and exact: chances of all totals, by one convolution a question. */
  static double signFlip(double[] sums) {
    int[] steps = Arrays.stream(sums).mapToInt(sum -> (int) Math.abs(Math.rint(sum))).toArray();
    int most = Arrays.stream(steps).sum();
    double[] chances = new double[2 * most + 1]; // of totals from -most to most
    chances[most] = 1;
    for (int step : steps) {
      double[] before = chances;
      chances = new double[before.length];
      for (int i = step; i < before.length - step; i++) {
        chances[i - step] += before[i] / 2;
        chances[i + step] += before[i] / 2;
      }
    }
    int total = (int) Math.abs(Math.rint(Arrays.stream(sums).sum()));
    double beyond = Arrays.stream(chances, most + total, chances.length).sum();
    return Math.min(1, 2 * beyond);
  }

  /** Each p times the number of p that are no smaller, but never less than a smaller p gets. */
  static double[] holm(double[] p) {
    DoubleUnaryOperator times = own -> own * Arrays.stream(p).filter(x -> x >= own).count();
    return Arrays.stream(p)
        .map(own -> Arrays.stream(p).filter(x -> x <= own).map(times).max().orElse(0))
        .map(corrected -> Math.min(1, corrected))
        .toArray();
  }

  private static Table rates(Table answers, double[] values, String... groups) {
    List<Integer> rows = new ArrayList<>();
    List<Grid> grids = new ArrayList<>();
    for (List<Answer> group : split(answers, answers(answers, values), groups)) {
      rows.add(group.get(0).row());
      grids.add(new Grid(group));
    }
    boolean binary = Arrays.stream(values).allMatch(v -> v == 0 || v == 1 || Double.isNaN(v));
    double[][] intervals =
        grids.stream().map(grid -> interval(grid, binary)).toArray(double[][]::new);
    return columns(answers, rows, groups)
        .setName("rates")
        .addColumns(
            DoubleColumn.create("hits", grids.stream().mapToDouble(Grid::sum)),
            LongColumn.create("n", grids.stream().mapToLong(Grid::n).toArray()),
            DoubleColumn.create("share", grids.stream().mapToDouble(Grid::mean)),
            DoubleColumn.create("low", Stream.of(intervals).mapToDouble(i -> i[0])),
            DoubleColumn.create("high", Stream.of(intervals).mapToDouble(i -> i[1])));
  }

  private static double[] interval(Grid grid, boolean binary) {
    if (grid.n() == 0 || binary && grid.seeds() == 1 && grid.n() == grid.questions()) {
      Rate rate = new Rate(Math.round(grid.sum()), grid.n());
      return new double[] {rate.low(), rate.high()};
    }
    double[] interval = grid.interval();
    double ofNoHit = new Rate(0, grid.questions()).high();
    return new double[] {
      Math.max(0, Math.min(interval[0], 1 - ofNoHit)), Math.min(1, Math.max(interval[1], ofNoHit))
    };
  }

  /** 1 or 0; NaN without a valid verdict. */
  private static double[] hits(Table answers, String outcome) {
    if (!OUTCOMES.contains(outcome)) {
      throw new BadInput("outcome \"%s\" is none of %s".formatted(outcome, OUTCOMES));
    }
    List<String> counted = outcome.equals("complied") ? COMPLIED : List.of(outcome);
    Column<?> column = column(answers, "outcome");
    double[] hits = new double[column.size()];
    for (int row = 0; row < hits.length; row++) {
      String value = column.getString(row);
      boolean valid = OUTCOMES.contains(value);
      if (!valid && !value.isEmpty() && !value.equals("invalid")) {
        throw new BadInput(
            "column \"outcome\", row %d: \"%s\" is none of %s, invalid"
                .formatted(row + 1, value, OUTCOMES));
      }
      hits[row] = valid ? counted.contains(value) ? 1 : 0 : Double.NaN;
    }
    return hits;
  }

  private static List<Answer> answers(Table table, double[] values) {
    Column<?> questions = column(table, "question");
    if (questions.countMissing() > 0) {
      throw new BadInput("column \"question\": %d missing".formatted(questions.countMissing()));
    }
    Column<?> seeds = table.containsColumn("seed") ? table.column("seed") : null;
    return IntStream.range(0, values.length)
        .mapToObj(
            row ->
                new Answer(
                    row,
                    seeds == null ? "" : seeds.getString(row),
                    questions.getString(row),
                    values[row]))
        .toList();
  }

  /** In the order of their first appearance. */
  private static Collection<List<Answer>> split(
      Table table, List<Answer> answers, String... groups) {
    List<? extends Column<?>> columns = Stream.of(groups).map(g -> column(table, g)).toList();
    Function<Answer, List<String>> key =
        answer -> columns.stream().map(column -> column.getString(answer.row())).toList();
    return answers.stream().collect(groupingBy(key, LinkedHashMap::new, toList())).values();
  }

  private static Table columns(Table table, List<Integer> rows, String... names) {
    int[] firsts = rows.stream().mapToInt(Integer::intValue).toArray();
    return Table.create(Stream.of(names).map(name -> table.column(name).subset(firsts)));
  }

  private static Column<?> column(Table table, String name) {
    if (!table.containsColumn(name)) {
      throw new BadInput(
          "no column \"%s\" in table \"%s\"; it has %s"
              .formatted(name, table.name(), table.columnNames()));
    }
    return table.column(name);
  }
}
