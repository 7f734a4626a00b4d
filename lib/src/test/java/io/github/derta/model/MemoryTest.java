package io.github.derta.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Resident memory of the process, native tensors included, does not grow with the steps. */
@EnabledOnOs(OS.LINUX)
class MemoryTest {

  private static final double ALLOWED = 1.05;

  private final Checkpoint checkpoint = Checkpoint.named("mixtral-f32");

  @Test
  void trainingStepsLeaveNothingBehind() throws IOException {
    assertFlatWhileTraining(30, 120);
  }

  @Test
  @Tag("slow")
  void aThousandTrainingStepsLeaveNothingBehind() throws IOException {
    assertFlatWhileTraining(100, 1000);
  }

  @Test
  void generationLeavesNothingBehind() throws IOException {
    assertFlatWhileGenerating(10, 40);
  }

  @Test
  @Tag("slow")
  void aThousandGenerationsLeaveNothingBehind() throws IOException {
    assertFlatWhileGenerating(100, 1000);
  }

  private void assertFlatWhileTraining(int early, int late) throws IOException {
    try (Llama llama = Llama.load(checkpoint.folder())) {
      llama.parameters().values().forEach(weight -> weight.setRequiresGradient(true));
      Runnable step =
          () -> {
            try (Pass pass = llama.train(checkpoint.batch())) {
              pass.backward();
            }
            for (NDArray weight : llama.parameters().values()) {
              try (NDArray gradient = weight.getGradient()) {
                gradient.subi(gradient);
              }
            }
          };
      assertFlat(step, early, late);
    }
  }

  private void assertFlatWhileGenerating(int early, int late) throws IOException {
    try (Llama llama = Llama.load(checkpoint.folder());
        Generator generator = llama.generator()) {
      List<int[]> prompts = checkpoint.prompts();
      assertFlat(() -> generator.generate(prompts, Decoding.greedy(16), 3), early, late);
    }
  }

  private static void assertFlat(Runnable step, int early, int late) throws IOException {
    repeat(step, early);
    double before = residentBytes();
    repeat(step, late - early);
    assertThat(residentBytes()).isLessThanOrEqualTo(before * ALLOWED);
  }

  private static void repeat(Runnable step, int times) {
    for (int i = 0; i < times; i++) {
      step.run();
    }
  }

  private static double residentBytes() throws IOException {
    // Else the collector touches what it has set aside bit by bit, which looks like a leak.
    int touched = 0;
    for (int i = 0; i < 300; i++) {
      touched += new byte[1 << 21].length;
    }
    assertThat(touched).isPositive();
    System.gc();
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return 1024 * Double.parseDouble(line.replaceAll("\\D", ""));
      }
    }
    throw new IllegalStateException("/proc/self/status has no VmRSS");
  }
}
