package io.github.derta.eval;

import io.github.derta.io.BadInput;
import io.github.derta.stats.Rate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A run as rows of a table, one for each attack and judge. Shares are of the answers that the judge
 * could judge; those that it could not are counted as invalid.
 */
public final class RunTable {

  private final RunResults run;
  private final RunResults base;
  private final boolean numbers;

  private RunTable(RunResults run, RunResults base, boolean numbers) {
    this.run = run;
    this.base = base;
    this.numbers = numbers;
  }

  /**
   * {@return the rows, by column}
   *
   * @param run what a model answered
   * @param base the same of the model that its training began with, or null: what that cannot do
   *     anyway says nothing of this one's safety
   * @param judges names of judges who judged it
   * @param numbers whether shares and their bounds are columns of numbers, for a program; else one
   *     text, for a reader
   * @throws BadInput if the base run asked something else or was not judged by the same judges
   */
  public static List<Map<String, Object>> rows(
      RunResults run, RunResults base, List<String> judges, boolean numbers) {
    if (base != null) {
      requireComparable(run.plan(), base.plan());
    }
    RunTable table = new RunTable(run, base, numbers);
    return run.plan().attacks().stream()
        .flatMap(attack -> judges.stream().map(judge -> table.row(attack.name(), judge)))
        .toList();
  }

  private static void requireComparable(Plan run, Plan base) {
    List<String> differences =
        run.differences(base).stream()
            .filter(
                line -> line.matches("questions\\..*|decoding\\..*|attacks\\..*\\.parameters.*"))
            .toList();
    if (!differences.isEmpty()) {
      throw new BadInput(
          "the base run asked something else (run -> base):\n  "
              + String.join("\n  ", differences));
    }
  }

  private Map<String, Object> row(String attack, String judge) {
    List<Ruling> rulings = rulings(run, attack, judge, null);
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("model", run.plan().model().name());
    row.put("questions", run.plan().questions().source());
    row.put("attack", attack);
    row.put("judge", judge);
    row.put("n", rulings.size());
    row.put("invalid", count(rulings, "invalid"));
    for (String verdict : List.of("broken", "refused", "neither")) {
      put(row, verdict, rate(rulings, verdict));
    }
    List<Integer> at =
        rulings.stream().map(Ruling::refusalAt).filter(Objects::nonNull).sorted().toList();
    for (int percent : new int[] {25, 50, 75}) {
      int rank = (percent * at.size() + 99) / 100; // nearest rank, from 1
      row.put("refusal_at_" + percent, at.isEmpty() ? null : at.get(rank - 1));
    }
    if (base != null) {
      Set<String> asked = rulings.stream().map(Ruling::id).collect(Collectors.toSet());
      List<Ruling> same = rulings(base, attack, judge, asked);
      if (same.size() < rulings.size()) {
        throw new BadInput(
            "the base run has %d judgements by %s on %s where %d are needed; run it with the same attacks and judges first"
                .formatted(same.size(), judge, attack, rulings.size()));
      }
      row.put("base_n", same.size());
      put(row, "base_broken", rate(same, "broken"));
    }
    return row;
  }

  private static List<Ruling> rulings(
      RunResults of, String attack, String judge, Set<String> among) {
    return of.rulings().stream()
        .filter(ruling -> ruling.judge().equals(judge))
        .filter(ruling -> ruling.id().startsWith(attack + "/"))
        .filter(ruling -> among == null || among.contains(ruling.id()))
        .toList();
  }

  private static int count(List<Ruling> rulings, String verdict) {
    return (int) rulings.stream().filter(ruling -> ruling.verdict().equals(verdict)).count();
  }

  private static Rate rate(List<Ruling> rulings, String verdict) {
    return new Rate(count(rulings, verdict), rulings.size() - count(rulings, "invalid"));
  }

  private void put(Map<String, Object> row, String name, Rate rate) {
    if (numbers) {
      row.put(name, rate.n() == 0 ? null : round(rate.share()));
      row.put(name + "_low", round(rate.low()));
      row.put(name + "_high", round(rate.high()));
    } else {
      row.put(name, rate);
    }
  }

  private static double round(double share) {
    return Math.round(1e4 * share) / 1e4;
  }
}
