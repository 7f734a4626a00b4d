package io.github.derta.stats;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Values of answers by seed and question, and their mean with the interval of a two-way bootstrap.
 * Seeds and questions are sorted, so that the order of the answers does not matter.
 */
final class Grid {

  /** Resamples of a bootstrap. */
  static final int RESAMPLES = 2000;

  /** Seed of every bootstrap and simulation here: equal data give equal intervals. */
  static final long RANDOM_SEED = 0;

  /**
   * One answer.
   *
   * @param row where it stands in its table
   * @param seed of the training; empty if it has none
   * @param question the question's id
   * @param value 0 to 1, of a difference -1 to 1; NaN without a valid verdict
   */
  record Answer(int row, String seed, String question, double value) {

    boolean valid() {
      return !Double.isNaN(value);
    }
  }

  private final double[][] sums; // [seed, question]
  private final int[][] counts; // [seed, question]
  private final int seeds;
  private final int questions;
  private final int n;

  /** Invalid answers are left out. */
  Grid(List<Answer> answers) {
    List<Answer> valid = answers.stream().filter(Answer::valid).toList();
    String[] seedNames = names(valid, Answer::seed);
    String[] questionNames = names(valid, Answer::question);
    n = valid.size();
    seeds = seedNames.length;
    questions = questionNames.length;
    sums = new double[seeds][questions];
    counts = new int[seeds][questions];
    for (Answer answer : valid) {
      int seed = Arrays.binarySearch(seedNames, answer.seed());
      int question = Arrays.binarySearch(questionNames, answer.question());
      sums[seed][question] += answer.value();
      counts[seed][question]++;
    }
  }

  private static String[] names(List<Answer> answers, Function<Answer, String> name) {
    return answers.stream().map(name).distinct().sorted().toArray(String[]::new);
  }

  int seeds() {
    return seeds;
  }

  int questions() {
    return questions;
  }

  /** Valid answers. */
  int n() {
    return n;
  }

  double sum() {
    return Arrays.stream(sums).flatMapToDouble(Arrays::stream).sum();
  }

  /** NaN without a valid answer. */
  double mean() {
    return sum() / n;
  }

  /** The sum over all seeds of each question. */
  double[] questionSums() {
    double[] totals = new double[questions];
    for (double[] ofSeed : sums) {
      Arrays.setAll(totals, question -> totals[question] + ofSeed[question]);
    }
    return totals;
  }

  /**
   * The 95 % percentile interval of the mean over resamples, in each of which seeds and questions
   * are drawn anew and independently (the pigeonhole bootstrap of Owen 2007). An answer's weight is
   * the product of how often its seed and its question were drawn. Answers that are all alike make
   * resamples that are all alike; the interval is then as wide as Wilson's of no hit among as many
   * questions.
   *
   * @return low and high; may end outside the range of the values
   */
  double[] interval() {
    SplittableRandom random = new SplittableRandom(RANDOM_SEED);
    double[] means = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      means[i] = mean(draws(random, seeds), draws(random, questions));
    }
    // With gaps, a resample may hold no answer.
    double[] sorted = Arrays.stream(means).filter(mean -> !Double.isNaN(mean)).sorted().toArray();
    double low = percentile(sorted, 0.025);
    double high = percentile(sorted, 0.975);
    double alike = high > low ? 0 : new Rate(0, questions).high();
    return new double[] {low - alike, high + alike};
  }

  /** How often each of {@code size} is drawn in as many draws. */
  private static int[] draws(SplittableRandom random, int size) {
    int[] times = new int[size];
    for (int i = 0; i < size; i++) {
      times[random.nextInt(size)]++;
    }
    return times;
  }

  private double mean(int[] seedTimes, int[] questionTimes) {
    double sum = 0;
    double count = 0;
    for (int seed = 0; seed < seeds; seed++) {
      for (int question = 0; seedTimes[seed] > 0 && question < questions; question++) {
        int weight = seedTimes[seed] * questionTimes[question];
        sum += weight * sums[seed][question];
        count += weight * counts[seed][question];
      }
    }
    return sum / count;
  }

  static double percentile(double[] sorted, double share) {
    return sorted.length == 0 ? Double.NaN : sorted[(int) Math.round(share * (sorted.length - 1))];
  }
}
