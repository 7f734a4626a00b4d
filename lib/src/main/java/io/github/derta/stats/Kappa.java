package io.github.derta.stats;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.dkpro.statistics.agreement.InsufficientDataException;
import org.dkpro.statistics.agreement.coding.CodingAnnotationStudy;
import org.dkpro.statistics.agreement.coding.CohenKappaAgreement;

/**
 * Cohen's kappa of two raters: 1 where they always agree, 0 where they do so no more than by
 * chance.
 *
 * @param value kappa; NaN where all is of one category, or nothing was rated
 * @param low lower end of the 95 % interval, percentiles of a bootstrap over the items
 * @param high its upper end
 */
public record Kappa(double value, double low, double high) {

  private static final int RESAMPLES = 1000;

  /**
   * {@return the agreement of two raters}
   *
   * @param a what one says of each item
   * @param b what the other says of the same items, in the same order
   * @param seed of the bootstrap
   */
  public static Kappa of(List<?> a, List<?> b, long seed) {
    if (a.size() != b.size()) {
      throw new IllegalArgumentException(a.size() + " and " + b.size() + " ratings of one list");
    }
    Random random = new Random(seed);
    double[] resampled = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      resampled[i] = kappa(a, b, item -> random.nextInt(a.size()));
    }
    double[] defined = Arrays.stream(resampled).filter(k -> !Double.isNaN(k)).sorted().toArray();
    return new Kappa(
        kappa(a, b, item -> item),
        Grid.percentile(defined, 0.025),
        Grid.percentile(defined, 0.975));
  }

  private static double kappa(List<?> a, List<?> b, IntUnaryOperator draw) {
    CodingAnnotationStudy study = new CodingAnnotationStudy(2);
    for (int i = 0; i < a.size(); i++) {
      int item = draw.applyAsInt(i);
      study.addItem(a.get(item), b.get(item));
    }
    try {
      return new CohenKappaAgreement(study).calculateAgreement();
    } catch (InsufficientDataException allOfOneCategory) {
      return Double.NaN;
    }
  }
}
