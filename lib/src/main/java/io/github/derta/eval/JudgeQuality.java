package io.github.derta.eval;

import io.github.derta.eval.HumanLabels.Label;
import io.github.derta.kitchen.Verdict;
import io.github.derta.stats.Kappa;
import io.github.derta.stats.Rate;
import io.github.derta.stats.Rates;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;

/** Judges against people, on the responses of which a judge gives a verdict. */
public final class JudgeQuality {

  private JudgeQuality() {}

  /**
   * {@return an empty table for {@link #add}: {@code task, judge, measure} (accuracy, precision,
   * sensitivity, specificity), {@code hits, n, share, low, high}, and of the task and judge as a
   * whole {@code invalid}, {@code distinct} (different responses: some are labelled for several
   * questions, so that intervals, which take labels as independent, are a little too narrow) and
   * {@code kappa, kappa_low, kappa_high}}
   */
  public static Table table() {
    return Rates.table(
            "judges against people",
            List.of("task", "judge", "measure"),
            "hits",
            IntColumn.create("invalid"),
            IntColumn.create("distinct"))
        .addColumns(
            DoubleColumn.create("kappa"),
            DoubleColumn.create("kappa_low"),
            DoubleColumn.create("kappa_high"));
  }

  /**
   * Measures a judge.
   *
   * @param table gets four rows
   * @param judge a judge
   * @param task what people were asked
   * @param labels what they said
   * @param seed of kappa's interval
   */
  public static void add(
      Table table, Judge judge, HumanLabels task, List<Label> labels, long seed) {
    List<Verdict> all =
        Judges.judge(
            judge.name(),
            labels.stream()
                .map(one -> Answer.of(one.question().id(), one.question(), one.response()))
                .toList(),
            judge::judgeAll);
    int[] valid = IntStream.range(0, all.size()).filter(i -> all.get(i).valid()).toArray();
    List<Boolean> says =
        IntStream.of(valid).mapToObj(i -> all.get(i).outcome() == task.outcome()).toList();
    List<Boolean> people = IntStream.of(valid).mapToObj(i -> labels.get(i).yes()).toList();
    long yes = count(valid.length, people::get);
    long both = count(valid.length, i -> says.get(i) && people.get(i));
    long neither = count(valid.length, i -> !says.get(i) && !people.get(i));
    List<Rate> rates =
        List.of(
            new Rate(both + neither, valid.length),
            new Rate(both, count(valid.length, says::get)),
            new Rate(both, yes),
            new Rate(neither, valid.length - yes));
    List<String> names = List.of("accuracy", "precision", "sensitivity", "specificity");
    Kappa kappa = Kappa.of(says, people, seed);
    for (int i = 0; i < rates.size(); i++) {
      String of = task.name().toLowerCase(Locale.ROOT);
      Row row = Rates.add(table, List.of(of, judge.name(), names.get(i)), rates.get(i));
      row.setInt("invalid", all.size() - valid.length);
      row.setInt("distinct", (int) labels.stream().map(Label::response).distinct().count());
      Agreement.put(row, kappa);
    }
  }

  private static long count(int n, IntPredicate property) {
    return IntStream.range(0, n).filter(property).count();
  }
}
