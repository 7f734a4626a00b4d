package io.github.derta.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.derta.io.BadInput;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The hidden states of one batch after the last layer, and what can be had from them. The
 * projection to the vocabulary is made at labelled positions alone.
 */
public final class Pass implements AutoCloseable {

  private final Llama model;
  private final Batch batch;
  private final NDManager scope;
  private final NDArray hidden; // [batch, time, width]
  private final Context context;
  private final boolean training;
  private final Recomputation later; // null: the graph of all layers is there

  Pass(
      Llama model,
      Batch batch,
      NDManager scope,
      NDArray hidden,
      Context context,
      boolean training,
      Recomputation later) {
    this.model = model;
    this.batch = batch;
    this.scope = scope;
    this.hidden = hidden;
    this.context = context;
    this.training = training;
    this.later = later;
  }

  /**
   * The log-probability of each label that counts.
   *
   * @return natural logarithms, row by row, as many as {@link Batch#labelled}
   */
  public float[] logProbs() {
    if (batch.labelled() == 0) {
      return new float[0];
    }
    return checked(labelled("log_probs"));
  }

  /** {@return mean cross entropy over the labels that count} */
  public double loss() {
    return mean(logProbs());
  }

  /**
   * Adds the gradients of the mean cross entropy to those of the weights.
   *
   * @return mean cross entropy over the labels that count
   */
  public double backward() {
    float[] scale = new float[batch.labelled()];
    Arrays.fill(scale, 1f / scale.length);
    return mean(backward(scale));
  }

  /**
   * Adds the gradients of {@code -sum(scale[i] * logProbs[i])} to those of the weights that require
   * them. The states are used up.
   *
   * @param scale one number for each label that counts: 1 / their number gives the mean cross
   *     entropy
   * @return the log-probabilities, as {@link #logProbs}
   */
  public float[] backward(float[] scale) {
    if (scale.length == 0) {
      throw new BadInput("no label in the batch: nothing to learn from");
    }
    if (later != null) {
      hidden.setRequiresGradient(true);
    }
    float[] logProbs = labelled("learn", scope.create(scale)).toFloatArray();
    if (later != null) {
      later.backward(hidden.getGradient());
    }
    return logProbs;
  }

  private NDArray labelled(String method, NDArray... scale) {
    NDList arguments = places(batch.predictors(), batch.targets()).addAll(new NDList(scale));
    return call(method, scale.length > 0, arguments); // [labels]
  }

  private NDList places(long[] at, long[] tokens) {
    return new NDList(scope.create(at), scope.create(tokens));
  }

  /**
   * The log-probability of each of some tokens behind the last one of every row; labels are not
   * looked at.
   *
   * @param tokens token ids
   * @return natural logarithms, [row x token]
   * @throws BadInput if a token is outside the vocabulary
   */
  public float[] nextLogProbs(int... tokens) {
    Vocabulary.checkIds("token", tokens, model.config().vocabularySize(), false);
    int[][] rows = batch.ids();
    long[] at = new long[rows.length * tokens.length];
    long[] next = new long[at.length];
    for (int i = 0; i < at.length; i++) {
      int row = i / tokens.length;
      at[i] = (long) row * batch.longest() + rows[row].length - 1;
      next[i] = tokens[i % tokens.length];
    }
    return checked(call("log_probs", false, places(at, next)));
  }

  /**
   * The probability that one of some tokens comes next, after every token of every row.
   *
   * @param tokens token ids
   * @return [row][position], as many as ids
   * @throws BadInput if a token is outside the vocabulary
   */
  public float[][] probabilities(int[] tokens) {
    Vocabulary.checkIds("token", tokens, model.config().vocabularySize(), false);
    NDArray wanted = scope.create(Arrays.stream(tokens).asLongStream().toArray());
    float[] flat = checked(call("chance", false, new NDList(wanted))); // [batch x time]
    float[][] rows = new float[batch.ids().length][];
    for (int row = 0; row < rows.length; row++) {
      int from = row * batch.longest();
      rows[row] = Arrays.copyOfRange(flat, from, from + batch.ids()[row].length);
    }
    return rows;
  }

  /** The input of each layer and the last one's output, where they were kept. */
  List<NDArray> states() {
    return Stream.concat(later.inputs().stream(), Stream.of(hidden)).toList();
  }

  /** All logits, [batch, time, vocabulary]. */
  NDArray logits() {
    return call("logits", false, new NDList());
  }

  private NDArray call(String method, boolean gradients, NDList more) {
    NDList arguments = new NDList(hidden).addAll(more).addAll(context.shared());
    arguments.addAll(model.output());
    return Ops.recording(gradients, () -> model.ops().call(method, arguments));
  }

  /** In training, the loss of the whole step is looked at. */
  private float[] checked(NDArray found) {
    if (!training && !model.ops().finite(found)) {
      throw model.notFinite(batch);
    }
    return found.toFloatArray();
  }

  private static double mean(float[] logProbs) {
    double sum = 0;
    for (float logProb : logProbs) {
      sum -= logProb;
    }
    return sum / logProbs.length;
  }

  @Override
  public void close() {
    scope.close();
  }
}
