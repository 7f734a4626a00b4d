package io.github.derta.train;

import io.github.derta.data.Batches;
import io.github.derta.data.Labels;
import io.github.derta.data.RowBatch;
import io.github.derta.data.TokenRows;
import io.github.derta.model.Batch;
import io.github.derta.model.Llama;
import io.github.derta.model.Pass;
import java.util.Arrays;

/**
 * How a model does on rows without learning from them. The two sorts of rows are kept apart: the
 * loss of RTO rows says how far the model is from refusing, not how well it writes.
 *
 * @param nextTokenLoss mean cross entropy over the labels of ordinary rows; NaN if there is none
 * @param rtoLoss the same over all response positions of RTO rows; NaN if there is none
 * @param refusal at each position of an unsafe answer, from 0, the mean probability that the
 *     refusal token comes next
 * @param answers how many answers have that position
 */
public record Evaluation(double nextTokenLoss, double rtoLoss, double[] refusal, int[] answers) {

  private static final int ROWS = 16;

  /**
   * {@return losses and refusal probabilities, no label dropped}
   *
   * @param model a model
   * @param rows rows
   * @param refusalToken id of the refusal token
   */
  public static Evaluation of(Llama model, TokenRows rows, int refusalToken) {
    Sums sums = new Sums();
    Labels labels = new Labels(refusalToken, 0, 0);
    for (RowBatch batch : Batches.of(rows, labels, ROWS, 0)) {
      try (Pass pass = model.evaluate(new Batch(batch.ids(), batch.labels()))) {
        sums.add(rows, batch, pass.logProbs());
      }
    }
    return sums.means();
  }

  /** What is added up over batches. */
  static final class Sums {
    double minimised; // of a training, which adds it up itself
    private double nextToken;
    private double rto;
    private int nextTokenLabels;
    private int rtoLabels;
    private double[] refusal = new double[0];
    private int[] answers = new int[0];

    /** Adds the log-probabilities of a batch's labels, row by row. */
    void add(TokenRows rows, RowBatch batch, float[] logProbs) {
      int next = 0;
      int[] counts = batch.labelCounts();
      for (int i = 0; i < counts.length; i++) {
        boolean rto = rows.get(batch.rows()[i]).rto();
        add(rto, Arrays.copyOfRange(logProbs, next, next += counts[i]));
      }
    }

    private void add(boolean isRto, float[] logProbs) {
      double loss = 0;
      for (float logProb : logProbs) {
        loss -= logProb;
      }
      if (!isRto) {
        nextToken += loss;
        nextTokenLabels += logProbs.length;
        return;
      }
      rto += loss;
      rtoLabels += logProbs.length;
      if (logProbs.length > refusal.length) {
        refusal = Arrays.copyOf(refusal, logProbs.length);
        answers = Arrays.copyOf(answers, logProbs.length);
      }
      for (int i = 0; i < logProbs.length; i++) {
        refusal[i] += Math.exp(logProbs[i]);
        answers[i]++;
      }
    }

    Evaluation means() {
      for (int i = 0; i < refusal.length; i++) {
        refusal[i] /= answers[i];
      }
      return new Evaluation(nextToken / nextTokenLabels, rto / rtoLabels, refusal, answers);
    }
  }
}
