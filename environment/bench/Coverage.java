///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS org.slf4j:slf4j-simple:2.0.20

import io.github.derta.stats.Rate;
import io.github.derta.stats.Rates;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** Coverage of the intervals of stats.Rates on simulated answers; see coverage. */
public class Coverage {

  /** Standard deviations on the log-odds; the question's is fitted to the kitchen. */
  private static final double QUESTION = 2.5;
  private static final double INTERACTION = 0.5;

  private static final SplittableRandom RANDOM = new SplittableRandom(1);

  public static void main(String... args) {
    int experiments = Integer.parseInt(args[0]);
    System.out.println("seeds,questions,seed effect,share,coverage,width,pooled Wilson,its width");
    for (int seeds : List.of(1, 3, 5)) {
      for (int questions : List.of(24, 40, 113)) {
        for (double effect : seeds == 1 ? List.of(0.0) : List.of(0.0, 0.3, 0.6, 1.0)) {
          for (double share : List.of(0.05, 0.2, 0.5, 0.8, 0.95)) {
            rate(experiments, seeds, questions, effect, share);
          }
        }
      }
    }
    System.out.println("\nseeds,questions,seed effect,share of both,coverage of difference,p < 0.05");
    for (int seeds : List.of(1, 3, 5)) {
      for (int questions : List.of(24, 113)) {
        for (double share : List.of(0.2, 0.5)) {
          difference(experiments, seeds, questions, seeds == 1 ? 0 : 0.3, share);
        }
      }
    }
    System.out.println("\nseeds,questions,seed effect,share,coverage of corrected rate");
    for (double share : List.of(0.05, 0.2, 0.5)) {
      corrected(experiments, 3, 113, 0.3, share);
    }
  }

  private static void rate(int experiments, int seeds, int questions, double effect, double share) {
    int held = 0;
    int pooled = 0;
    double width = 0;
    double pooledWidth = 0;
    for (int i = 0; i < experiments; i++) {
      Table answers = empty();
      add(answers, "a", seeds, logits(questions), effect, mean(effect, share));
      Row rate = Rates.of(answers, "complied").row(0);
      held += holds(rate, "low", "high", share);
      width += rate.getDouble("high") - rate.getDouble("low");
      Rate wilson = new Rate(rate.getLong("hits"), rate.getLong("n"));
      pooled += wilson.low() <= share && share <= wilson.high() ? 1 : 0;
      pooledWidth += wilson.high() - wilson.low();
    }
    System.out.printf(
        "%d,%d,%.1f,%.2f,%.1f,%.1f,%.1f,%.1f%n",
        seeds, questions, effect, share, 100.0 * held / experiments, 100 * width / experiments,
        100.0 * pooled / experiments, 100 * pooledWidth / experiments);
  }

  private static void difference(int experiments, int seeds, int questions, double effect, double share) {
    int held = 0;
    int significant = 0;
    for (int i = 0; i < experiments; i++) {
      Table answers = empty();
      double[] logits = logits(questions);
      add(answers, "a", seeds, logits, effect, mean(effect, share));
      add(answers, "b", seeds, logits, effect, mean(effect, share));
      Row difference = Rates.differences(answers, "complied", "method", "a").row(0);
      held += holds(difference, "low", "high", 0);
      significant += difference.getDouble("p") < 0.05 ? 1 : 0;
    }
    System.out.printf(
        "%d,%d,%.1f,%.2f,%.1f,%.1f%n",
        seeds, questions, effect, share, 100.0 * held / experiments, 100.0 * significant / experiments);
  }

  /** A judge that finds 85 % and mistakes 5 %, as measured on 60 and 100 answers. */
  private static void corrected(int experiments, int seeds, int questions, double effect, double share) {
    int held = 0;
    for (int i = 0; i < experiments; i++) {
      Table answers = empty();
      add(answers, "a", seeds, logits(questions), effect, mean(effect, share));
      StringColumn outcomes = answers.stringColumn("outcome");
      for (int row = 0; row < outcomes.size(); row++) {
        double counted = outcomes.get(row).equals("complied") ? 0.85 : 0.05;
        outcomes.set(row, RANDOM.nextDouble() < counted ? "complied" : "refused");
      }
      Rate sensitivity = drawn(60, 0.85);
      Rate specificity = drawn(100, 0.95);
      Table rates = Rates.corrected(Rates.of(answers, "complied"), sensitivity, specificity);
      held += holds(rates.row(0), "corrected_low", "corrected_high", share);
    }
    System.out.printf("%d,%d,%.1f,%.2f,%.1f%n", seeds, questions, effect, share, 100.0 * held / experiments);
  }

  private static Rate drawn(int n, double share) {
    return new Rate(IntStream.range(0, n).filter(i -> RANDOM.nextDouble() < share).count(), n);
  }

  private static int holds(Row row, String low, String high, double truth) {
    return row.getDouble(low) <= truth && truth <= row.getDouble(high) ? 1 : 0;
  }

  private static Table empty() {
    return Table.create(
        StringColumn.create("method"), IntColumn.create("seed"), StringColumn.create("question"), StringColumn.create("outcome"));
  }

  private static double[] logits(int questions) {
    return IntStream.range(0, questions).mapToDouble(q -> QUESTION * RANDOM.nextGaussian()).toArray();
  }

  private static void add(Table answers, String method, int seeds, double[] logits, double effect, double mean) {
    for (int seed = 0; seed < seeds; seed++) {
      double training = mean + effect * RANDOM.nextGaussian();
      for (int question = 0; question < logits.length; question++) {
        double logit = training + logits[question] + INTERACTION * RANDOM.nextGaussian();
        answers.stringColumn("method").append(method);
        answers.intColumn("seed").append(seed);
        answers.stringColumn("question").append("q" + question);
        answers.stringColumn("outcome").append(RANDOM.nextDouble() < probability(logit) ? "complied" : "refused");
      }
    }
  }

  private static double probability(double logit) {
    return 1 / (1 + Math.exp(-logit));
  }

  /** The mean of the log-odds at which the rate over all seeds and questions is this share. */
  private static double mean(double effect, double share) {
    double deviation = Math.sqrt(effect * effect + QUESTION * QUESTION + INTERACTION * INTERACTION);
    double low = -20;
    double high = 20;
    while (high - low > 1e-6) {
      double middle = (low + high) / 2;
      double sum = 0;
      double weights = 0;
      for (double z = -6; z <= 6; z += 0.02) {
        double weight = Math.exp(-z * z / 2);
        weights += weight;
        sum += weight * probability(middle + deviation * z);
      }
      if (sum / weights < share) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
