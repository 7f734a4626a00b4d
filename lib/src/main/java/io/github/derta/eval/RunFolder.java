package io.github.derta.eval;

import io.github.derta.attack.SearchLog;
import io.github.derta.io.AtomicFile;
import io.github.derta.io.BadInput;
import io.github.derta.io.LineLog;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A run's folder while it is written, by one process at a time: a plan that cannot change, answers
 * and judgements that are only added to.
 */
public final class RunFolder implements AutoCloseable {

  static final String PLAN = "plan.json";
  static final String RESPONSES = "responses.jsonl";
  static final String JUDGEMENTS = "judgements.jsonl";
  static final String SEARCHES = "searches.jsonl";

  /** The locked byte lies behind the text, which others may read then on every system. */
  private static final long LOCKED = 1 << 20;

  private final Path folder;
  private final RandomAccessFile lock;
  private final Consumer<String> notices;
  private final Map<String, LineLog> logs = new HashMap<>();
  private SearchLog searches;

  private RunFolder(Path folder, RandomAccessFile lock, Consumer<String> notices) {
    this.folder = folder;
    this.lock = lock;
    this.notices = notices;
  }

  /**
   * Opens a folder, new or of a run that is to continue. Nothing in it changes before {@link
   * #begin}.
   *
   * @param folder where plan, answers and judgements go
   * @param notices is told of what was mended
   * @return the folder, to be closed after use
   * @throws BadInput if it cannot be written, another process writes it, or it holds answers of
   *     which no plan says what they are
   */
  public static RunFolder open(Path folder, Consumer<String> notices) {
    try {
      Files.createDirectories(folder);
      RandomAccessFile lock = new RandomAccessFile(folder.resolve("lock").toFile(), "rw");
      try {
        take(lock, folder);
        if (Files.exists(folder.resolve(RESPONSES)) && !Files.exists(folder.resolve(PLAN))) {
          throw new BadInput(
              "%s: has a %s and no %s, so it is no run of this kit; name another folder"
                  .formatted(folder, RESPONSES, PLAN));
        }
        return new RunFolder(folder, lock, notices);
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw new BadInput(
          folder + ": cannot be written (" + e + "); a run needs a folder that can", e);
    }
  }

  private static void take(RandomAccessFile lock, Path folder) throws IOException {
    FileLock taken;
    try {
      taken = lock.getChannel().tryLock(LOCKED, 1, false);
    } catch (OverlappingFileLockException e) {
      taken = null; // by this process
    }
    if (taken == null) {
      throw new BadInput(
          folder + ": " + lock.readLine() + " writes here; wait for it or name another folder");
    }
    lock.setLength(0);
    long me = ProcessHandle.current().pid();
    String who = "process " + me + " of " + System.getProperty("user.name") + ", " + Instant.now();
    lock.write(who.getBytes(StandardCharsets.UTF_8));
  }

  /** {@return the plan of a run that is to continue; empty if the folder is new} */
  public Optional<Plan> plan() {
    boolean there = Files.exists(folder.resolve(PLAN));
    return there ? Optional.of(Run.readPlan(folder)) : Optional.empty();
  }

  /**
   * Keeps a new run's plan, or checks that of one that is to continue and then mends what a kill
   * left half written.
   *
   * @param plan what is asked
   * @throws BadInput if the run was begun with another plan, or a file cannot be written
   */
  public void begin(Plan plan) {
    List<String> differences = plan().map(old -> old.differences(plan)).orElse(List.of());
    if (!differences.isEmpty()) {
      throw new BadInput(
          folder
              + ": this run was begun with another plan; name another folder, or undo\n  "
              + String.join("\n  ", differences));
    }
    try {
      if (plan().isEmpty()) {
        String text = Plan.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(plan);
        AtomicFile.write(folder.resolve(PLAN), out -> out.write(text + "\n"));
      }
      for (String name : List.of(RESPONSES, JUDGEMENTS)) {
        logs.put(name, new LineLog(folder.resolve(name), Plan.MAPPER, notices));
      }
    } catch (IOException e) {
      throw new BadInput(folder + ": cannot be written (" + e + ")", e);
    }
  }

  /** {@return what is there} */
  public Run results() {
    return Run.read(folder);
  }

  /**
   * {@return what adaptive attacks of a run asked; empty where there was none}
   *
   * @param folder a run's
   * @throws BadInput if a line of it is none of a search
   */
  public static List<SearchLog.Line> searched(Path folder) {
    return SearchLog.read(folder.resolve(SEARCHES));
  }

  /** What adaptive attacks asked; the file is made when the first of them begins. */
  SearchLog searches() {
    if (searches == null) {
      searches = SearchLog.open(folder.resolve(SEARCHES), notices);
    }
    return searches;
  }

  /** Adds an answer. */
  void add(Answer answer) {
    logs.get(RESPONSES).append(List.of(answer));
  }

  /** Adds judgements. */
  void add(List<Ruling> rulings) {
    logs.get(JUDGEMENTS).append(rulings);
  }

  @Override
  public void close() {
    try (lock) {
      logs.values().forEach(LineLog::close);
      if (searches != null) {
        searches.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
