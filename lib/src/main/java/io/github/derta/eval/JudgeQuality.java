package io.github.derta.eval;

import io.github.derta.eval.HumanLabels.Label;
import io.github.derta.stats.Kappa;
import io.github.derta.stats.Rate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * A judge against people, on the responses of which it gives a verdict.
 *
 * @param judge its name
 * @param task what people were asked
 * @param distinct how many different responses there are: some are labelled for several questions,
 *     so that intervals, which take all labels as independent, are a little too narrow
 * @param accuracy how often both say yes or both say no
 * @param precision how often people say yes where the judge does
 * @param recall how often the judge says yes where people do
 * @param kappa their agreement beyond chance
 * @param invalid responses of which the judge gives no verdict
 */
public record JudgeQuality(
    String judge,
    HumanLabels task,
    long distinct,
    Rate accuracy,
    Rate precision,
    Rate recall,
    Kappa kappa,
    long invalid) {

  /**
   * {@return how good it is}
   *
   * @param judge a judge
   * @param task what people were asked
   * @param labels what they said
   * @param seed of kappa's interval
   */
  public static JudgeQuality of(Judge judge, HumanLabels task, List<Label> labels, long seed) {
    List<Judgement> all =
        Judges.judge(
            judge.name(),
            labels.stream()
                .map(
                    label ->
                        new Exchange(label.question().id(), label.question(), label.response()))
                .toList(),
            judge::judgeAll);
    int[] valid = IntStream.range(0, all.size()).filter(i -> all.get(i).valid()).toArray();
    List<Boolean> says =
        IntStream.of(valid).mapToObj(i -> all.get(i).outcome() == task.outcome()).toList();
    List<Boolean> people = IntStream.of(valid).mapToObj(i -> labels.get(i).yes()).toList();
    long both = count(valid.length, i -> says.get(i) && people.get(i));
    long same = count(valid.length, i -> says.get(i).equals(people.get(i)));
    return new JudgeQuality(
        judge.name(),
        task,
        labels.stream().map(Label::response).distinct().count(),
        new Rate(same, valid.length),
        new Rate(both, count(valid.length, says::get)),
        new Rate(both, count(valid.length, people::get)),
        Kappa.of(says, people, seed),
        all.size() - valid.length);
  }

  private static long count(int n, IntPredicate property) {
    return IntStream.range(0, n).filter(property).count();
  }

  /** {@return its row of a table, by column} */
  public Map<String, Object> row() {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("task", task.name().toLowerCase(Locale.ROOT));
    row.put("judge", judge);
    row.put("n", accuracy.n());
    row.put("distinct_responses", distinct);
    row.put("yes_of_people", recall.n());
    row.put("invalid", invalid);
    Cells.put(row, "accuracy", accuracy);
    Cells.put(row, "precision", precision);
    Cells.put(row, "recall", recall);
    Cells.put(row, "kappa", kappa);
    return row;
  }
}
