package io.github.derta.train;

import io.github.derta.data.RowBatch;
import io.github.derta.data.TokenRow;
import io.github.derta.data.TokenRows;
import io.github.derta.model.Batch;
import io.github.derta.model.Llama;
import io.github.derta.model.Pass;
import java.util.Arrays;
import java.util.concurrent.CancellationException;

/**
 * The loss of direct preference optimisation (Rafailov et al. 2023): minus the log sigmoid of beta
 * times how much more the trained model has gained on the better text than on the worse, against
 * the start. Rows come in pairs, the better one first.
 */
final class DpoLoss {

  private static final int ROWS = 16;

  private final double beta;
  private final double[] reference; // of each row, the log-probability of its labels at the start

  /**
   * The loss.
   *
   * @param beta how far the trained model may go from the start
   * @param reference what {@link #reference} gave
   */
  DpoLoss(double beta, double[] reference) {
    this.beta = beta;
    this.reference = reference;
  }

  /** What the start model thinks of every row: the log-probability of its labels. */
  static double[] reference(Llama start, TokenRows rows) {
    double[] reference = new double[rows.size()];
    for (int from = 0; from < rows.size(); from += ROWS) {
      if (Thread.interrupted()) {
        throw new CancellationException("stopped before step 1");
      }
      int[][] ids = new int[Math.min(ROWS, rows.size() - from)][];
      int[][] labels = new int[ids.length][];
      for (int i = 0; i < ids.length; i++) {
        TokenRow row = rows.get(from + i);
        ids[i] = row.ids();
        labels[i] = row.ids().clone();
        Arrays.fill(labels[i], 0, row.firstLabel(), Batch.UNLABELLED);
      }
      try (Pass pass = start.evaluate(new Batch(ids, labels))) {
        float[] logProbs = pass.logProbs();
        int next = 0;
        for (int i = 0; i < ids.length; i++) {
          int n = rows.get(from + i).labels();
          reference[from + i] = sum(logProbs, next, n);
          next += n;
        }
      }
    }
    return reference;
  }

  private static double sum(float[] values, int from, int count) {
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += values[i];
    }
    return sum;
  }

  /**
   * The loss of some pairs, and its gradient.
   *
   * @param loss summed over the pairs, divided by the pairs of the whole batch
   * @param scales for each label minus the derivative of the loss by its log-probability
   */
  record Gradient(double loss, float[] scales) {}

  /**
   * Compares pairs with the start.
   *
   * @param batch the pairs' rows
   * @param logProbs of all their labels, row by row
   * @param pairs of the whole batch
   */
  Gradient of(RowBatch batch, float[] logProbs, int pairs) {
    int[] places = batch.rows();
    int[] labels = batch.labelCounts();
    float[] scales = new float[logProbs.length];
    double loss = 0;
    int next = 0;
    for (int row = 0; row < places.length; row += 2) {
      int chosen = labels[row];
      int rejected = labels[row + 1];
      double gain =
          sum(logProbs, next, chosen)
              - reference[places[row]]
              - sum(logProbs, next + chosen, rejected)
              + reference[places[row + 1]];
      loss += Math.log1p(Math.exp(-Math.abs(beta * gain))) + Math.max(0, -beta * gain);
      float scale = (float) (beta / (1 + Math.exp(beta * gain)) / pairs);
      Arrays.fill(scales, next, next + chosen, scale);
      Arrays.fill(scales, next + chosen, next + chosen + rejected, -scale);
      next += chosen + rejected;
    }
    return new Gradient(loss / pairs, scales);
  }
}
