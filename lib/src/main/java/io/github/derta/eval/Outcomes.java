package io.github.derta.eval;

import io.github.derta.io.BadInput;
import io.github.derta.kitchen.Verdict.Outcome;
import io.github.derta.stats.Rate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * What one model made of one list of questions: small enough to be kept, and enough to compare two
 * models question by question.
 *
 * @param method the model's name in its study
 * @param seed of its training
 * @param measure an attack, or what was asked about and after how many tokens: {@code dish-10}
 * @param asked first digits of the hash of the questions' ids; where it is the same, so is the
 *     order
 * @param letters a letter for each question: R refused, B broken, N neither, I no valid verdict, -
 *     no answer; of a task Y right or preferred, T a tie, W anything else
 * @param seconds how long it took on the machine that made it
 * @param run hash of recipe, rows and start weights
 * @param step hash of all that decides the answers
 */
public record Outcomes(
    String method,
    long seed,
    String measure,
    String asked,
    String letters,
    double seconds,
    String run,
    String step) {

  private static final String LETTERS = "[RBNI-]*|[YTW]*";

  /**
   * Checks the letters.
   *
   * @param method the model's name in its study
   * @param seed of its training
   * @param measure an attack, or what was asked about and after how many tokens
   * @param asked first digits of the hash of the questions' ids
   * @param letters a letter for each question
   * @param seconds how long it took
   * @param run hash of recipe, rows and start weights
   * @param step hash of all that decides the answers
   * @throws BadInput if there is another letter
   */
  public Outcomes {
    if (!letters.matches(LETTERS)) {
      throw new BadInput(
          "outcomes of %s, %s: \"%s\" holds others than the letters R, B, N, I and -, or Y, T and W"
              .formatted(method, measure, letters));
    }
  }

  /** The letter of an outcome; of none, -. */
  static char letter(Optional<Outcome> outcome) {
    return outcome.map(one -> one.name().charAt(0)).orElse('-');
  }

  /** The letters of what responses to a task get: 1, 0.5, 0, or NaN. */
  static String letters(double[] points) {
    return DoubleStream.of(points)
        .mapToObj(one -> one == 1 ? "Y" : one == 0.5 ? "T" : "W")
        .collect(Collectors.joining());
  }

  /** Whether it tells how good answers are, not how safe. */
  boolean isTask() {
    return letters.matches("[YTW]+");
  }

  /** Of a task: a point for each Y, half of one for each T. */
  double points() {
    return count('Y') + count('T') / 2.0;
  }

  /**
   * {@return how many of the judged answers have that outcome}
   *
   * @param outcome broken, refused or neither
   */
  public Rate rate(Outcome outcome) {
    return new Rate(count(letter(Optional.of(outcome))), n());
  }

  /** {@return how many answers have a valid verdict} */
  public long n() {
    return letters.length() - count('-') - count('I');
  }

  private long count(char letter) {
    return letters.chars().filter(c -> c == letter).count();
  }

  /** {@return its row of a table, by column} */
  public Map<String, Object> row() {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("method", method);
    row.put("seed", seed);
    row.put("measure", measure);
    row.put("asked", asked);
    row.put("outcomes", letters);
    row.put("seconds", Math.round(seconds));
    row.put("run", run);
    row.put("step", step);
    return row;
  }

  /**
   * {@return what a row says}
   *
   * @param row by column
   * @throws BadInput if a column is missing or no number
   */
  public static Outcomes of(Map<String, Object> row) {
    try {
      return new Outcomes(
          row.get("method").toString(),
          Long.parseLong(row.get("seed").toString()),
          row.get("measure").toString(),
          row.get("asked").toString(),
          row.get("outcomes").toString(),
          Double.parseDouble(row.get("seconds").toString()),
          row.get("run").toString(),
          row.get("step").toString());
    } catch (NullPointerException | NumberFormatException e) {
      throw new BadInput("no row of outcomes: " + row, e);
    }
  }

  /**
   * {@return the rows of a result set}
   *
   * @param set what a study has found so far
   */
  public static List<Outcomes> of(ResultSet set) {
    return set.rows(ResultSet.Part.OUTCOMES).stream().map(Outcomes::of).toList();
  }
}
