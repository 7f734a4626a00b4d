package io.github.derta.stats;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * How much more often one of two methods has a property on the same questions, with the interval of
 * a paired bootstrap: seeds and questions are drawn anew, and a question's answers by both methods
 * stay together.
 *
 * @param value share of the first minus share of the second, -1 to 1
 * @param low lower end of the 95 % percentile interval
 * @param high its upper end
 * @param seeds trainings of each
 * @param questions asked of each
 */
public record PairedDifference(double value, double low, double high, int seeds, int questions) {

  private static final int RESAMPLES = 2000;

  /**
   * {@return the difference}
   *
   * @param a whether the first has the property, by seed and question
   * @param b the same of the second, in the same order
   * @param randomSeed of the bootstrap
   * @throws IllegalArgumentException if they are not of one shape, or empty
   */
  public static PairedDifference of(List<boolean[]> a, List<boolean[]> b, long randomSeed) {
    int questions = a.isEmpty() ? 0 : a.get(0).length;
    boolean same = a.size() == b.size() && questions > 0;
    for (int seed = 0; same && seed < a.size(); seed++) {
      same = a.get(seed).length == questions && b.get(seed).length == questions;
    }
    if (!same) {
      throw new IllegalArgumentException("two lists of one shape are needed, not empty");
    }
    int[][] differences = new int[a.size()][questions]; // [seed, question]
    for (int seed = 0; seed < a.size(); seed++) {
      for (int question = 0; question < questions; question++) {
        differences[seed][question] = bit(a, seed, question) - bit(b, seed, question);
      }
    }
    Random random = new Random(randomSeed);
    double[] resampled = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      int[] drawnSeeds = random.ints(a.size(), 0, a.size()).toArray();
      int[] drawnQuestions = random.ints(questions, 0, questions).toArray();
      resampled[i] = mean(differences, drawnSeeds, drawnQuestions);
    }
    Arrays.sort(resampled);
    return new PairedDifference(
        Arrays.stream(differences).flatMapToInt(Arrays::stream).average().orElseThrow(),
        resampled[(int) Math.round(0.025 * (RESAMPLES - 1))],
        resampled[(int) Math.round(0.975 * (RESAMPLES - 1))],
        a.size(),
        questions);
  }

  private static int bit(List<boolean[]> all, int seed, int question) {
    return all.get(seed)[question] ? 1 : 0;
  }

  private static double mean(int[][] differences, int[] seeds, int[] questions) {
    long sum = 0;
    for (int seed : seeds) {
      for (int question : questions) {
        sum += differences[seed][question];
      }
    }
    return (double) sum / seeds.length / questions.length;
  }

  /** For a reader, in points: {@code +12.5 [+8.0, +17.1]}. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%+.1f [%+.1f, %+.1f]", 100 * value, 100 * low, 100 * high);
  }
}
