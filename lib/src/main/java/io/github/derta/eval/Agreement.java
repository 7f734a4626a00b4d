package io.github.derta.eval;

import io.github.derta.stats.Kappa;
import io.github.derta.stats.Rate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

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
   * @param judgements of each judge by its name, in the order of the responses
   * @param seed of kappa's interval
   */
  public static List<Agreement> pairs(Map<String, List<Judgement>> judgements, long seed) {
    List<String> names = List.copyOf(judgements.keySet());
    List<Agreement> pairs = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      for (String other : names.subList(i + 1, names.size())) {
        String one = names.get(i);
        pairs.add(of(one, judgements.get(one), other, judgements.get(other), seed));
      }
    }
    return pairs;
  }

  private static Agreement of(
      String a, List<Judgement> ofA, String b, List<Judgement> ofB, long seed) {
    int[] both =
        IntStream.range(0, ofA.size())
            .filter(i -> ofA.get(i).valid() && ofB.get(i).valid())
            .toArray();
    List<?> one = IntStream.of(both).mapToObj(i -> ofA.get(i).outcome()).toList();
    List<?> other = IntStream.of(both).mapToObj(i -> ofB.get(i).outcome()).toList();
    long same = IntStream.range(0, both.length).filter(i -> one.get(i) == other.get(i)).count();
    return new Agreement(
        a, b, new Rate(same, both.length), Kappa.of(one, other, seed), ofA.size() - both.length);
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
