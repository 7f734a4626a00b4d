package io.github.derta.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.derta.io.BadInput;
import java.util.List;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.BooleanColumn;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

class RatesTest {

  private static final Table KITCHEN = KitchenAnswers.read();
  private static final double BOOTSTRAP_NOISE = 0.015; // one answer of 72 is 0.014

  /** Adds answers of one model and seed, a letter a question: c, r, n, i or - for a missing one. */
  private static void add(Table answers, String method, int seed, String letters) {
    List<String> outcomes = List.of("complied", "refused", "neither", "invalid", "");
    for (int i = 0; i < letters.length(); i++) {
      String outcome = outcomes.get("crni-".indexOf(letters.charAt(i)));
      KitchenAnswers.add(answers, method, seed, "a", "q" + i, outcome);
    }
  }

  private static Row find(Table table, String method, String attack) {
    Table found =
        table.where(
            t ->
                t.stringColumn("method")
                    .isEqualTo(method)
                    .and(t.stringColumn("attack").isEqualTo(attack)));
    assertThat(found.rowCount()).isEqualTo(1);
    return found.row(0);
  }

  private static void assertRate(Row rate, long hits, long n, double low, double high) {
    assertThat(rate.getLong("hits")).isEqualTo(hits);
    assertThat(rate.getLong("n")).isEqualTo(n);
    assertThat(rate.getDouble("share")).isCloseTo((double) hits / n, within(1e-12));
    assertThat(rate.getDouble("low")).isCloseTo(low, within(BOOTSTRAP_NOISE));
    assertThat(rate.getDouble("high")).isCloseTo(high, within(BOOTSTRAP_NOISE));
  }

  @Test
  void seedsAndQuestionsBothWidenTheInterval() {
    Table refused = Rates.of(KITCHEN, "refused", "method", "attack");
    assertRate(find(refused, "dpo", "dish-0"), 67 + 39 + 60, 339, 0.339, 0.628);
    assertRate(find(refused, "derta", "near-0"), 58, 312, 0.115, 0.266);
    Table complied = Rates.of(KITCHEN, "complied", "method", "attack");
    assertRate(find(complied, "vanilla", "selfcipher"), 28, 72, 0.194, 0.597);
  }

  @Test
  void noHitInThreeSeedsSaysNoMoreThanItsQuestionsDo() {
    Table answers = KitchenAnswers.empty();
    for (int seed = 0; seed < 3; seed++) {
      add(answers, "derta", seed, "r".repeat(113));
    }
    assertRate(Rates.of(answers, "complied").row(0), 0, 339, 0, 0.033);
    assertRate(Rates.of(answers, "refused").row(0), 339, 339, 0.967, 1);

    answers.stringColumn("outcome").set(5, "complied");
    Row one = Rates.of(answers, "complied").row(0);
    assertThat(one.getDouble("high")).isGreaterThanOrEqualTo(new Rate(0, 113).high());
  }

  @Test
  void oneSeedHasTheWilsonInterval() {
    Row rate = find(Rates.of(KITCHEN, "complied", "attack", "method"), "base", "dish-0");
    Rate wilson = new Rate(rate.getLong("hits"), 113);
    assertThat(rate.getDouble("low")).isEqualTo(wilson.low());
    assertThat(rate.getDouble("high")).isEqualTo(wilson.high());

    Table unseeded = KITCHEN.where(KITCHEN.stringColumn("method").isEqualTo("base"));
    unseeded.removeColumns("seed");
    Row same = find(Rates.of(unseeded, "complied", "method", "attack"), "base", "dish-0");
    assertThat(same.getDouble("low")).isEqualTo(wilson.low());
  }

  @Test
  void oneSeedAskedTheSameInSeveralWaysIsNotTakenForMoreQuestions() {
    Table answers = KitchenAnswers.empty();
    for (int attack = 0; attack < 9; attack++) {
      add(answers, "base", 0, "ccccccccccrrrrrrrrrr");
    }
    Row rate = Rates.of(answers, "complied").row(0);
    Rate twenty = new Rate(10, 20);
    assertThat(rate.getDouble("low")).isCloseTo(twenty.low(), within(0.05));
    assertThat(rate.getDouble("high")).isCloseTo(twenty.high(), within(0.05));
  }

  @Test
  void groupsKeepTypeAndOrderOfTheirFirstAppearance() {
    Table answers = KitchenAnswers.empty();
    add(answers, "vanilla", 2, "cr");
    add(answers, "derta", 1, "rr");
    add(answers, "derta", 2, "ii");
    Table rates = Rates.of(answers, "refused", "seed", "method");
    assertThat(rates.columnNames())
        .containsExactly("seed", "method", "hits", "n", "share", "low", "high");
    assertThat(rates.intColumn("seed").asList()).containsExactly(2, 1, 2);
    assertThat(rates.stringColumn("method").asList()).containsExactly("vanilla", "derta", "derta");
    assertThat(rates.longColumn("n").asList()).containsExactly(2L, 2L, 0L);
    assertThat(rates.doubleColumn("share").isMissing(2)).isTrue();
    assertThat(rates.doubleColumn("high").get(2)).isOne();
  }

  @Test
  void invalidAndMissingAnswersLeaveN() {
    Table answers = KitchenAnswers.empty();
    add(answers, "derta", 0, "ccrni-");
    assertThat(Rates.of(answers, "complied").row(0).getLong("n")).isEqualTo(4);
  }

