package io.github.derta.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    checkpoints.save(1, 2, partial -> Files.writeString(partial.resolve("weights"), "1"));
    assertThatThrownBy(
            () ->
                checkpoints.save(
                    2,
                    2,
                    partial -> {
                      Files.writeString(partial.resolve("weights"), "half");
                      throw new IOException("No space left on device");
                    }))
        .hasMessage("No space left on device");
    Path latest = checkpoints.latest().orElseThrow();
    assertThat(checkpoints.state(latest)).isEqualTo(new Checkpoints.State(1, "run", 2));
    assertThat(latest.resolve("weights")).hasContent("1");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(latest);
    }
  }

  @Test
  void whatAKillLeftBehindIsNoCheckpoint() throws IOException {
    Files.createDirectories(folder.resolve("step-000009.partial"));
    Files.createDirectories(folder.resolve("step-000003.old.partial"));
    assertThat(new Checkpoints(folder, "run", 2).latest()).isEmpty();
  }
}
