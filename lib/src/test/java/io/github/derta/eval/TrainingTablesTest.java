package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import io.github.derta.train.Evaluation;
import io.github.derta.train.StepMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tablesaw.api.Table;

class TrainingTablesTest {

  @TempDir Path folder;

  private static StepMetrics step(int step, double nextToken, double rto, Evaluation validation) {
    return new StepMetrics(
        step, 2, 1, 1, nextToken, rto, 1, 1, 1, 1, 1, StepMetrics.Seconds.NONE, validation);
  }

  private static Evaluation refusing(double refusal) {
    return new Evaluation(1, 1, new double[] {refusal}, new int[] {16});
  }

  @Test
  void lossesAreApartForOrdinaryAndRtoRowsAndMissingOnesStayMissing() {
    List<StepMetrics> steps =
        List.of(step(0, 3, 3, null), step(1, 0.5, Double.NaN, null), step(2, 0.25, 8.12345, null));
    Table losses = TrainingTables.losses("derta", 1, steps);
    assertThat(losses.intColumn("step").asList()).containsExactly(1, 2);
    assertThat(losses.doubleColumn("rto_loss").isMissing(0)).isTrue();
    assertThat(losses.doubleColumn("rto_loss").get(1)).isEqualTo(8.1235);
    assertThat(losses.intColumn("seed").asList()).containsOnly(1);
  }

  @Test
  void refusalIsTakenBeforeTheFirstStepAndAfterTheLast() {
    List<StepMetrics> steps =
        List.of(
            step(0, 1, 1, refusing(0.01)),
            step(1, 1, 1, refusing(0.4)),
            step(2, 1, 1, refusing(0.9)));
    Table refusal = TrainingTables.refusal("rto", 0, steps);
    assertThat(refusal.stringColumn("trained").asList()).containsExactly("before", "after");
    assertThat(refusal.doubleColumn("refusal").asList()).containsExactly(0.01, 0.9);
  }

  @Test
  void aTrainingThatIsKeptAgainTakesThePlaceOfItsRows() throws IOException {
    Path csv = folder.resolve("small-losses.csv");
    for (String run : List.of("12345678e0123456", "0002")) { // a hash may look like a number
      List<StepMetrics> steps = List.of(step(1, 0.5, Double.NaN, null));
      TrainingTables.keep(csv, run, TrainingTables.losses("rto", 0, steps));
      TrainingTables.keep(csv, run, TrainingTables.losses("rto", 1, steps));
    }
    Table kept = TrainingTables.read(csv);
    assertThat(kept.stringColumn("training").asList()).containsExactly("0002", "0002");
    assertThat(kept.intColumn("seed").asList()).containsExactly(0, 1);
    assertThat(kept.column("rto_loss").countMissing()).isEqualTo(2);
    Files.delete(csv);
    assertThatThrownBy(() -> TrainingTables.read(csv))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("small-losses.csv");
  }
}
