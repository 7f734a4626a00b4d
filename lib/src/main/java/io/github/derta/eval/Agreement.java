package io.github.derta.eval;

import io.github.derta.stats.Kappa;
import io.github.derta.stats.Rate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How far two judges agree on the same responses, where both give a verdict.
 *
 * @param a name of one
 * @param b name of the other
 * @param same how often they say the same of broken, refused and neither
 * @param kappa the same beyond chance
 * @param invalid responses of which one of them, or both, gives no verdict
 */
public record Agreement(String a, String b, Rate same, Kappa kappa, long invalid) {

  /**
   * {@return the agreement of every two judges}
   *
   * @param rulings of several judges on the same answers
   * @param seed of kappa's interval
   */
  public static List<Agreement> pairs(List<Ruling> rulings, long seed) {
    Map<String, Map<String, String>> verdicts = new LinkedHashMap<>(); // by judge and answer
    for (Ruling one : rulings) {
      verdicts
          .computeIfAbsent(one.judge(), name -> new LinkedHashMap<>())
          .put(one.id(), one.verdict());
    }
    List<String> names = List.copyOf(verdicts.keySet());
    List<Agreement> pairs = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      for (String b : names.subList(i + 1, names.size())) {
        String a = names.get(i);
        pairs.add(of(a, verdicts.get(a), b, verdicts.get(b), seed));
      }
    }
    return pairs;
  }

  private static Agreement of(
      String a, Map<String, String> ofA, String b, Map<String, String> ofB, long seed) {
    List<String> common = ofA.keySet().stream().filter(ofB::containsKey).toList();
    List<String> both =
        common.stream().filter(id -> valid(ofA.get(id)) && valid(ofB.get(id))).toList();
    List<String> one = both.stream().map(ofA::get).toList();
    List<String> other = both.stream().map(ofB::get).toList();
    long same = both.stream().filter(id -> ofA.get(id).equals(ofB.get(id))).count();
    return new Agreement(
        a, b, new Rate(same, both.size()), Kappa.of(one, other, seed), common.size() - both.size());
  }

  private static boolean valid(String verdict) {
    return !verdict.equals("invalid");
  }

  /** {@return its row of a table, by column} */
  public Map<String, Object> row() {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("judge", a);
    row.put("other", b);
    row.put("n", same.n());
    row.put("invalid", invalid);
    Cells.put(row, "agree", same);
    Cells.put(row, "kappa", kappa);
    return row;
  }
}
