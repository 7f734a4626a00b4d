package io.github.derta.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

class FigureTest {

  private static final Table SHARES =
      Table.create(
          "shares",
          StringColumn.create("method", "vanilla", "vanilla", "derta", "derta"),
          StringColumn.create("attack", "Code", "Cipher", "Cipher", "Code"),
          DoubleColumn.create("refused", 0.5, 0.25, 0.75, 1.0),
          DoubleColumn.create("low", 0.25, 0.125, 0.5, 0.875),
          DoubleColumn.create("high", 0.75, 0.5, 1.0, 1.0),
          IntColumn.create("n", 200, 200, 150, 200));

  private static final Table CURVE =
      Table.create(
          "curve",
          IntColumn.create("k", 1, 2, 3),
          DoubleColumn.create("alive", 1.0, Double.NaN, 0.5),
          DoubleColumn.create("low", 0.75, Double.NaN, 0.25),
          DoubleColumn.create("high", 1.0, Double.NaN, 0.75));

  @Test
  void barsCarryAsymmetricDistancesToTheirBounds() {
    JsonNode vanilla =
        Figure.bars(SHARES, "attack", "refused")
            .by("method")
            .errorBars("low", "high")
            .toJson()
            .at("/data/0");

    assertThat(vanilla.at("/type").asText()).isEqualTo("bar");
    assertThat(vanilla.at("/x")).isEqualTo(json("['Code', 'Cipher']"));
    assertThat(vanilla.at("/y")).isEqualTo(json("[0.5, 0.25]"));
    assertThat(vanilla.at("/error_y/array")).isEqualTo(json("[0.25, 0.25]"));
    assertThat(vanilla.at("/error_y/arrayminus")).isEqualTo(json("[0.25, 0.125]"));
    assertThat(vanilla.at("/error_y/symmetric").asBoolean(true)).isFalse();
    assertThat(vanilla.at("/marker")).isEqualTo(json("{'color': '#E69F00'}"));
  }

  @Test
  void namesStandInTheOrderOfTheTableWhateverTheFirstSeriesHolds() {
    Table reversed = SHARES.sortDescendingOn("refused");
    JsonNode layout =
        Figure.bars(reversed, "attack", "refused").by("method").toJson().at("/layout");

    assertThat(layout.at("/xaxis/categoryarray")).isEqualTo(json("['Code', 'Cipher']"));
  }

  @Test
  void theLegendSaysHowManyAnswersASeriesStandsOn() {
    JsonNode data = Figure.bars(SHARES, "attack", "refused").by("method").n("n").toJson();

    assertThat(data.at("/data/0/name").asText()).isEqualTo("vanilla (n = 200)");
    assertThat(data.at("/data/1/name").asText()).isEqualTo("derta (n = 150–200)");
    assertThat(data.at("/data/1/hovertext")).isEqualTo(json("['n = 150', 'n = 200']"));
  }

  @Test
  void linesHoldNumbersAndAMissingValueIsAGap() {
    JsonNode line = Figure.lines(CURVE, "k", "alive").toJson().at("/data/0");

    assertThat(line.at("/x")).isEqualTo(json("[1.0, 2.0, 3.0]"));
    assertThat(line.at("/y")).isEqualTo(json("[1.0, null, 0.5]"));
    assertThat(line.at("/mode").asText()).isEqualTo("lines+markers");
  }

  @Test
  void aBandIsTwoEdgesWithTheSpaceBetweenThemFilledBelowItsLine() {
    JsonNode data = Figure.lines(CURVE, "k", "alive").steps().band("low", "high").toJson();

    assertThat(data.at("/data")).hasSize(3);
    assertThat(data.at("/data/0/y")).isEqualTo(json("[0.75, 0.25]"));
    assertThat(data.at("/data/1/y")).isEqualTo(json("[1.0, 0.75]"));
    assertThat(data.at("/data/1/fill").asText()).isEqualTo("tonexty");
    assertThat(data.at("/data/1/line/shape").asText()).isEqualTo("hv");
    assertThat(data.at("/data/2/line/shape").asText()).isEqualTo("hv");
    assertThat(data.at("/data/2/fill").isMissingNode()).isTrue();
  }

  @Test
  void aHeatMapPutsEachValueInItsRowAndColumn() {
    Table three = SHARES.first(3);
    JsonNode figure =
        Figure.heatMap(three, "attack", "method", "refused")
            .colorRange(0, 1)
            .cellText(".0%")
            .toJson();
    JsonNode map = figure.at("/data/0");

    assertThat(map.at("/x")).isEqualTo(json("['Code', 'Cipher']"));
    assertThat(map.at("/y")).isEqualTo(json("['vanilla', 'derta']"));
    assertThat(map.at("/z")).isEqualTo(json("[[0.5, 0.25], [null, 0.75]]"));
    assertThat(map.at("/zmin").asDouble(-1)).isZero();
    assertThat(map.at("/zmax").asDouble()).isEqualTo(1);
    assertThat(map.at("/texttemplate").asText()).isEqualTo("%{z:.0%}");
    assertThat(map.at("/textfont/color").asText()).isEqualTo(Theme.CELL_INK);
    assertThat(figure.at("/layout/yaxis/autorange").asText()).isEqualTo("reversed");
  }

