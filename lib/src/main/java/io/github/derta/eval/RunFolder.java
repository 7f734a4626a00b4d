package io.github.derta.eval;

import io.github.derta.io.AtomicFile;
import io.github.derta.io.BadInput;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A run's folder while it is written, by one process at a time: a plan that cannot change, and
 * answers and judgements that are only added to.
 */
public final class RunFolder implements AutoCloseable {

  static final String PLAN = "plan.json";
  static final String RESPONSES = "responses.jsonl";
  static final String JUDGEMENTS = "judgements.jsonl";
  static final String TIMES = "times.jsonl";

  /** Locked at a byte behind the text, so that the text can be read by those who wait. */
  private static final long LOCKED = 1 << 20;

  /** How long the run took for some answers, those of other answers at the same time left out. */
  record Time(int answers, double seconds) {}

  private final Path folder;
  private final RandomAccessFile lock;
  private final LineLog responses;
  private final LineLog judgements;
  private final LineLog times;
  private long stored;

  private RunFolder(Path folder, RandomAccessFile lock, Consumer<String> notices)
      throws IOException {
    this.folder = folder;
    this.lock = lock;
    responses = new LineLog(folder.resolve(RESPONSES), notices);
    judgements = new LineLog(folder.resolve(JUDGEMENTS), notices);
    times = new LineLog(folder.resolve(TIMES), notices);
  }

  /**
   * Opens a folder, new or of a run that is to go on, and mends what a kill left half written.
   *
   * @param folder where plan, answers and judgements go
   * @param notices is told of what was mended
   * @return the folder, to be closed after use
   * @throws BadInput if it cannot be written, or another process writes it
   */
  public static RunFolder open(Path folder, Consumer<String> notices) {
    try {
      Files.createDirectories(folder);
      RandomAccessFile lock = new RandomAccessFile(folder.resolve("lock").toFile(), "rw");
      try {
        if (!locked(lock)) {
          String who = Files.readString(folder.resolve("lock")).strip();
          throw new BadInput(
              folder + ": " + who + " is writing here; wait for it or name another folder");
        }
        lock.setLength(0);
        lock.write(me().getBytes(StandardCharsets.UTF_8));
        return new RunFolder(folder, lock, notices);
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw new BadInput(
          folder + ": cannot be written (" + e.getMessage() + "); a run needs a folder of its own",
          e);
    }
  }

  private static boolean locked(RandomAccessFile lock) throws IOException {
    try {
      FileLock taken = lock.getChannel().tryLock(LOCKED, 1, false);
      return taken != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static String me() {
    return "process %d of %s since %s%n"
        .formatted(
            ProcessHandle.current().pid(),
            System.getProperty("user.name"),
            Instant.now().truncatedTo(ChronoUnit.SECONDS));
  }

  /** {@return the plan of the run that is to go on; empty if the folder is new} */
  public Optional<Plan> plan() {
    return Files.exists(folder.resolve(PLAN))
        ? Optional.of(RunResults.readPlan(folder))
        : Optional.empty();
  }

  /**
   * Keeps a new run's plan, or checks that of one that is to go on.
   *
   * @param plan what is asked
   * @throws BadInput if the run was begun with another plan
   */
  public void begin(Plan plan) {
    stored = System.nanoTime();
    Optional<Plan> before = plan();
    if (before.isPresent()) {
      List<String> differences = before.get().differences(plan);
      if (!differences.isEmpty()) {
        throw new BadInput(
            "%s: begun with another plan; name another folder, or go back to the old settings:%n  %s"
                .formatted(folder, String.join("\n  ", differences)));
      }
      return;
    }
    if (!answers().isEmpty()) {
      throw new BadInput(folder + ": has answers but no " + PLAN + "; name another folder");
    }
    try {
      String text = Plan.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(plan);
      AtomicFile.write(folder.resolve(PLAN), out -> out.write(text + "\n"));
    } catch (IOException e) {
      throw new BadInput(folder.resolve(PLAN) + ": cannot be written (" + e.getMessage() + ")", e);
    }
  }

  /** {@return the answers that are there} */
  List<Answer> answers() {
    return RunResults.readAnswers(folder);
  }

  /** Adds answers; they are on the disk when this returns. */
  synchronized void add(List<Answer> answers) {
    responses.append(answers);
    long now = System.nanoTime();
    times.append(List.of(new Time(answers.size(), (now - stored) / 1e9)));
    stored = now;
  }

  /** Adds judgements. */
  void judged(List<Ruling> rulings) {
    judgements.append(rulings);
  }

  /** {@return where it is} */
  public Path path() {
    return folder;
  }

  @Override
  public void close() {
    try (lock) {
      responses.close();
      judgements.close();
      times.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
