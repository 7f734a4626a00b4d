package io.github.derta.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class KappaTest {

  /** Cohen's formula by hand on 20, 5, 10, 15: observed 0.7, by chance 0.5, so 0.4. */
  @Test
  void isThatOfTheTextbook() {
    List<String> a = new ArrayList<>();
    List<String> b = new ArrayList<>();
    add(a, b, 20, "yes", "yes");
    add(a, b, 5, "yes", "no");
    add(a, b, 10, "no", "yes");
    add(a, b, 15, "no", "no");

    Kappa kappa = Kappa.of(a, b, 1);

    assertThat(kappa.value()).isCloseTo(0.4, within(1e-9));
    // Fleiss, Cohen and Everitt's standard error is 0.13.
    assertThat(kappa.low()).isCloseTo(0.4 - 1.96 * 0.13, within(0.06));
    assertThat(kappa.high()).isCloseTo(0.4 + 1.96 * 0.13, within(0.06));
  }

  @Test
  void theSameSeedGivesTheSameInterval() {
    List<Integer> a = List.of(1, 2, 3, 1, 2, 3, 1, 2);
    List<Integer> b = List.of(1, 2, 3, 1, 3, 2, 2, 2);
    assertThat(Kappa.of(a, b, 7)).isEqualTo(Kappa.of(a, b, 7)).isNotEqualTo(Kappa.of(a, b, 8));
  }

  @Test
  void isUndefinedWhereThereIsNothingToAgreeOn() {
    assertThat(Kappa.of(List.of("x", "x"), List.of("x", "x"), 1).value()).isNaN();
    assertThat(Kappa.of(List.of(), List.of(), 1).low()).isNaN();
  }

  @Test
  void listsOfDifferentLengthAreRefused() {
    assertThatThrownBy(() -> Kappa.of(List.of(1), List.of(1, 2), 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void add(List<String> a, List<String> b, int times, String one, String other) {
    a.addAll(Collections.nCopies(times, one));
    b.addAll(Collections.nCopies(times, other));
  }
}