  @Test
  void aTextStandsBelowTheValueOfItsCell() {
    Table two = Table.read().csv("x,y,v,low\nA,a,0.5,0<1\nB,b,0.1,2\n", "cells");
    JsonNode map = Figure.heatMap(two, "x", "y", "v").cellText(".0%", "low").toJson().at("/data/0");
    assertThat(map.at("/text")).isEqualTo(json("[['0&lt;1', null], [null, '2']]"));
    assertThat(map.at("/texttemplate").asText()).isEqualTo("%{z:.0%}<br>%{text}");
    assertThat(map.at("/textfont/color").asText()).isEqualTo(Theme.CELL_INK);
  }

  @Test
  void binsOfWholeNumbersNeverHaveANumberOnTheirEdge() {
    Table positions = Table.create("p", IntColumn.create("word", 3, 5, 6, 11));
    JsonNode histogram = Figure.histogram(positions, "word", 5).toJson().at("/data/0");

    assertThat(histogram.at("/x")).isEqualTo(json("[3.0, 5.0, 6.0, 11.0]"));
    assertThat(histogram.at("/xbins")).isEqualTo(json("{'start': 0.5, 'end': 15.5, 'size': 5.0}"));
    Table counts = Table.create("c", IntColumn.create("k", 0, 4, 5));
    assertThat(Figure.histogram(counts, "k", 5).toJson().at("/data/0/xbins"))
        .isEqualTo(json("{'start': -0.5, 'end': 9.5, 'size': 5.0}"));
  }

  @Test
  void earlierLinesAreWiderThanThoseThatMayCoverThem() {
    JsonNode data = atOnePlace("vanilla", "derta");
    assertThat(data.at("/0/line/width").asDouble())
        .isGreaterThan(data.at("/1/line/width").asDouble());
  }

  /** Two series that hide each other. */
  private static JsonNode atOnePlace(String... series) {
    Table twins =
        Table.create(
            "twins",
            StringColumn.create("series", series),
            IntColumn.create("k", 1, 1),
            DoubleColumn.create("share", 0.5, 0.5));
    return Figure.lines(twins, "k", "share").by("series").toJson().at("/data");
  }

  @Test
  void aPageGivesAFigureItsHeightAndANotebookLeavesItAlone() {
    Figure figure = Figure.lines(CURVE, "k", "alive").height(300);
    assertThat(figure.toHtml()).contains("style=\"height:300px\"", "\"responsive\":true");
    assertThat(figure.toJson().at("/config/responsive").asBoolean()).isFalse();
    assertThat(figure.toJson().at("/layout/height").asInt()).isEqualTo(300);
  }

  @Test
  void panelsShareAxesAndNameASeriesOnce() {
    JsonNode figure =
        Figure.bars(SHARES, "method", "refused").by("method").n("n").panels("attack").toJson();

    assertThat(figure.at("/data")).hasSize(4);
    assertThat(figure.at("/data").findValuesAsText("showlegend"))
        .containsExactly("true", "true", "false", "false");
    assertThat(figure.at("/data/1/name").asText()).isEqualTo("derta (n = 150–200)");
    assertThat(figure.at("/data/3/xaxis").asText()).isEqualTo("x2");
    assertThat(figure.at("/layout/yaxis2/matches").asText()).isEqualTo("y");
    assertThat(figure.at("/layout/annotations").findValuesAsText("text"))
        .containsExactly("<b>Code</b>", "<b>Cipher</b>");
  }

  @Test
  void panelsShareOneTitleBelowThemAll() {
    JsonNode layout =
        Figure.bars(SHARES, "method", "refused")
            .panels("attack")
            .xTitle("how")
            .toJson()
            .at("/layout");

    assertThat(layout.at("/annotations").findValuesAsText("text")).endsWith("how");
    assertThat(layout.at("/xaxis/title").isMissingNode()).isTrue();
    assertThat(layout.at("/xaxis2/title").isMissingNode()).isTrue();
  }

  @Test
  void whatIsNotDividedIsDrawnInEveryPanel() {
    JsonNode data =
        Figure.bars(SHARES, "method", "refused")
            .panels("attack")
            .and(Figure.points(SHARES.first(1), "method", "low"))
            .toJson()
            .at("/data");

    assertThat(data.findValuesAsText("type"))
        .containsExactly("bar", "bar", "scatter", "bar", "bar", "scatter");
    assertThat(data.at("/5/xaxis").asText()).isEqualTo("x2");
  }

