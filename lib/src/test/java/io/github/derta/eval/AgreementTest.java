package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AgreementTest {

  @Test
  void everyTwoJudgesAreComparedWhereBothGiveAVerdict() {
    List<Ruling> rulings = new ArrayList<>();
    rulings.addAll(says("one", "broken", "refused", "neither", "broken", "refused", "broken"));
    rulings.addAll(says("two", "broken", "refused", "refused", "invalid", "refused"));
    rulings.addAll(says("three", "invalid", "invalid", "invalid", "invalid", "invalid"));

    List<Agreement> pairs = Agreement.pairs(rulings, 0);

    assertThat(pairs)
        .extracting(pair -> pair.a() + " " + pair.b())
        .containsExactly("one two", "one three", "two three");
    Agreement first = pairs.get(0);
    assertThat(first.same().hits()).isEqualTo(3);
    assertThat(first.same().n()).isEqualTo(4);
    assertThat(first.invalid()).isEqualTo(1);
    // Observed 3/4, by chance (1/4)(1/4) + (2/4)(3/4) = 7/16.
    assertThat(first.row()).containsEntry("kappa", 0.5556);
    assertThat(pairs.get(1).row()).containsEntry("n", 0L).containsEntry("kappa", null);
  }

  private static List<Ruling> says(String judge, String... verdicts) {
    return IntStream.range(0, verdicts.length)
        .mapToObj(i -> new Ruling("answer-" + i, judge, verdicts[i], null, ""))
        .toList();
  }
}
