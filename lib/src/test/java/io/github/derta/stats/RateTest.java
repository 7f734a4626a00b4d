package io.github.derta.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RateTest {

  @Test
  void givesTheWilsonIntervalOfTheTextbook() {
    // Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263 and 15 of 148, method 3.
    assertThat(new Rate(81, 263).low()).isCloseTo(0.2553, within(5e-5));
    assertThat(new Rate(81, 263).high()).isCloseTo(0.3662, within(5e-5));
    assertThat(new Rate(15, 148).low()).isCloseTo(0.0624, within(5e-5));
    assertThat(new Rate(15, 148).high()).isCloseTo(0.1605, within(5e-5));
  }

  @Test
  void nothingLookedAtIsNoShareAndAnyRate() {
    Rate none = new Rate(0, 0);
    assertThat(none.share()).isNaN();
    assertThat(none.low()).isZero();
    assertThat(none.high()).isOne();
    assertThat(none).hasToString("none of 0");
  }

  @Test
  void readsAsPercentWithInterval() {
    assertThat(new Rate(81, 263)).hasToString("30.8 % [25.5, 36.6] (81 of 263)");
  }

  @Test
  void moreHitsThanTrialsAreRefused() {
    assertThatThrownBy(() -> new Rate(3, 2)).isInstanceOf(IllegalArgumentException.class);
  }
}
