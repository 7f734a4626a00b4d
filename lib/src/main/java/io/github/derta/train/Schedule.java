package io.github.derta.train;

import io.github.derta.io.BadInput;
import java.util.Locale;

/**
 * How the learning rate goes, as the functions of transformers' {@code optimization.py} have it.
 *
 * @param shape its course after the warm-up
 * @param warmup share of all steps in which it rises from 0
 */
public record Schedule(Shape shape, double warmup) {

  /** Courses after the warm-up. */
  public enum Shape {
    /** Half a cosine down to 0. */
    COSINE,
    /** A straight line down to 0. */
    LINEAR,
    /** No change. */
    CONSTANT;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Checks the range.
   *
   * @param shape its course after the warm-up
   * @param warmup share of all steps in which it rises from 0
   */
  public Schedule {
    if (!(warmup >= 0 && warmup < 1)) {
      throw new BadInput("warmup is " + warmup + "; 0 <= x < 1 is needed");
    }
  }

  /**
   * {@return what the learning rate is multiplied with, 0 to 1}
   *
   * @param step counted from 1
   * @param steps how many there are
   */
  public double factor(int step, int steps) {
    int done = step - 1;
    int rising = (int) Math.ceil(warmup * steps);
    if (done < rising) {
      return (double) done / rising;
    }
    double progress = (double) (done - rising) / Math.max(1, steps - rising);
    return switch (shape) {
      case COSINE -> (1 + Math.cos(Math.PI * progress)) / 2;
      case LINEAR -> 1 - progress;
      case CONSTANT -> 1;
    };
  }
}