  @Test
  void thePapersSeriesIsDashedInTheColourOfItsMethod() {
    JsonNode data = atOnePlace("DeRTa", "DeRTa (paper)");

    assertThat(data.at("/1/line/color")).isEqualTo(data.at("/0/line/color"));
    assertThat(data.at("/1/line/dash").asText()).isEqualTo("dash");
    assertThat(data.at("/0/line/dash").asText()).isNotEqualTo("dash");
    assertThat(data.at("/1/marker/symbol").asText()).isEqualTo("diamond-open");
  }

  @Test
  void textIsShownLiterallyAndNeverEndsTheScript() {
    Table nasty =
        Table.create(
            "nasty",
            StringColumn.create("x", "<|eot_id|>", "it's \"a\" \\ b", "</script><b>\n😀"),
            DoubleColumn.create("y", 1, 2, 3));
    Figure figure = Figure.bars(nasty, "x", "y").title("a < b & \"c\"</script>");

    assertThat(figure.toJson().at("/layout/xaxis/categoryarray/0").asText())
        .isEqualTo("&lt;|eot_id|&gt;");
    assertThat(figure.toJson().at("/data/1/x/0").asText()).isEqualTo("it's \"a\" \\ b");
    assertThat(figure.toJson().at("/data/2/x/0").asText())
        .isEqualTo("&lt;/script&gt;&lt;b&gt;<br>😀");
    assertThat(figure.toHtml().split("</script>", -1)).hasSize(2);
    assertThat(figure.toHtml()).contains("aria-label=\"a &lt; b &amp; &#34;c&#34;&lt;/script>\"");
  }

  @Test
  void figuresOnAPageHaveNoIdToShare() {
    String page = Figure.lines(CURVE, "k", "alive").toHtml().repeat(2);

    assertThat(page).doesNotContain("id=").contains("document.currentScript");
  }

  @Test
  void aFigureNeverChanges() {
    Figure plain = Figure.lines(CURVE, "k", "alive");
    JsonNode before = plain.toJson();
    plain.title("other").yPercent().steps();

    assertThat(plain.toJson()).isEqualTo(before);
  }

  @Test
  void anotherFiguresDataIsDrawnInTheSameAxes() {
    JsonNode both =
        Figure.lines(CURVE, "k", "alive")
            .title("ours")
            .and(Figure.points(CURVE, "k", "low").title("theirs"))
            .toJson();

    assertThat(both.at("/data").findValuesAsText("mode"))
        .containsExactly("lines+markers", "markers");
    assertThat(both.at("/layout/title/text").asText()).isEqualTo("<b>ours</b>");
  }

  @Test
  void aMistakeNamesTheColumnAndWhatWouldBeRight() {
    assertThatThrownBy(() -> Figure.bars(null, "a", "b"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("null");
    assertThatThrownBy(() -> Figure.bars(SHARES, "attack", "refusal"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("\"refusal\"")
        .hasMessageContaining("refused");
    assertThatThrownBy(() -> Figure.bars(SHARES, null, "refused")).isInstanceOf(BadInput.class);
    assertThatThrownBy(() -> Figure.bars(SHARES, "attack", "method"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("STRING");
    assertThatThrownBy(() -> Figure.lines(SHARES, "attack", "refused").band("low", "high"))
        .isInstanceOf(BadInput.class);
    assertThatThrownBy(() -> Figure.histogram(CURVE, "k", 0)).isInstanceOf(BadInput.class);
  }

  @Test
  void aBoundOnTheWrongSideOrAMissingNameIsRefused() {
    Figure swapped = Figure.lines(CURVE, "k", "alive").errorBars("high", "low");
    assertThatThrownBy(swapped::toJson)
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("0.75 does not fit the value 0.5");

    Table unnamed = SHARES.copy();
    unnamed.stringColumn("method").set(2, "");
    assertThatThrownBy(Figure.bars(unnamed, "attack", "refused").by("method")::toJson)
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("row 3");
  }

  @Test
  void twoBarsInOnePlaceAreRefused() {
    Figure noSeries = Figure.bars(SHARES, "attack", "refused");
    assertThatThrownBy(noSeries::toJson)
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("by(...)");
    Figure noRows = Figure.heatMap(SHARES, "attack", "attack", "refused");
    assertThatThrownBy(noRows::toJson).isInstanceOf(BadInput.class).hasMessageContaining("second");
  }

  private static JsonNode json(String text) {
    try {
      return JsonLines.MAPPER.readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  @Test
  void aSeriesStandsOnceInTheLegendHoweverManyLayersHaveIt() {
    Table table = Table.read().csv("method,depth,share\nvanilla,0,0.9\nvanilla,10,0.1\n", "points");
    JsonNode data =
        Figure.lines(table, "depth", "share")
            .by("method")
            .and(Figure.points(table, "depth", "share").by("method"))
            .toJson()
            .get("data");
    assertThat(data.findValuesAsText("name")).containsExactly("vanilla", "vanilla");
    assertThat(data.findValuesAsText("showlegend")).containsExactly("true", "false");
  }
}
