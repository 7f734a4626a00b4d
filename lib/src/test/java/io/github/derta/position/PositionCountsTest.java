package io.github.derta.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.stats.Rate;
import org.junit.jupiter.api.Test;

class PositionCountsTest {

  private final PositionCounts counts = PositionCounts.of(0, 1, 5, 6, 30, 31, 900, 0, 5);

  @Test
  void bandsMeetWithoutGapOrOverlap() {
    assertThat(Band.PAPER).extracting(counts::in).containsExactly(3L, 2L, 2L);
    assertThat(Band.PAPER).extracting(Band::toString).containsExactly("1-5", "6-30", "31+");
    assertThat(counts.share(Band.START)).isEqualTo(new Rate(3, 7));
  }

  @Test
  void survivalFallsFromAllToThoseThatNeverRefuse() {
    assertThat(counts.survival(0)).isEqualTo(new Rate(9, 9));
    assertThat(counts.survival(1)).isEqualTo(new Rate(8, 9));
    assertThat(counts.survival(5)).isEqualTo(new Rate(6, 9));
    assertThat(counts.survival(Integer.MAX_VALUE)).isEqualTo(new Rate(2, 9));
  }

  @Test
  void theMedianOfAnEvenNumberIsBetweenTheMiddleTwo() {
    assertThat(counts.median()).hasValue(6);
    assertThat(PositionCounts.of(0, 1, 4).median()).hasValue(2.5);
    assertThat(PositionCounts.of(0).median()).isEmpty();
  }

  @Test
  void negativePositionsAreRefused() {
    assertThatThrownBy(() -> PositionCounts.of(-1)).isInstanceOf(IllegalArgumentException.class);
  }
}
