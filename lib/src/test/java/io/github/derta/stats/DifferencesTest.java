package io.github.derta.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

class DifferencesTest {

  private static final Table KITCHEN = KitchenAnswers.read();

  /** Letters by question: c complied, r refused, i invalid, - missing. */
  private static Table two(String first, String second) {
    Table answers = KitchenAnswers.empty();
    add(answers, "one", 0, first);
    add(answers, "two", 0, second);
    return answers;
  }

  private static void add(Table answers, String method, int seed, String letters) {
    List<String> outcomes = List.of("complied", "refused", "invalid", "");
    for (int i = 0; i < letters.length(); i++) {
      String outcome = outcomes.get("cri-".indexOf(letters.charAt(i)));
      KitchenAnswers.add(answers, method, seed, "a", "q" + i, outcome);
    }
  }

  private static Row complied(Table answers, String reference) {
    return Rates.differences(answers, "complied", "method", reference).row(0);
  }

  private static Table kitchen() {
    StringColumn methods = KITCHEN.stringColumn("method");
    Table trained =
        KITCHEN.where(
            methods
                .isNotEqualTo("base")
                .and(KITCHEN.stringColumn("attack").isNotIn("task-0", "fact-0", "near-0"))
                .andNot(KITCHEN.stringColumn("attack").matchesRegex("(dish|task)-.*")));
    return Rates.differences(trained, "complied", "method", "vanilla", "attack");
  }

  private static Row find(Table table, String method, String attack) {
    return table
        .where(
            table
                .stringColumn("method")
                .isEqualTo(method)
                .and(table.stringColumn("attack").isEqualTo(attack)))
        .row(0);
  }

  @Test
  void ofThe36OfTheKitchenFewSurviveHolm() {
    Table differences = kitchen();
    assertThat(differences.columnNames())
        .containsExactly(
            "attack",
            "method",
            "difference",
            "low",
            "high",
            "discordant",
            "seeds",
            "questions",
            "p",
            "p_holm");
    assertThat(differences.rowCount()).isEqualTo(36);
    Row dpo = find(differences, "dpo", "jailbreakchat");
    assertThat(dpo.getDouble("difference")).isNegative();
    assertThat(dpo.getDouble("p")).isCloseTo(0.023, within(0.005));
    assertThat(dpo.getDouble("p_holm")).isGreaterThan(0.3);
    for (String method : List.of("rto", "derta")) {
      for (String attack : List.of("autodan", "jailbreakchat")) {
        assertThat(find(differences, method, attack).getDouble("p_holm")).isGreaterThan(0.05);
      }
    }
    Row direct = find(differences, "dpo", "direct");
    assertThat(direct.getInt("seeds")).isEqualTo(3);
    assertThat(direct.getInt("questions")).isEqualTo(40);
    assertThat(direct.getDouble("p_holm")).isLessThan(0.05);
  }

  @Test
  void invalidAndMissingAnswersLeaveThePair() {
    Row row = complied(two("cci-", "rccc"), "one");
    assertThat(row.getInt("questions")).isEqualTo(2);
    assertThat(row.getDouble("difference")).isEqualTo(0.5);
    // What one did not answer and two refused is no difference (findings I.10).
    assertThat(complied(two("cc--", "rrrr"), "one").getDouble("difference")).isOne();
    assertThat(Rates.differences(two("cc--", "--rr"), "complied", "method", "one").rowCount())
        .isZero();
  }

