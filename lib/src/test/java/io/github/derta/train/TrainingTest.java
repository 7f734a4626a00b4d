package io.github.derta.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTest {

  @TempDir Path folder;

  @BeforeEach
  void writeModelAndRows() throws IOException {
    Tiny.model(folder.resolve("tiny"));
    Tiny.rows(folder.resolve("rows.jsonl"), 32);
  }

  private Training training(String... settings) {
    return Training.of(Tiny.recipe(folder, settings)).home(folder.resolve("home"));
  }

  @Test
  void lossFallsAndTheModelIsNotTrainedTwice() {
    List<StepMetrics> seen = new ArrayList<>();
    Trained trained = training("epochs=6").listen(seen::add).run();
    System.out.println(seen.stream().map(m -> "%.4f".formatted(m.loss())).toList());
    assertThat(seen).hasSize(25);
    assertThat(seen.get(24).loss()).isLessThan(0.8 * seen.get(1).loss());
    assertThat(trained.cached()).isFalse();
    assertThat(trained.folder().resolve("tokenizer.json")).exists();
    assertThat(training("epochs=6").run().cached()).isTrue();
    assertThat(trained.metrics()).hasSize(25);
  }
}
