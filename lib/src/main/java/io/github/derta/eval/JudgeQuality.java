package io.github.derta.eval;

import io.github.derta.eval.HumanLabels.Label;
import io.github.derta.kitchen.Verdict;
import io.github.derta.stats.Kappa;
import io.github.derta.stats.Rate;
import io.github.derta.stats.Rates;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** Judges against people, on the responses of which a judge gives a verdict. */
public final class JudgeQuality {

  private JudgeQuality() {}

  /**
   * Measures a judge.
   *
   * @param judge a judge
   * @param task what people were asked
   * @param labels what they said
   * @param seed of kappa's interval
   * @return rows for accuracy, precision, sensitivity and specificity: {@code task, judge,
   *     measure}, {@code hits, n, share, low, high}, and of the task and judge as a whole {@code
   *     invalid}, {@code distinct} (different responses: some are labelled for several questions,
   *     so that intervals, which take labels as independent, are a little too narrow) and {@code
   *     kappa, kappa_low, kappa_high}
   */
  public static Table of(Judge judge, HumanLabels task, List<Label> labels, long seed) {
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
    List<String> measures = List.of("accuracy", "precision", "sensitivity", "specificity");
    int distinct = (int) labels.stream().map(Label::response).distinct().count();
    int n = measures.size();
    return Rates.of(
            rates,
            StringColumn.create(
                "task", Collections.nCopies(n, task.name().toLowerCase(Locale.ROOT))),
            StringColumn.create("judge", Collections.nCopies(n, judge.name())),
            StringColumn.create("measure", measures),
            IntColumn.create("invalid", IntStream.range(0, n).map(i -> all.size() - valid.length)),
            IntColumn.create("distinct", IntStream.range(0, n).map(i -> distinct)))
        .addColumns(Agreement.columns(Collections.nCopies(n, Kappa.of(says, people, seed))));
  }

  private static long count(int n, IntPredicate property) {
    return IntStream.range(0, n).filter(property).count();
  }
}