  @Test
  void theBaseIsComparedWithEverySeedInBothOrders() {
    Table answers = KITCHEN.where(KITCHEN.stringColumn("method").isIn("base", "dpo"));
    Table forth = Rates.differences(answers, "complied", "method", "base", "attack");
    Table back = Rates.differences(answers, "complied", "method", "dpo", "attack");
    assertThat(forth.rowCount()).isEqualTo(back.rowCount()).isGreaterThan(15);
    for (int i = 0; i < forth.rowCount(); i++) {
      assertThat(forth.intColumn("seeds").get(i)).isEqualTo(3);
      assertThat(back.intColumn("seeds").get(i)).isEqualTo(3);
      assertThat(forth.doubleColumn("difference").get(i))
          .isCloseTo(-back.doubleColumn("difference").get(i), within(1e-12));
      assertThat(forth.doubleColumn("low").get(i))
          .isCloseTo(-back.doubleColumn("high").get(i), within(0.01));
      assertThat(forth.doubleColumn("p").get(i)).isEqualTo(back.doubleColumn("p").get(i));
    }
  }

  @Test
  void eightDiscordantQuestionsAllOneWayAreTwoIn256() {
    Row row = complied(two("cccccccccc", "rrrrrrrrcc"), "one");
    assertThat(row.getInt("discordant")).isEqualTo(8);
    assertThat(row.getDouble("p")).isCloseTo(2.0 / 256, within(1e-12));
    assertThat(complied(two("cc", "cc"), "one").getDouble("p")).isOne();
  }

  /** All signs of 3, 1, 1, -1, tried one by one: 8 of 16 totals are at least 4 in size. */
  @Test
  void signsAreFlippedByQuestion() {
    double[] sums = {3, 1, 1, -1, 0};
    int extreme = 0;
    for (int signs = 0; signs < 16; signs++) {
      double total = 0;
      for (int i = 0; i < 4; i++) {
        total += (signs >> i & 1) == 1 ? sums[i] : -sums[i];
      }
      extreme += Math.abs(total) >= Arrays.stream(sums).sum() ? 1 : 0;
    }
    assertThat(Rates.signFlip(sums)).isCloseTo(extreme / 16.0, within(1e-12));
  }

  @Test
  void holmMultipliesBySteppingDownAndNeverFalls() {
    assertThat(Rates.holm(new double[] {0.04, 0.01, 0.03, 0.9}))
        .usingComparatorWithPrecision(1e-12)
        .containsExactly(0.09, 0.04, 0.09, 0.9);
    assertThat(Rates.holm(new double[] {})).isEmpty();
  }

  /** The normal approximation; questions are the only source of variance. */
  @Test
  void theIntervalOfOneSeedIsThatOfTheTextbook() {
    String first = "c".repeat(240) + "r".repeat(160);
    String second = "c".repeat(120) + "r".repeat(280);
    Row row = complied(two(first, second), "one");
    double deviation = Math.sqrt(0.3 * 0.7 / 400);
    assertThat(row.getDouble("difference")).isCloseTo(0.3, within(1e-12));
    assertThat(row.getDouble("low")).isCloseTo(0.3 - 1.96 * deviation, within(0.01));
    assertThat(row.getDouble("high")).isCloseTo(0.3 + 1.96 * deviation, within(0.01));
  }

  @Test
  void twelveQuestionsAnsweredAlikeDoNotShowThatThereIsNoDifference() {
    Row row = complied(two("cccccccccccc", "cccccccccccc"), "one");
    assertThat(row.getDouble("difference")).isZero();
    assertThat(row.getDouble("low")).isCloseTo(-new Rate(0, 12).high(), within(1e-12));
    assertThat(row.getDouble("high")).isCloseTo(new Rate(0, 12).high(), within(1e-12));
  }

  @Test
  void seedsThatDisagreeWidenTheInterval() {
    Table alike = two("", "");
    Table apart = two("", "");
    for (int seed = 0; seed < 3; seed++) {
      add(alike, "one", seed, "c".repeat(50) + "r".repeat(50));
      add(apart, "one", seed, "c".repeat(10 + 40 * seed) + "r".repeat(90 - 40 * seed));
      add(alike, "two", seed, "r".repeat(100));
      add(apart, "two", seed, "r".repeat(100));
    }
    assertThat(width(complied(apart, "one"))).isGreaterThan(2 * width(complied(alike, "one")));
  }

  private static double width(Row row) {
    return row.getDouble("high") - row.getDouble("low");
  }
}
