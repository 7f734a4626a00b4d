package io.github.derta.view;

import static org.assertj.core.api.Assertions.assertThat;

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
              method,seed,kind,depth,n,refused
              vanilla,0,dish,10,100,10
              vanilla,1,dish,10,100,30
              derta,0,dish,10,100,90
              derta,0,task,10,40,0
              """,
              "depth");

  @Test
  void seedsArePooledByCountsAndShownOneByOne() {
    Table pooled = TrainingTables.pooled(DEPTH, "dish", "refused");
    assertThat(pooled.stringColumn("method").asList()).containsExactly("vanilla", "derta");
    assertThat(pooled.longColumn("n").asList()).containsExactly(200L, 100L);
    assertThat(pooled.doubleColumn("share").asList()).containsExactly(0.2, 0.9);
    assertThat(pooled.doubleColumn("low").get(0)).isBetween(0.14, 0.16);
    assertThat(TrainingTables.eachSeed(DEPTH, "dish", "refused").doubleColumn("share").asList())
        .containsExactly(0.1, 0.3, 0.9);
  }

  @Test
  void storedRowsAreTheFirstSeedsOfOtherMethods() {
    Table stored = TrainingTables.stored(DEPTH, Set.of("derta"));
    assertThat(stored.stringColumn("method").asList()).containsExactly("vanilla (stored)");
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
