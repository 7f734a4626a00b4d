package io.github.derta.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ThemeTest {

  @Test
  void aMethodHasOneColourHoweverItIsWritten() {
    assertThat(List.of("DeRTa", "derta", "DeRTa (paper)", "paper DeRTa"))
        .extracting(Theme::color)
        .containsOnly("#0072B2");
    assertThat(Theme.color("harmful-prefix")).isEqualTo(Theme.color("Harmful_Prefix"));
  }

  @Test
  void methodsHaveDistinctColours() {
    assertThat(List.of("base", "vanilla", "harmful prefix", "rto", "derta", "dpo", "as released"))
        .extracting(Theme::color)
        .doesNotHaveDuplicates();
  }

  @Test
  void anUnknownNameKeepsItsColourAndAFigureHasNoTwoAlike() {
    assertThat(Theme.color("my own method")).isEqualTo(Theme.color("my own method"));
    List<String> names = List.of("a", "b", "c", "d", "e", "f", "g", "h", "j");
    assertThat(Theme.colors(names).values()).doesNotHaveDuplicates();
    assertThat(Theme.colors(names)).containsEntry("a", Theme.color("a"));
  }
}
