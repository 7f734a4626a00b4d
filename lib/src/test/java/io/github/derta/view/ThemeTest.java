package io.github.derta.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.awt.Color;
import java.util.List;
import org.junit.jupiter.api.Test;

class ThemeTest {

  @Test
  void aMethodHasOneColourHoweverItIsWritten() {
    assertThat(List.of("DeRTa", "derta", "DeRTa (paper)", "paper DeRTa", "derta (stored)"))
        .extracting(Theme::color)
        .containsOnly("#0072B2");
    assertThat(Theme.color("harmful-prefix")).isEqualTo(Theme.color("Harmful_Prefix"));
  }

  @Test
  void onlySeriesOfThePaperAreDrawnAsSuch() {
    assertThat(List.of("paper", "DeRTa (paper)", "the paper's")).allMatch(Theme::isPaper);
    assertThat(List.of("newspaper", "papers read", "DeRTa")).noneMatch(Theme::isPaper);
  }

  @Test
  void methodsHaveDistinctColours() {
    assertThat(List.of("base", "vanilla", "harmful prefix", "rto", "derta", "dpo", "as released"))
        .extracting(Theme::color)
        .doesNotHaveDuplicates();
  }

  /** Stacked on each other, so a lighter shade of the same colour would not do. */
  @Test
  void rowsOfAllMethodsAreGreyAndNoOthersAre() {
    assertThat(saturation("helpful")).isLessThan(0.1f);
    assertThat(List.of("vanilla", "harmful prefix", "rto"))
        .allSatisfy(kind -> assertThat(saturation(kind)).isGreaterThan(0.3f));
  }

  private static float saturation(String name) {
    int rgb = Integer.parseInt(Theme.color(name).substring(1), 16);
    return Color.RGBtoHSB(rgb >> 16, rgb >> 8 & 255, rgb & 255, null)[1];
  }

  @Test
  void anUnknownNameKeepsItsColourAndAFigureHasNoTwoAlike() {
    assertThat(Theme.color("my own method")).isEqualTo(Theme.color("my own method"));
    List<String> names = List.of("a", "b", "c", "d", "e", "f", "g", "h", "j");
    assertThat(Theme.colors(names).values()).doesNotHaveDuplicates();
    assertThat(Theme.colors(names)).containsEntry("a", Theme.color("a"));
  }

  @Test
  void aVariantOfAMethodIsAShadeOfItsColour() {
    List<String> names =
        List.of("DeRTa by LoRA", "derta", "derta, 20 rows", "rto-only", "harmful prefix, long");
    assertThat(Theme.colors(names))
        .containsExactly(
            entry("DeRTa by LoRA", "#7FB8D8"),
            entry("derta", "#0072B2"),
            entry("derta, 20 rows", "#003959"),
            entry("rto-only", Theme.color("rto")),
            entry("harmful prefix, long", Theme.color("harmful prefix")));
    assertThat(Theme.color("dertamine")).isNotEqualTo(Theme.color("derta"));
  }

  /** WCAG asks for a contrast of 4.5 between text and what is behind it. */
  @Test
  void textIsReadableOnBothEndsOfAHeatMapsColours() {
    for (List<Object> stop : Theme.SCALE) {
      assertThat(contrast(Theme.CELL_INK, (String) stop.get(1))).as("%s", stop).isGreaterThan(4.5);
    }
  }

  @Test
  void textIsReadableInLightAndDarkNotebooks() {
    assertThat(contrast(Theme.INK, "#FFFFFF")).isGreaterThan(4.5);
    assertThat(contrast(Theme.INK, "#111111")).isGreaterThan(4); // JupyterLab's dark theme
  }

  private static double contrast(String one, String other) {
    double a = luminance(one) + 0.05;
    double b = luminance(other) + 0.05;
    return Math.max(a, b) / Math.min(a, b);
  }

  private static double luminance(String color) {
    int rgb = Integer.parseInt(color.substring(1), 16);
    return 0.2126 * linear(rgb >> 16) + 0.7152 * linear(rgb >> 8) + 0.0722 * linear(rgb);
  }

  private static double linear(int channel) {
    double share = (channel & 255) / 255.0;
    return share <= 0.04045 ? share / 12.92 : Math.pow((share + 0.055) / 1.055, 2.4);
  }
}
