package io.github.derta.data;

import java.util.Random;

/**
 * Chance from a seed and a place (an epoch, a row), so that neither order nor threads change it.
 */
public final class Seeds {

  /** What chance is wanted for; each use has numbers of its own. */
  public enum Use {
    /** Which helpful rows. */
    HELPFUL_ORDER,
    /** Which safety rows. */
    SAFETY_ORDER,
    /** In what order a mix has its rows. */
    ROW_ORDER,
    /** How much of a harmful answer is given. */
    PREFIX_LENGTH,
    /** In what order they are trained on. */
    BATCHES,
    /** Which labels are dropped. */
    LABELS,
    /** What adapters drop of their inputs. */
    DROPOUT
  }

  private Seeds() {}

  /**
   * {@return chance; {@link Random}, because its algorithm is part of its contract: same seed, same
   * rows, ever}
   *
   * @param seed of a whole run
   * @param use what it is for
   * @param place where, such as an epoch and a row
   */
  public static Random at(long seed, Use use, long... place) {
    long state = mix(mix(seed) ^ (use.ordinal() + 1));
    for (long part : place) {
      state = mix(state ^ part);
    }
    return new Random(state);
  }

  /** The numbers below n in an order drawn by {@code random}. */
  static int[] permutation(int n, Random random) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /** The finaliser of SplitMix64 after one step of its counter. */
  private static long mix(long z) {
    z += 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
