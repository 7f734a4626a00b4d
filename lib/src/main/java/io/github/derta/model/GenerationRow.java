package io.github.derta.model;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToIntFunction;

/** One prompt and what has been written after it so far. */
final class GenerationRow {

  final int[] prompt;
  private final int limit;
  private final SplittableRandom random;
  private int[] ids = new int[0];
  private float[] logProbs = new float[0];
  private Completion.End end;

  GenerationRow(int[] prompt, int limit, SplittableRandom random) {
    this.prompt = prompt;
    this.limit = limit;
    this.random = random;
  }

  boolean running() {
    return end == null;
  }

  int remaining() {
    return limit - ids.length;
  }

  int lastId() {
    return ids[ids.length - 1];
  }

  /** The prompt and what has been written after it. */
  int[] tokens() {
    int[] all = Arrays.copyOf(prompt, prompt.length + ids.length);
    System.arraycopy(ids, 0, all, prompt.length, ids.length);
    return all;
  }

  Generator.Generated generated() {
    return new Generator.Generated(ids, logProbs, end);
  }

  float[] draws(int steps) {
    float[] draws = new float[steps];
    for (int i = 0; i < steps; i++) {
      draws[i] = random.nextInt(1 << 24) / (float) (1 << 24); // below 1 as a float, too
    }
    return draws;
  }

  /**
   * Takes over chosen tokens, up to an end token, the limit, or where the rule ends them.
   *
   * @param cut how many of the tokens so far belong to a completion that has ended, or -1
   */
  void append(long[] chosen, float[] theirs, List<Integer> endIds, ToIntFunction<int[]> cut) {
    int before = ids.length;
    int length = before;
    ids = Arrays.copyOf(ids, before + chosen.length);
    while (end == null && length < ids.length) {
      ids[length] = (int) chosen[length - before];
      if (endIds.contains(ids[length])) {
        end = Completion.End.STOP;
      } else if (length + 1 == limit) {
        end = Completion.End.LENGTH;
      }
      length++;
    }
    ids = Arrays.copyOf(ids, length);
    int kept = cut.applyAsInt(ids);
    if (kept >= 0) {
      end = Completion.End.STOP;
      ids = Arrays.copyOf(ids, kept);
    }
    logProbs = Arrays.copyOf(logProbs, ids.length);
    int added = Math.max(0, ids.length - before);
    System.arraycopy(theirs, 0, logProbs, before, added);
  }
}
