package io.github.derta.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PairedDifferenceTest {

  private static boolean[] first(int hits, int n) {
    boolean[] bits = new boolean[n];
    Arrays.fill(bits, 0, hits, true);
    return bits;
  }

  @Test
  void anAnswerThatBothGiveAlikeMakesNoWidth() {
    PairedDifference same = PairedDifference.of(List.of(first(30, 60)), List.of(first(30, 60)), 0);
    assertThat(same.value()).isZero();
    assertThat(same.high() - same.low()).isZero();
  }

  /** The normal approximation of a paired difference; questions are the only source of variance. */
  @Test
  void intervalOfOneSeedIsThatOfTheTextbook() {
    int n = 400;
    PairedDifference found = PairedDifference.of(List.of(first(240, n)), List.of(first(120, n)), 0);
    double deviation = Math.sqrt(0.3 * 0.7 / n);
    assertThat(found.value()).isCloseTo(0.3, within(1e-9));
    assertThat(found.low()).isCloseTo(0.3 - 1.96 * deviation, within(0.01));
    assertThat(found.high()).isCloseTo(0.3 + 1.96 * deviation, within(0.01));
    assertThat(found)
        .hasToString("+30.0 [%+.1f, %+.1f]".formatted(100 * found.low(), 100 * found.high()));
  }

  @Test
  void seedsThatDisagreeWidenTheInterval() {
    List<boolean[]> zero = List.of(first(0, 100), first(0, 100), first(0, 100));
    PairedDifference agreeing =
        PairedDifference.of(List.of(first(50, 100), first(50, 100), first(50, 100)), zero, 0);
    PairedDifference disagreeing =
        PairedDifference.of(List.of(first(10, 100), first(50, 100), first(90, 100)), zero, 0);
    assertThat(disagreeing.value()).isCloseTo(agreeing.value(), within(1e-9));
    assertThat(width(disagreeing)).isGreaterThan(2 * width(agreeing));
  }

  private static double width(PairedDifference difference) {
    return difference.high() - difference.low();
  }

  /** 200 experiments in which there is no difference: the interval should miss it in about 5 %. */
  @Test
  void theIntervalHoldsTheTruthAboutAsOftenAsItSays() {
    Random random = new Random(7);
    long held =
        IntStream.range(0, 200)
            .filter(
                i -> {
                  PairedDifference one =
                      PairedDifference.of(
                          List.of(random(random, 150)), List.of(random(random, 150)), i);
                  return one.low() <= 0 && one.high() >= 0;
                })
            .count();
    assertThat(held).isBetween(180L, 199L);
  }

  private static boolean[] random(Random random, int n) {
    boolean[] bits = new boolean[n];
    for (int i = 0; i < n; i++) {
      bits[i] = random.nextBoolean();
    }
    return bits;
  }

  @Test
  void listsOfTwoShapesAreRefused() {
    assertThatThrownBy(() -> PairedDifference.of(List.of(first(1, 2)), List.of(first(1, 3)), 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PairedDifference.of(List.of(), List.of(), 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
