package io.github.derta.train;

import java.util.Locale;

/**
 * What one step was like; a line of {@code metrics.jsonl}.
 *
 * @param step counted from 1
 * @param steps how many there are
 * @param epoch share of the data seen so far, in epochs
 * @param loss what was minimised
 * @param nextTokenLoss mean over the labels of ordinary rows; NaN if there was none
 * @param rtoLoss mean over the labels of RTO rows; NaN if there was none
 * @param gradientNorm of all gradients together, before clipping
 * @param learningRate in this step
 * @param tokens of the batch, padding not counted
 * @param labels how many of them were learned
 * @param memory bytes in use after it
 * @param time where its time went
 * @param validation losses on rows that are not trained on, after the last step of an epoch, and
 *     before the first one as step 0; else null
 */
public record StepMetrics(
    int step,
    int steps,
    double epoch,
    double loss,
    double nextTokenLoss,
    double rtoLoss,
    double gradientNorm,
    double learningRate,
    int tokens,
    int labels,
    long memory,
    Seconds time,
    Evaluation validation) {

  /**
   * Seconds of a step.
   *
   * @param data making the batch
   * @param forward pass up to the last hidden state
   * @param backward loss and gradients
   * @param optimizer norm, clipping, AdamW
   */
  public record Seconds(double data, double forward, double backward, double optimizer) {

    /** Nothing yet. */
    public static final Seconds NONE = new Seconds(0, 0, 0, 0);

    /** {@return their sum} */
    public double total() {
      return data + forward + backward + optimizer;
    }

    /**
     * {@return both together}
     *
     * @param other more of them
     */
    public Seconds plus(Seconds other) {
      return new Seconds(
          data + other.data,
          forward + other.forward,
          backward + other.backward,
          optimizer + other.optimizer);
    }
  }

  /** {@return tokens per second} */
  public double speed() {
    return tokens / time.total();
  }

  /** For a progress bar: {@code loss 1.234, 410 tokens/s, 3.1 GB}. */
  @Override
  public String toString() {
    return step == 0
        ? String.format(Locale.ROOT, "%.1f GB", memory / 1e9)
        : String.format(
            Locale.ROOT, "loss %.3f, %.0f tokens/s, %.1f GB", loss, speed(), memory / 1e9);
  }
}
