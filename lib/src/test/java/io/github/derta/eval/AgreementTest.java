package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Table;

class AgreementTest {

  @Test
  void everyTwoJudgesAreComparedWhereBothGiveAVerdict() {
    List<Ruling> rulings = new ArrayList<>();
    rulings.addAll(
        says("one", "complied", "refused", "neither", "complied", "refused", "complied"));
    rulings.addAll(says("two", "complied", "refused", "refused", "invalid", "refused"));
    rulings.addAll(says("three", "invalid", "invalid", "invalid", "invalid", "invalid"));

    Table pairs = Agreement.of(Map.of("model", rulings), 0);

    assertThat(pairs.stringColumn("judge").asList()).containsExactly("one", "one", "two");
    assertThat(pairs.stringColumn("other").asList()).containsExactly("two", "three", "three");
    assertThat(pairs.longColumn("hits").get(0)).isEqualTo(3);
    assertThat(pairs.longColumn("n").asList()).containsExactly(4L, 0L, 0L);
    assertThat(pairs.intColumn("invalid").get(0)).isEqualTo(1);
    // Observed 3/4, by chance (1/4)(1/4) + (2/4)(3/4) = 7/16.
    assertThat(pairs.doubleColumn("kappa").get(0)).isCloseTo(0.5556, within(1e-4));
    assertThat(pairs.doubleColumn("kappa").isMissing(1)).isTrue();
  }

  private static List<Ruling> says(String judge, String... verdicts) {
    return IntStream.range(0, verdicts.length)
        .mapToObj(i -> new Ruling("answer-" + i, judge, verdicts[i], null, null, null, ""))
        .toList();
  }
}
