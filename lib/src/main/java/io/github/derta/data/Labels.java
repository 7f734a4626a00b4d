package io.github.derta.data;

import io.github.derta.io.BadInput;
import java.util.Arrays;
import java.util.Random;

/**
 * What each token of a row is to be: -100 on the prompt, the token itself on a response, the
 * refusal token on the response of an RTO row, of which only a share of the positions keeps its
 * label: of n positions max(1, ceil(n (1 - drop))). They are drawn anew in every epoch from (seed,
 * epoch, row), so neither the order of rows nor threads change it. The public code takes the share
 * of prompt and padding too, so that a short response behind a long prompt may keep no label.
 *
 * @param refusalToken id of the refusal token, the paper's "Sorry"
 * @param drop share of an RTO row's labels that is dropped: 0.95 in the paper's full training, 0
 *     with LoRA
 * @param seed the seed
 */
public record Labels(int refusalToken, double drop, long seed) {

  /** The label of a token that nothing is to be learned from. */
  public static final int NONE = -100;

  /**
   * Checks the share.
   *
   * @throws BadInput if {@code drop} is no share
   * @param refusalToken id of the refusal token, the paper's "Sorry"
   * @param drop share of an RTO row's labels that is dropped: 0.95 in the paper's full training, 0
   *     with LoRA
   * @param seed the seed
   */
  public Labels {
    if (!(drop >= 0 && drop < 1)) {
      throw new BadInput("drop " + drop + ": a share from 0 to below 1 is needed");
    }
  }

  /**
   * {@return the paper's full training: 95 % of an RTO row's labels dropped}
   *
   * @param refusalToken id of the refusal token
   * @param seed the seed
   */
  public static Labels of(int refusalToken, long seed) {
    return new Labels(refusalToken, 0.95, seed);
  }

  /**
   * {@return a label for each of its tokens; {@code labels[i]} belongs to {@code ids[i]} and is
   * predicted at {@code i - 1}}
   *
   * @param row a row
   * @param index its place among the rows, whatever the order they are used in
   * @param epoch the epoch, from 0
   */
  public int[] of(TokenRow row, int index, int epoch) {
    int[] ids = row.ids();
    int[] labels = new int[ids.length];
    Arrays.fill(labels, NONE);
    int first = row.firstLabel();
    if (!row.rto()) {
      System.arraycopy(ids, first, labels, first, ids.length - first);
      return labels;
    }
    Random random = Seeds.at(seed, Seeds.Use.LABELS, epoch, index);
    for (int position : draw(first, ids.length, random)) {
      labels[position] = refusalToken;
    }
    return labels;
  }

  /** The positions of {@code from..to} that keep their label. */
  private int[] draw(int from, int to, Random random) {
    int n = to - from;
    // 0.05 * 20 is a little more than 1 in binary.
    int kept = Math.min(n, Math.max(1, (int) Math.ceil(n * (1 - drop) - 1e-9)));
    int[] positions = new int[n];
    Arrays.setAll(positions, i -> from + i);
    for (int i = 0; i < kept; i++) {
      int j = i + random.nextInt(n - i);
      int swapped = positions[i];
      positions[i] = positions[j];
      positions[j] = swapped;
    }
    return Arrays.copyOf(positions, kept);
  }
}
