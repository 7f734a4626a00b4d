package io.github.derta.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.derta.Faults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run in a process of its own, killed with -9 again and again, ends with the same weights. */
class KilledRunTest {

  private static final String[] SETTINGS = {"epochs=20", "checkpoint-every=3"};

  @TempDir Path folder;

  @BeforeEach
  void writeModelAndRows() throws IOException {
    Tiny.model(folder.resolve("tiny"));
    Tiny.rows(folder.resolve("rows.jsonl"), 32);
  }

  @Test
  void threeKillsChangeNothing() throws IOException, InterruptedException {
    killAndResume(3);
  }

  @Test
  @Tag("slow")
  void twentyKillsChangeNothing() throws IOException, InterruptedException {
    killAndResume(20);
  }

  @Test
  void processThatIsAskedToEndSavesItsLastStep() throws IOException, InterruptedException {
    Process process = start("checkpoint-every=10000");
    waitForSteps(process);
    process.destroy();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    try (Stream<Path> files = Files.walk(folder.resolve("b"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .contains("state.json", "moments.safetensors", "model.safetensors");
    }
  }

  private void killAndResume(int kills) throws IOException, InterruptedException {
    Path undisturbed =
        Training.of(Tiny.recipe(folder, SETTINGS)).home(folder.resolve("a")).run().folder();
    Random random = new Random(3);
    int killed = 0;
    while (true) {
      Process process = start(SETTINGS[1]);
      if (killed < kills && killAfterSomeSteps(process, random)) {
        killed++;
        continue;
      }
      assertThat(process.waitFor()).isZero();
      break;
    }
    assertThat(killed).as("kills before the run was done").isEqualTo(kills);
    Path resumed =
        Training.of(Tiny.recipe(folder, SETTINGS)).home(folder.resolve("b")).run().folder();
    List<Integer> lost = new ArrayList<>(steps(undisturbed));
    lost.removeAll(steps(resumed));
    long doubled = steps(resumed).size() - steps(resumed).stream().distinct().count();
    Faults.tell(
        "a training, killed by SIGKILL",
        kills,
        steps(undisturbed).size() + " steps",
        lost.size(),
        doubled);
    assertThat(resumed.resolve("model.safetensors"))
        .hasSameBinaryContentAs(undisturbed.resolve("model.safetensors"));
    assertThat(new Trained(resumed, null, "", true).metrics())
        .extracting(StepMetrics::step, StepMetrics::loss)
        .isEqualTo(
            new Trained(undisturbed, null, "", true)
                .metrics().stream()
                    .map(step -> org.assertj.core.groups.Tuple.tuple(step.step(), step.loss()))
                    .toList());
  }

  private static List<Integer> steps(Path model) {
    return new Trained(model, null, "", true).metrics().stream().map(StepMetrics::step).toList();
  }

  private Process start(String setting) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-Dai.djl.offline=true"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(KilledRunTest.class.getName(), folder.toString(), setting));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log.txt").toFile())
        .start();
  }

  /** Waits until it takes steps, then a random time of up to a few of them. */
  private boolean killAfterSomeSteps(Process process, Random random)
      throws IOException, InterruptedException {
    waitForSteps(process);
    boolean ended = process.waitFor(random.nextInt(120), TimeUnit.MILLISECONDS);
    process.destroyForcibly().waitFor();
    return !ended;
  }

  private void waitForSteps(Process process) throws IOException, InterruptedException {
    Path alive = folder.resolve("alive");
    Files.deleteIfExists(alive);
    while (process.isAlive() && !Files.exists(alive)) {
      Thread.sleep(5);
    }
  }

  /** Trains until it is killed or done. */
  public static void main(String... args) {
    Path folder = Path.of(args[0]);
    Training.of(Tiny.recipe(folder, SETTINGS[0], args[1]))
        .home(folder.resolve("b"))
        .resume()
        .listen(
            step -> {
              if (step.step() > 0) {
                write(folder.resolve("alive"));
              }
            })
        .run();
    System.exit(0);
  }

  private static void write(Path file) {
    try {
      Files.writeString(file, "");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