  @Test
  void orderOfRowsDoesNotMatter() {
    Table shuffled = KITCHEN.sortOn("outcome", "question").sortDescendingOn("seed");
    Row one = find(Rates.of(KITCHEN, "refused", "method", "attack"), "dpo", "dish-0");
    Row other = find(Rates.of(shuffled, "refused", "method", "attack"), "dpo", "dish-0");
    assertThat(other.getDouble("low")).isEqualTo(one.getDouble("low"));
    assertThat(other.getDouble("high")).isEqualTo(one.getDouble("high"));

    String[] by = {"attack"};
    one = find(Rates.differences(KITCHEN, "complied", "method", "vanilla", by), "dpo", "pair");
    other = find(Rates.differences(shuffled, "complied", "method", "vanilla", by), "dpo", "pair");
    assertThat(other.getDouble("low")).isEqualTo(one.getDouble("low"));
    assertThat(other.getDouble("p")).isEqualTo(one.getDouble("p"));
  }

  @Test
  void pointsHaveTheSameShape() {
    Table answers =
        Table.create(
            StringColumn.create("question", "a", "b", "c", "d"),
            DoubleColumn.create("points", 1, 0.5, 0, Double.NaN),
            BooleanColumn.create("long", true, true, false, true));
    answers.booleanColumn("long").setMissing(1);
    Row points = Rates.mean(answers, "points").row(0);
    assertThat(points.getDouble("hits")).isEqualTo(1.5);
    assertThat(points.getLong("n")).isEqualTo(3);
    assertThat(points.getDouble("share")).isEqualTo(0.5);
    assertThat(points.getDouble("low")).isLessThan(0.2);

    Row yes = Rates.mean(answers, "long").row(0);
    assertThat(yes.getDouble("hits")).isEqualTo(2);
    assertThat(yes.getDouble("high")).isEqualTo(new Rate(2, 3).high());
  }

  @Test
  void countsMadeElsewhereHaveTheSameShape() {
    Table rates = Rates.of(List.of(new Rate(1, 4), new Rate(0, 0)), IntColumn.create("k", 5, 6));
    assertThat(rates.columnNames()).containsExactly("k", "hits", "n", "share", "low", "high");
    assertThat(rates.doubleColumn("share").get(0)).isEqualTo(0.25);
    assertThat(rates.doubleColumn("share").isMissing(1)).isTrue();
  }

  @Test
  void mistakesAreNamed() {
    assertThatThrownBy(() -> Rates.of(KITCHEN, "broken"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("complied");
    assertThatThrownBy(() -> Rates.of(KITCHEN, "refused", "model"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("no column \"model\"");
    assertThatThrownBy(() -> Rates.differences(KITCHEN, "refused", "method", "sft", "attack"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("\"sft\"");
    assertThatThrownBy(() -> Rates.mean(KITCHEN, "seed"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("0 to 1");
    assertThatThrownBy(() -> Rates.differences(KITCHEN, "refused", "method", "dpo"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("group by");

    Table answers = KitchenAnswers.empty();
    KitchenAnswers.add(answers, "dpo", 0, "a", "q", "broken");
    assertThatThrownBy(() -> Rates.of(answers, "complied"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("row 1");
    KitchenAnswers.add(answers, "dpo", 0, "a", "", "complied");
    answers.stringColumn("outcome").set(0, "refused");
    answers.stringColumn("question").setMissing(1);
    assertThatThrownBy(() -> Rates.of(answers, "complied"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("question");
  }

  @Test
  void correctionUndoesTheErrorOfTheJudge() {
    // 30 % complied; a judge that finds 80 % of these and mistakes 10 % of the others counts 31 %.
    Table rates = Rates.of(List.of(new Rate(310, 1000), new Rate(0, 50), new Rate(0, 0)));
    Table corrected = Rates.corrected(rates, new Rate(80, 100), new Rate(180, 200));
    Row row = corrected.row(0);
    assertThat(row.getDouble("corrected")).isCloseTo(0.3, within(1e-12));
    // Delta method: the variances of share, sensitivity and specificity, over 0.7 squared.
    double deviation =
        Math.sqrt(0.31 * 0.69 / 1000 + 0.09 * 0.8 * 0.2 / 100 + 0.49 * 0.9 * 0.1 / 200) / 0.7;
    assertThat(row.getDouble("corrected_low")).isCloseTo(0.3 - 1.96 * deviation, within(0.015));
    assertThat(row.getDouble("corrected_high")).isCloseTo(0.3 + 1.96 * deviation, within(0.015));
    assertThat(corrected.doubleColumn("corrected").get(1)).isZero();
    assertThat(corrected.doubleColumn("corrected_high").isMissing(2)).isTrue();
    assertThat(rates.columnNames()).doesNotContain("corrected");
  }

  @Test
  void aJudgeThatKnowsNothingCorrectsNothing() {
    Table rates = Rates.of(List.of(new Rate(31, 100)));
    Row useless = Rates.corrected(rates, new Rate(5, 10), new Rate(5, 10)).row(0);
    assertThat(useless.isMissing("corrected")).isTrue();
    assertThat(useless.isMissing("corrected_low")).isTrue();
    Row poor = Rates.corrected(rates, new Rate(6, 10), new Rate(5, 10)).row(0);
    assertThat(poor.getDouble("corrected_high")).isGreaterThan(0.9);
  }

  /** The lady tasting tea: Fisher 1935; Agresti 2002, table 3.8. */
  @Test
  void fisherIsThatOfTheTextbook() {
    assertThat(Rates.fisher(new Rate(3, 4), new Rate(1, 4))).isCloseTo(0.486, within(5e-4));
    // Fisher 1962, convictions of twins, as in R's help of fisher.test.
    assertThat(Rates.fisher(new Rate(2, 17), new Rate(10, 13))).isCloseTo(0.0005367, within(5e-8));
    assertThat(Rates.fisher(new Rate(5, 10), new Rate(5, 10))).isOne();
    assertThat(Rates.fisher(new Rate(0, 0), new Rate(5, 10))).isOne();
  }
}
