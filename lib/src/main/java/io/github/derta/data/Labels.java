package io.github.derta.data;

import io.github.derta.io.BadInput;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;

/**
 * What each token of a row is to be: -100 on the prompt, the token itself on a response, the
 * refusal token on the response of an RTO row, of which only a share of the positions keeps its
 * label. That share is drawn anew in every epoch from (seed, epoch, row), so neither the order of
 * rows nor threads change it.
 *
 * @param refusalToken id of the refusal token, the paper's "Sorry"
 * @param drop share of an RTO row's labels that is dropped: 0.95 in the paper's full training, 0
 *     with LoRA
 * @param scope what the share is taken of
 * @param seed the seed
 */
public record Labels(int refusalToken, double drop, Scope scope, long seed) {

  /** The label of a token that nothing is to be learned from. */
  public static final int NONE = -100;

  /** What the share of kept RTO labels is taken of. */
  public enum Scope {
    /** The response: max(1, ceil(n (1 - drop))) of its n labels are kept. */
    RESPONSE,
    /**
     * As the public code has it: as many of the n positions of prompt, response and padding. A
     * short response behind a long prompt may keep none.
     */
    UPSTREAM;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Checks the share.
   *
   * @throws BadInput if {@code drop} is no share
   * @param refusalToken id of the refusal token, the paper's "Sorry"
   * @param drop share of an RTO row's labels that is dropped: 0.95 in the paper's full training, 0
   *     with LoRA
   * @param scope what the share is taken of
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
    return new Labels(refusalToken, 0.95, Scope.RESPONSE, seed);
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
    return of(row, index, epoch, row.ids().length);
  }

  /**
   * {@return a label for each of its tokens, none for padding}
   *
   * @param row a row
   * @param index its place among the rows
   * @param epoch the epoch, from 0
   * @param width tokens of the padded row, of which {@link Scope#UPSTREAM} takes its share
   */
  public int[] of(TokenRow row, int index, int epoch, int width) {
    int[] ids = row.ids();
    int[] labels = new int[ids.length];
    Arrays.fill(labels, NONE);
    int first = row.firstLabel();
    if (!row.rto()) {
      System.arraycopy(ids, first, labels, first, ids.length - first);
      return labels;
    }
    int from = scope == Scope.RESPONSE ? first : 0;
    int to = scope == Scope.RESPONSE ? ids.length : width;
    for (int position : draw(from, to, Seeds.at(seed, Seeds.Use.LABELS, epoch, index))) {
      if (position >= first && position < ids.length) {
        labels[position] = refusalToken;
      }
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
