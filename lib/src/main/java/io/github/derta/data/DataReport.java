package io.github.derta.data;

import io.github.derta.stats.Rate;
import io.github.derta.text.RefusalPhrases;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What a training set holds and what is wrong with it.
 *
 * @param kinds how many rows of each kind
 * @param duplicates rows that are word for word an earlier one
 * @param heldOut rows whose prompt holds a question that is kept for testing, white space and case
 *     aside
 * @param cut rows that the block cut
 * @param withoutLabel rows of which the block left no label
 * @param refusing rows of harmless or unknown kind, not RTO, whose text begins with a refusal in
 *     its first {@value #OPENING} characters
 * @param rtoRows share of RTO rows among all rows
 * @param rtoLabels share of RTO labels among all labels of an epoch
 * @param lengths tokens of every row
 */
public record DataReport(
    Map<Row.Kind, Integer> kinds,
    Rate duplicates,
    Rate heldOut,
    Rate cut,
    Rate withoutLabel,
    Rate refusing,
    Rate rtoRows,
    Rate rtoLabels,
    int[] lengths) {

  /** How far from its beginning an answer is searched for a refusal. */
  public static final int OPENING = 60;

  /**
   * {@return the report; about 100 bytes of memory a row}
   *
   * @param rows the rows
   * @param tokens the same rows in tokens
   * @param rule how they are labelled
   * @param heldOutQuestions questions that are kept for testing
   */
  public static DataReport of(
      List<Row> rows, TokenRows tokens, Labels rule, Collection<String> heldOutQuestions) {
    Set<String> questions = new HashSet<>();
    heldOutQuestions.stream()
        .map(DataReport::plain)
        .filter(question -> !question.isEmpty())
        .forEach(questions::add);
    Counter counter = new Counter(questions);
    rows.forEach(counter::add);
    long cut = 0;
    long rto = 0;
    long all = 0;
    for (int i = 0; i < tokens.size(); i++) {
      TokenRow row = tokens.get(i);
      cut += row.cut() ? 1 : 0;
      long kept = IntStream.of(rule.of(row, i, 0)).filter(label -> label != Labels.NONE).count();
      all += kept;
      rto += row.rto() ? kept : 0;
    }
    int n = rows.size();
    long without = tokens.stream().filter(row -> row.labels() == 0).count();
    return new DataReport(
        counter.kinds,
        new Rate(counter.duplicates, n),
        new Rate(counter.heldOut, n),
        new Rate(cut, n),
        new Rate(without, n),
        new Rate(counter.refusing, counter.harmless),
        new Rate(counter.kinds.getOrDefault(Row.Kind.RTO, 0), n),
        new Rate(rto, all),
        tokens.stream().mapToInt(row -> row.ids().length).toArray());
  }

  /** What can be told from a row alone. */
  private static final class Counter {
    final Map<Row.Kind, Integer> kinds = new EnumMap<>(Row.Kind.class);
    final Set<Long> seen = new HashSet<>();
    final Set<String> questions;
    long duplicates;
    long heldOut;
    long harmless;
    long refusing;

    Counter(Set<String> questions) {
      this.questions = questions;
    }

    void add(Row row) {
      kinds.merge(row.kind(), 1, Integer::sum);
      duplicates += seen.add(fingerprint(row)) ? 0 : 1;
      String prompt = plain(row.prefix());
      heldOut += questions.stream().anyMatch(prompt::contains) ? 1 : 0;
      if (row.kind() == Row.Kind.HELPFUL || row.kind() == Row.Kind.NEXT_TOKEN) {
        harmless++;
        String opening = row.text().substring(0, Math.min(OPENING, row.text().length()));
        refusing += RefusalPhrases.REFUSALS.first(opening).isPresent() ? 1 : 0;
      }
    }
  }

  private static String plain(String text) {
    return text.strip().toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
  }

  /** 64 bits of the row, of which a million rows have two alike with a chance of 1 in 10^7. */
  private static long fingerprint(Row row) {
    long hash = row.rto() ? 1 : 0;
    for (String part : List.of(row.prefix(), "\0", row.text())) {
      for (int i = 0; i < part.length(); i++) {
        hash = 0x9E3779B97F4A7C15L * (hash ^ part.charAt(i) ^ hash >>> 29);
      }
    }
    return hash;
  }
}
