package io.github.derta.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.github.derta.data.Batches;
import io.github.derta.data.RowBatch;
import io.github.derta.data.Seeds;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.model.Batch;
import io.github.derta.model.Llama;
import io.github.derta.model.Pass;
import io.github.derta.train.StepMetrics.Seconds;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The steps of a run on a model in memory. A batch may be cut into parts to save memory; its
 * gradient is that of the whole either way.
 */
final class Trainer {

  static final ObjectMapper JSON =
      JsonLines.MAPPER.copy().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);

  private final Recipe recipe;
  private final Llama model;
  private final TrainingData data;
  private final AdamW optimizer;
  private final DpoLoss dpo; // null: cross entropy
  private final int steps;
  private List<RowBatch> epochBatches;
  private int epoch = -1;

  Trainer(Recipe recipe, Llama model, TrainingData data, AdamW optimizer, DpoLoss dpo) {
    this.recipe = recipe;
    this.model = model;
    this.data = data;
    this.optimizer = optimizer;
    this.dpo = dpo;
    steps = batches(0).size() * recipe.epochs();
  }

  int steps() {
    return steps;
  }

  private List<RowBatch> batches(int wanted) {
    if (wanted != epoch) {
      epoch = wanted;
      epochBatches =
          dpo == null
              ? Batches.of(data.rows(), data.labels(), recipe.batch(), wanted)
              : Batches.ofPairs(data.rows(), data.labels(), recipe.batch(), wanted);
    }
    return epochBatches;
  }

  /** What the model is like before anything is learned. */
  StepMetrics start() {
    double none = Double.NaN;
    long memory = Memory.used(model.device());
    return new StepMetrics(
        0, steps, 0, none, none, none, none, 0, 0, 0, memory, Seconds.NONE, validate());
  }

  /**
   * Learns from one batch.
   *
   * @param step counted from 1
   * @throws BadInput if the loss is no longer a number; the weights are those before the step
   */
  StepMetrics step(int step) {
    int perEpoch = steps / recipe.epochs();
    Clock clock = new Clock();
    RowBatch batch = batches((step - 1) / perEpoch).get((step - 1) % perEpoch);
    double data = clock.lap();
    Evaluation.Sums losses = new Evaluation.Sums();
    double forward = 0;
    int parts = Math.min(recipe.accumulation(), units(batch));
    for (int part = 0; part < parts; part++) {
      int seed = Seeds.at(recipe.seed(), Seeds.Use.DROPOUT, step, part).nextInt(1 << 30);
      forward += learn(batch, part, parts, seed, losses);
    }
    double backward = clock.lap() - forward;
    double norm = optimizer.gradientNorm();
    if (!Double.isFinite(norm) || !Double.isFinite(losses.minimised)) {
      String where = Double.isFinite(losses.minimised) ? "" : whereNotFinite(batch);
      throw new Diverged(step, losses.minimised, norm, where, batch);
    }
    double rate = recipe.optimizer().learningRate() * recipe.schedule().factor(step, steps);
    optimizer.step(step, rate, norm);
    Evaluation means = losses.means();
    Seconds time = new Seconds(data, forward, backward, clock.lap());
    return new StepMetrics(
        step,
        steps,
        (double) step / perEpoch,
        losses.minimised,
        means.nextTokenLoss(),
        means.rtoLoss(),
        norm,
        rate,
        Arrays.stream(batch.ids()).mapToInt(ids -> ids.length).sum(),
        batch.labelled(),
        Memory.used(model.device()),
        time,
        step % perEpoch == 0 ? validate() : null);
  }

  private String whereNotFinite(RowBatch batch) {
    for (int[] row : batch.ids()) {
      Batch alone = new Batch(new int[][] {row}, new int[][] {row});
      try (Pass pass = model.evaluate(alone)) {
        pass.logProbs();
      } catch (BadInput e) {
        return "; " + e.getMessage();
      }
    }
    return "";
  }

  private Evaluation validate() {
    return data.validation().isEmpty()
        ? null
        : Evaluation.of(model, data.validation(), data.labels().refusalToken());
  }

  /** Forward and backward of one part; the seconds of the former. */
  private double learn(RowBatch batch, int part, int parts, int seed, Evaluation.Sums losses) {
    int unit = batch.rows().length / units(batch);
    int from = unit * (units(batch) * part / parts);
    int to = unit * (units(batch) * (part + 1) / parts);
    RowBatch rows = batch.part(from, to);
    int labels = rows.labelled();
    Clock clock = new Clock();
    try (Pass pass = model.train(new Batch(rows.ids(), rows.labels()), seed)) {
      double forward = clock.lap();
      if (dpo == null) {
        float scale =
            recipe.loss() == Recipe.LossMean.TOKENS
                ? 1f / batch.labelled()
                : 1f / ((float) labels * parts);
        float[] scales = new float[labels];
        Arrays.fill(scales, scale);
        float[] logProbs = pass.backward(scales);
        for (float logProb : logProbs) {
          losses.minimised -= (double) scale * logProb;
        }
        losses.add(data.rows(), rows, logProbs);
      } else {
        DpoLoss.Gradient gradient = dpo.of(rows, pass.logProbs(), units(batch));
        losses.minimised += gradient.loss();
        losses.add(data.rows(), rows, pass.backward(gradient.scales()));
      }
      return forward;
    }
  }

  /** What a batch may be cut between: rows, or pairs of them. */
  private int units(RowBatch batch) {
    return batch.rows().length / (dpo == null ? 1 : 2);
  }

  /** A loss that is no longer a number. */
  static final class Diverged extends RuntimeException {
    private final transient RowBatch batch;

    Diverged(int step, double loss, double norm, String where, RowBatch batch) {
      super(
          "step %d: the loss is %s, the norm of its gradients %s%s"
              .formatted(step, loss, norm, where));
      this.batch = batch;
    }

    /** The batch as it was learned from. */
    Map<String, Object> batch() {
      return Map.of(
          "problem", getMessage(),
          "rows", batch.rows(),
          "input_ids", batch.ids(),
          "labels", batch.labels());
    }
  }

  private static final class Clock {
    private long last = System.nanoTime();

    double lap() {
      long before = last;
      last = System.nanoTime();
      return (last - before) / 1e9;
    }
  }
}
