package io.github.derta.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.derta.stats.Rate;
import io.github.derta.train.StepMetrics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.Table;

class TrainingTablesTest {

  private static final Table DEPTH =
      Table.read()
          .csv(
              """
              method,seed,kind,depth,n,refused,base_broken,still_broken
              vanilla,0,dish,0,100,96,50,1
              vanilla,0,dish,10,100,10,50,30
              vanilla,1,dish,10,100,30,50,35
              derta,0,dish,0,100,100,50,0
              derta,0,dish,10,100,90,50,0
              derta,0,task,0,40,1,,
              """,
              "depth");

  @Test
  void seedsArePooledByCountsAndShownOneByOne() {
    Table ten = DEPTH.where(DEPTH.intColumn("depth").isEqualTo(10));
    Table pooled = TrainingTables.pooled(ten, "dish", "refused");
    assertThat(pooled.stringColumn("method").asList()).containsExactly("vanilla", "derta");
    assertThat(pooled.longColumn("n").asList()).containsExactly(200L, 100L);
    assertThat(pooled.doubleColumn("share").asList()).containsExactly(0.2, 0.9);
    assertThat(pooled.doubleColumn("low").get(0)).isBetween(0.14, 0.16);
    assertThat(TrainingTables.eachSeed(ten, "dish", "refused").doubleColumn("share").asList())
        .containsExactly(0.1, 0.3, 0.9);
  }

  @Test
  void theSummarySetsWhatIsStillBrokenAgainstWhatBreaksTheBase() {
    Table summary = TrainingTables.summary(DEPTH, 10);
    assertThat(summary.doubleColumn(1).asList()).containsExactly(96.0, 100.0);
    assertThat(summary.doubleColumn(2).asList()).containsExactly(20.0, 90.0);
    assertThat(summary.doubleColumn(3).asList()).containsExactly(65.0, 0.0);
    assertThat(TrainingTables.direct(DEPTH, List.of("task")).doubleColumn(1).get(1)).isEqualTo(2.5);
  }

  @Test
  void aColumnOfAnythingButNumbersHoldsTexts() {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("n", 4);
    row.put("share", null);
    row.put("rate", new Rate(1, 4));
    Table table = TrainingTables.of("rates", List.of(row));
    assertThat(table.intColumn("n").get(0)).isEqualTo(4);
    assertThat(table.doubleColumn("share").isMissing(0)).isTrue();
    assertThat(table.stringColumn("rate").get(0)).isEqualTo(new Rate(1, 4).toString());
  }

  @Test
  void storedRowsAreTheFirstSeedsOfOtherMethods() {
    Table stored = TrainingTables.stored(DEPTH, Set.of("derta"));
    assertThat(stored.stringColumn("method").asList()).containsOnly("vanilla (stored)");
    assertThat(DEPTH.stringColumn("method").asList()).doesNotContain("vanilla (stored)");
  }

  @Test
  void lossesAreApartForOrdinaryAndRtoRowsAndMissingOnesAreLeftOut() {
    Map<String, List<StepMetrics>> runs = new LinkedHashMap<>();
    runs.put("derta", List.of(step(1, 0.5, Double.NaN), step(2, 0.25, 8)));
    Table losses = TrainingTables.losses(runs);
    assertThat(losses.stringColumn("rows").asList())
        .containsExactly("ordinary rows", "ordinary rows", "RTO rows");
    assertThat(losses.doubleColumn("loss").asList()).containsExactly(0.5, 0.25, 8.0);
    assertThat(losses.intColumn("step").asList()).containsExactly(1, 2, 2);
  }

  @Test
  void aTableOfNothingHasNoRows() {
    assertThat(TrainingTables.of("none", List.of()).rowCount()).isZero();
    Table none = TrainingTables.losses(Map.of());
    assertThat(none.append(TrainingTables.losses(Map.of("rto", List.of(step(1, 1, 2))))))
        .hasSize(2);
  }

  @Test
  void aTranscriptMarksTheRefusalAndEscapesTheRest() {
    TranscriptView view = new TranscriptView("derta", "<q>", "Mix", " it. Sorry, no.");
    assertThat(view).hasToString("derta: [Mix] it. |Sorry, no.");
    assertThat(view.toHtml()).contains("&lt;q&gt;").contains("#FFFFFF\">Sorry, no.</span>");
    assertThat(new TranscriptView("base", "", "Mix", " it.").toHtml()).doesNotContain("#FFFFFF");
  }

  private static StepMetrics step(int step, double nextToken, double rto) {
    return new StepMetrics(
        step, 2, 1, 1, nextToken, rto, 1, 1, 1, 1, 1, StepMetrics.Seconds.NONE, null);
  }
}
