package io.github.derta.data;

import io.github.derta.stats.Rate;
import io.github.derta.text.RefusalPhrases;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
   * {@return the report}
   *
   * @param rows the rows
   * @param tokens the same rows in tokens
   * @param rule how they are labelled
   * @param heldOutQuestions questions that are kept for testing
   */
  public static DataReport of(
      List<Row> rows, TokenRows tokens, Labels rule, Collection<String> heldOutQuestions) {
    List<String> questions =
        heldOutQuestions.stream().map(DataReport::plain).filter(q -> !q.isEmpty()).toList();
    Map<Row.Kind, Integer> kinds = new EnumMap<>(Row.Kind.class);
    rows.forEach(row -> kinds.merge(row.kind(), 1, Integer::sum));
    Stream<?> distinct = rows.stream().map(r -> List.of(r.rto(), r.prefix(), r.text())).distinct();
    long heldOut =
        rows.stream()
            .map(row -> plain(row.prefix()))
            .filter(prompt -> questions.stream().anyMatch(prompt::contains))
            .count();
    List<Row> harmless =
        rows.stream()
            .filter(row -> row.kind() == Row.Kind.HELPFUL || row.kind() == Row.Kind.NEXT_TOKEN)
            .toList();
    long refusing =
        harmless.stream()
            .map(row -> row.text().substring(0, Math.min(OPENING, row.text().length())))
            .filter(opening -> RefusalPhrases.REFUSALS.first(opening).isPresent())
            .count();
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
        kinds,
        new Rate(n - distinct.count(), n),
        new Rate(heldOut, n),
        new Rate(cut, n),
        new Rate(without, n),
        new Rate(refusing, harmless.size()),
        new Rate(kinds.getOrDefault(Row.Kind.RTO, 0), n),
        new Rate(rto, all),
        tokens.stream().mapToInt(row -> row.ids().length).toArray());
  }

  private static String plain(String text) {
    return text.strip().toLowerCase(Locale.ROOT).replaceAll("\\s+", " ");
  }
}
