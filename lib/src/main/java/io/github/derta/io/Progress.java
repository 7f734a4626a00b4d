package io.github.derta.io;

import java.io.IOException;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** A progress bar on stderr, drawn only if that is a terminal. */
public final class Progress implements AutoCloseable {

  private final ProgressBar bar;

  private Progress(ProgressBar bar) {
    this.bar = bar;
  }

  /**
   * {@return a bar to close at the end}
   *
   * @param task what is done
   * @param total number of steps
   * @param unit name of {@code size} steps, such as " MB"
   * @param size steps in a unit
   */
  public static Progress of(String task, long total, String unit, long size) {
    if (!stderrIsTerminal()) {
      return new Progress(null);
    }
    return new Progress(
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(total)
            .setUnit(unit, size)
            .setConsumer(new ConsoleProgressBarConsumer(System.err))
            .build());
  }

  /**
   * Moves the bar.
   *
   * @param steps number of steps done since the last call; any thread may call
   */
  public void add(long steps) {
    if (bar != null) {
      bar.stepBy(steps);
    }
  }

  /**
   * Says something beside the bar.
   *
   * @param text shown behind the bar
   */
  public void say(String text) {
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
