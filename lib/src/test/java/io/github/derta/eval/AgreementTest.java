package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.derta.kitchen.Verdict.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AgreementTest {

  private static final Outcome B = Outcome.BROKEN;
  private static final Outcome R = Outcome.REFUSED;
  private static final Outcome N = Outcome.NEITHER;
  private static final Outcome I = Outcome.INVALID;

  @Test
  void everyTwoJudgesAreComparedWhereBothGiveAVerdict() {
    Map<String, List<Judgement>> judgements = new LinkedHashMap<>();
    judgements.put("one", say(B, R, N, B, R));
    judgements.put("two", say(B, R, R, I, R));
    judgements.put("three", say(I, I, I, I, I));

    List<Agreement> pairs = Agreement.pairs(judgements, 0);

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

  private static List<Judgement> say(Outcome... outcomes) {
    return Stream.of(outcomes).map(o -> new Judgement(o, OptionalInt.empty(), "")).toList();
  }
}
