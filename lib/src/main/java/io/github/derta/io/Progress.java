package io.github.derta.io;

import java.io.IOException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/**
 * Tells how far a task is: a bar where stderr is a terminal, else lines such as {@code Training: 12
 * of 64 steps, 131 s}, every five seconds at first and every minute in a long task.
 */
public final class Progress implements AutoCloseable {

  private static final long SECOND = 1_000_000_000;

  private final String task;
  private final long total;
  private final String unit;
  private final long size;
  private final ProgressBar bar;
  private final Consumer<String> lines;
  private final LongSupplier clock;
  private final long began;
  private long next; // nanoseconds after the beginning
  private long done;
  private String extra = "";

  Progress(
      String task,
      long total,
      String unit,
      long size,
      ProgressBar bar,
      Consumer<String> lines,
      LongSupplier clock) {
    this.task = task;
    this.total = total;
    this.unit = unit;
    this.size = size;
    this.bar = bar;
    this.lines = lines;
    this.clock = clock;
    began = clock.getAsLong();
    next = 5 * SECOND;
  }

  /**
   * Progress on stderr. A notebook's kernel shows none: it would print into the cell.
   *
   * @param task what is done
   * @param total number of steps
   * @param unit name of {@code size} steps, such as " MB"
   * @param size steps in a unit
   * @return the progress, to be closed at the end
   */
  public static Progress of(String task, long total, String unit, long size) {
    boolean kernel = System.getenv("JPY_PARENT_PID") != null;
    return of(task, total, unit, size, kernel ? line -> {} : System.err::println);
  }

  /**
   * The same with lines that go elsewhere; a terminal still has the bar.
   *
   * @param task what is done
   * @param total number of steps
   * @param unit name of {@code size} steps
   * @param size steps in a unit
   * @param lines is told the lines
   * @return the progress, to be closed at the end
   */
  public static Progress of(
      String task, long total, String unit, long size, Consumer<String> lines) {
    ProgressBar bar = null;
    if (System.getenv("JPY_PARENT_PID") == null && stderrIsTerminal()) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(total)
              .setUnit(unit, size)
              .setConsumer(new ConsoleProgressBarConsumer(System.err))
              .build();
    }
    return new Progress(task, total, unit, size, bar, lines, System::nanoTime);
  }

  /**
   * Moves on.
   *
   * @param steps number of steps done since the last call; any thread may call
   */
  public synchronized void add(long steps) {
    done += steps;
    if (bar != null) {
      bar.stepBy(steps);
      return;
    }
    long now = clock.getAsLong() - began;
    if (steps > 0 && now >= next) {
      next = now + Math.min(60 * SECOND, Math.max(5 * SECOND, now / 10));
      lines.accept(
          "%s: %d of %d%s, %d s%s"
              .formatted(task, done / size, total / size, unit, now / SECOND, extra));
    }
  }

  /**
   * Says something beside the bar, and in later lines.
   *
   * @param text short
   */
  public synchronized void say(String text) {
    extra = ", " + text;
    if (bar != null) {
      bar.setExtraMessage(text);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }

  /** Java knows only whether stdin and stdout both are a terminal, so test(1) is asked. */
  private static boolean stderrIsTerminal() {
    try {
      return new ProcessBuilder("test", "-t", "2")
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
