package io.github.derta.eval;

import io.github.derta.stats.Kappa;
import io.github.derta.stats.Rate;
import io.github.derta.stats.Rates;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;

/** How far two judges agree on the same answers, where both give a verdict. */
public final class Agreement {

  private Agreement() {}

  /**
   * {@return a row for every two judges: {@code model, judge, other, invalid} (answers without a
   * verdict of one of them), the rate at which both say the same ({@code hits, n, share, low, high}),
   * and Cohen's {@code kappa, kappa_low, kappa_high}}
   *
   * @param rulings of several judges on the same answers, by model
   * @param seed of kappa's interval
   */
  public static Table of(Map<String, List<Ruling>> rulings, long seed) {
    Table table =
        Rates.table(
                "agreement of judges",
                List.of("model", "judge", "other"),
                "hits",
                IntColumn.create("invalid"))
            .addColumns(
                DoubleColumn.create("kappa"),
                DoubleColumn.create("kappa_low"),
                DoubleColumn.create("kappa_high"));
    rulings.forEach(
        (model, all) -> {
          Map<String, Map<String, String>> verdicts = new LinkedHashMap<>(); // by judge and answer
          for (Ruling one : all) {
            verdicts
                .computeIfAbsent(one.judge(), name -> new LinkedHashMap<>())
                .put(one.id(), one.verdict());
          }
          List<String> names = List.copyOf(verdicts.keySet());
          for (int i = 0; i < names.size(); i++) {
            for (String other : names.subList(i + 1, names.size())) {
              List<String> group = List.of(model, names.get(i), other);
              add(table, group, verdicts.get(names.get(i)), verdicts.get(other), seed);
            }
          }
        });
    return table;
  }

  private static void add(
      Table table, List<String> group, Map<String, String> a, Map<String, String> b, long seed) {
    List<String> common = a.keySet().stream().filter(b::containsKey).toList();
    List<String> both =
        common.stream().filter(id -> valid(a.get(id)) && valid(b.get(id))).toList();
    long same = both.stream().filter(id -> a.get(id).equals(b.get(id))).count();
    Row row = Rates.add(table, group, new Rate(same, both.size()));
    row.setInt("invalid", common.size() - both.size());
    put(row, Kappa.of(both.stream().map(a::get).toList(), both.stream().map(b::get).toList(), seed));
  }

  private static boolean valid(String verdict) {
    return !verdict.equals("invalid");
  }

  /** Sets {@code kappa, kappa_low, kappa_high}. */
  static void put(Row row, Kappa kappa) {
    row.setDouble("kappa", kappa.value());
    row.setDouble("kappa_low", kappa.low());
    row.setDouble("kappa_high", kappa.high());
  }
}
