package io.github.derta.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.Faults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {

  @TempDir Path folder;

  @Test
  void failureInMidCheckpointLeavesThePreviousOne() throws IOException {
    Checkpoints checkpoints = new Checkpoints(folder, "run", 2);
    int failures = 20;
    long lost = 0;
    for (int step = 1; step <= failures; step++) {
      String weights = "weights of step " + step;
      checkpoints.save(step, 2, to -> Files.writeString(to.resolve("weights"), weights));
      int next = step + 1;
      assertThatThrownBy(() -> checkpoints.save(next, 2, CheckpointsTest::failHalfWritten))
          .hasMessage("No space left on device");
      Path latest = checkpoints.latest().orElseThrow();
      boolean intact =
          checkpoints.state(latest).equals(new Checkpoints.State(step, "run", 2))
              && Files.readString(latest.resolve("weights")).equals(weights);
      lost += intact ? 0 : 1;
      try (Stream<Path> files = Files.list(folder)) {
        assertThat(files)
            .as("what failed leaves nothing behind")
            .contains(latest)
            .hasSizeBetween(1, 2);
      }
    }
    Faults.tell("an I/O error within a checkpoint", failures, "the one before it", lost, 0);
    assertThat(lost).isZero();
  }

  private static void failHalfWritten(Path partial) throws IOException {
    Files.writeString(partial.resolve("weights"), "half");
    throw new IOException("No space left on device");
  }

  @Test
  void whatAKillLeftBehindIsNoCheckpoint() throws IOException {
    Files.createDirectories(folder.resolve("step-000009.partial"));
    Files.createDirectories(folder.resolve("step-000003.old.partial"));
    assertThat(new Checkpoints(folder, "run", 2).latest()).isEmpty();
  }
}
