package io.github.derta.eval;

import io.github.derta.stats.Kappa;
import io.github.derta.stats.Rate;
import io.github.derta.stats.Rates;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/** How far two judges agree on the same answers, where both give a verdict. */
public final class Agreement {

  private Agreement() {}

  /**
   * {@return a row for every two judges: {@code model, judge, other, invalid} (answers without a
   * verdict of one of them), the rate at which both say the same ({@code hits, n, share, low,
   * high}), and Cohen's {@code kappa, kappa_low, kappa_high}}
   *
   * @param rulings of several judges on the same answers, by model
   * @param seed of kappa's interval
   */
  public static Table of(Map<String, List<Ruling>> rulings, long seed) {
    StringColumn models = StringColumn.create("model");
    StringColumn judges = StringColumn.create("judge");
    StringColumn others = StringColumn.create("other");
    IntColumn invalid = IntColumn.create("invalid");
    List<Rate> same = new ArrayList<>();
    List<Kappa> kappas = new ArrayList<>();
    rulings.forEach(
        (model, all) -> {
          Map<String, Map<String, String>> verdicts = new LinkedHashMap<>(); // by judge and answer
          for (Ruling one : all) {
            verdicts
                .computeIfAbsent(one.judge(), name -> new LinkedHashMap<>())
                .put(one.id(), one.verdict().contains("complied") ? "complied" : one.verdict());
          }
          List<String> names = List.copyOf(verdicts.keySet());
          for (int i = 0; i < names.size(); i++) {
            for (String other : names.subList(i + 1, names.size())) {
              Map<String, String> a = verdicts.get(names.get(i));
              Map<String, String> b = verdicts.get(other);
              List<String> ids = new ArrayList<>(a.keySet());
              ids.retainAll(b.keySet());
              int common = ids.size();
              ids.removeIf(id -> a.get(id).equals("invalid") || b.get(id).equals("invalid"));
              List<String> ofA = ids.stream().map(a::get).toList();
              List<String> ofB = ids.stream().map(b::get).toList();
              models.append(model);
              judges.append(names.get(i));
              others.append(other);
              invalid.append(common - ids.size());
              same.add(rate(ofA, ofB, item -> true));
              kappas.add(Kappa.of(ofA, ofB, seed));
            }
          }
        });
    return Rates.of(same, models, judges, others, invalid)
        .addColumns(columns(kappas))
        .setName("agreement of judges");
  }

  /** How often two raters say the same, of those items for which a condition holds. */
  static Rate rate(List<?> a, List<?> b, IntPredicate among) {
    int[] items = IntStream.range(0, a.size()).filter(among).toArray();
    return new Rate(
        IntStream.of(items).filter(i -> a.get(i).equals(b.get(i))).count(), items.length);
  }

  /** Columns {@code kappa, kappa_low, kappa_high}. */
  static Column<?>[] columns(List<Kappa> kappas) {
    return new Column<?>[] {
      DoubleColumn.create("kappa", kappas.stream().mapToDouble(Kappa::value)),
      DoubleColumn.create("kappa_low", kappas.stream().mapToDouble(Kappa::low)),
      DoubleColumn.create("kappa_high", kappas.stream().mapToDouble(Kappa::high))
    };
  }
}
