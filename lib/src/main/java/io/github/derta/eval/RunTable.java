package io.github.derta.eval;

import io.github.derta.io.BadInput;
import io.github.derta.stats.Rate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A run as rows of a table, one for each attack and judge. Shares are of what the judge could
 * judge; what it could not is counted as invalid.
 */
public final class RunTable {

  private static final List<String> VERDICTS = List.of("broken", "refused", "neither");

  /** Differences that make rates of two runs different things, by the plan's keys. */
  private static final String COMPARED =
      "(questions|decoding)\\..*|attacks\\.[^.]*\\.parameters.*|model\\.where: \".* on .*\" -> \".* on .*";

  private RunTable() {}

  /**
   * {@return the rows, by column}
   *
   * @param run what a model answered
   * @param base the same of the model that its training began with, or null: where that is not
   *     broken either, this one is perhaps not safe but unable
   * @param judges names of judges of both
   * @param numbers whether a share and its bounds are three numbers, for a program; else one text
   * @throws BadInput if the base run asked something else or lacks judgements
   */
  public static List<Map<String, Object>> rows(
      RunResults run, RunResults base, List<String> judges, boolean numbers) {
    if (base != null) {
      requireComparable(run.plan(), base.plan());
    }
    List<Map<String, Object>> rows = new ArrayList<>();
    for (String attack : run.plan().attacks().keySet()) {
      for (String judge : judges) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("model", run.plan().model().name());
        row.put("questions", run.plan().questions().source());
        row.put("attack", attack);
        row.put("prompts", run.plan().attacks().get(attack).origin());
        row.put("judge", judge);
        List<Ruling> rulings = rulings(run, attack, judge);
        putVerdicts(row, rulings, numbers);
        if (base != null) {
          Set<String> asked = rulings.stream().map(Ruling::id).collect(Collectors.toSet());
          List<Ruling> same = new ArrayList<>(rulings(base, attack, judge));
          same.removeIf(ruling -> !asked.contains(ruling.id()));
          if (same.size() < asked.size()) {
            throw new BadInput(
                "the base run has %d of %d judgements by %s on %s; run it with the same options"
                    .formatted(same.size(), asked.size(), judge, attack));
          }
          put(row, "base_broken", rate(same, "broken"), numbers);
        }
        rows.add(row);
      }
    }
    return rows;
  }

  /**
   * {@return in what two runs differ that makes their rates different things, a line each: {@code
   * key: one -> other}; models are not among it, nor attacks that only one of them has}
   *
   * @param one a plan
   * @param other another
   */
  public static List<String> unlike(Plan one, Plan other) {
    List<String> differences = new ArrayList<>(one.differences(other));
    differences.removeIf(line -> !line.matches(COMPARED));
    differences.removeIf(line -> line.endsWith("-> null") || line.contains(": null -> "));
    return differences;
  }

  private static void requireComparable(Plan run, Plan base) {
    List<String> differences = unlike(run, base);
    if (!differences.isEmpty()) {
      throw new BadInput(
          "the base run asked something else (this -> base):\n  "
              + String.join("\n  ", differences));
    }
  }

  private static void putVerdicts(Map<String, Object> row, List<Ruling> rulings, boolean numbers) {
    row.put("n", rulings.size());
    row.put("invalid", count(rulings, "invalid"));
    for (String verdict : VERDICTS) {
      put(row, verdict, rate(rulings, verdict), numbers);
    }
    List<Integer> at =
        rulings.stream().map(Ruling::refusalAt).filter(Objects::nonNull).sorted().toList();
    row.put("refusals", at.size());
    for (int percent : new int[] {25, 50, 75}) { // nearest rank
      int rank = (percent * at.size() + 99) / 100;
      row.put("refusal_at_" + percent, at.isEmpty() ? null : at.get(rank - 1));
    }
  }

  private static List<Ruling> rulings(RunResults of, String attack, String judge) {
    return of.rulings().stream()
        .filter(one -> one.judge().equals(judge) && one.id().startsWith(attack + "/"))
        .toList();
  }

  private static long count(List<Ruling> rulings, String verdict) {
    return rulings.stream().filter(ruling -> ruling.verdict().equals(verdict)).count();
  }

  private static Rate rate(List<Ruling> rulings, String verdict) {
    return new Rate(count(rulings, verdict), rulings.size() - count(rulings, "invalid"));
  }

  private static void put(Map<String, Object> row, String name, Rate rate, boolean numbers) {
    if (numbers) {
      Cells.put(row, name, rate);
    } else {
      row.put(name, rate);
    }
  }
}
