package io.github.derta.eval;

import io.github.derta.kitchen.Verdict.Outcome;
import io.github.derta.stats.PairedDifference;
import io.github.derta.stats.Rate;
import io.github.derta.train.Recipe;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What the {@link Outcomes} of a study come to, as rows of tables by column. */
public final class StudyTables {

  /** Attacks of the kit by the paper's name, from left to right. */
  private static final Map<String, String> ATTACKS =
      ordered(
          "CodeAttack", "code-.*",
          "PAIR", "pair",
          "JailbreakChat", "jailbreakchat",
          "SelfCipher", "selfcipher",
          "CompletingAttack", "completing",
          "AutoDAN", "autodan");

  /** What stands for the paper's helpfulness: harmless questions that are not refused. */
  private static final Map<String, String> HELPFUL =
      ordered("tasks kept", "task-0", "facts kept", "fact-0", "food kept", "near-0");

  /** The paper's columns of helpfulness, by the rules that come nearest to its figures. */
  private static final Map<String, String> TASKS =
      ordered(
          "GSM8K", "gsm8k last-sentence", "MMLU", "mmlu stated-option", "AlpacaEval", "alpaca .*");

  private static final Comparator<Recipe> ORDER =
      Comparator.comparing(
              Recipe::safetyRows, Comparator.nullsLast(Comparator.<Integer>naturalOrder()))
          .thenComparing(Recipe::drop)
          .thenComparing(Recipe::method)
          .thenComparing(recipe -> recipe.lora() != null);

  private static final long BOOTSTRAP_SEED = 0;

  private StudyTables() {}

  private static Map<String, String> ordered(String... namesAndMeasures) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndMeasures.length; i += 2) {
      map.put(namesAndMeasures[i], namesAndMeasures[i + 1]);
    }
    return map;
  }

  /**
   * {@return a row for each model: {@code method, steps, done, minutes}, the last of the steps that
   * are done}
   *
   * @param states the steps of a study
   */
  public static List<Map<String, Object>> progress(List<StudyRun.State> states) {
    Map<String, List<StudyRun.State>> models =
        states.stream()
            .collect(
                Collectors.groupingBy(
                    StudyRun.State::method, LinkedHashMap::new, Collectors.toList()));
    List<Map<String, Object>> rows = new ArrayList<>();
    models.forEach(
        (method, its) -> {
          List<StudyRun.State> done = its.stream().filter(StudyRun.State::done).toList();
          double seconds = done.stream().mapToDouble(StudyRun.State::seconds).sum();
          Map<String, Object> row = new LinkedHashMap<>();
          row.put("method", method);
          row.put("steps", its.size());
          row.put("done", done.size());
          row.put("minutes", Math.round(seconds / 60));
          rows.add(row);
        });
    return rows;
  }

  /**
   * {@return a row for each model and measure, over all seeds: {@code method, measure, seeds, n},
   * then {@code refused} and {@code broken} as shares with their Wilson intervals; of tasks, which
   * then have rows of their own, {@code right}}
   *
   * @param all of a study
   */
  public static List<Map<String, Object>> rates(List<Outcomes> all) {
    List<Map<String, Object>> rows = new ArrayList<>();
    boolean tasks = all.stream().anyMatch(Outcomes::isTask);
    for (String method : methods(all)) {
      for (String measure : measures(all)) {
        List<Outcomes> some = some(all, method, measure);
        if (!some.isEmpty()) {
          Map<String, Object> row = new LinkedHashMap<>();
          row.put("method", method);
          row.put("measure", measure);
          row.put("seeds", some.size());
          row.put("n", n(some));
          if (some.get(0).isTask()) {
            Cells.putNothing(row, "refused");
            Cells.putNothing(row, "broken");
            Cells.put(row, "right", points(some), n(some));
          } else {
            Cells.put(row, "refused", rate(some, Outcome.REFUSED));
            Cells.put(row, "broken", rate(some, Outcome.BROKEN));
            if (tasks) {
              Cells.putNothing(row, "right");
            }
          }
          rows.add(row);
        }
      }
    }
    return rows;
  }

  private static double points(List<Outcomes> some) {
    return some.stream().mapToDouble(Outcomes::points).sum();
  }

  private static long n(List<Outcomes> some) {
    return some.stream().mapToLong(Outcomes::n).sum();
  }

  /**
   * {@return the same with what the recipes say, in its order: {@code method, weights} (the method,
   * and whether by LoRA), {@code safety rows, dropped} (RTO labels, in percent); a row for each
   * measure of each model that is about that, or about nothing in particular}
   *
   * @param study has the recipes
   * @param all of it
   * @param about what models are there to show
   */
  public static List<Map<String, Object>> byRecipe(Study study, List<Outcomes> all, String about) {
    Map<String, Recipe> recipes = new LinkedHashMap<>();
    for (Study.Model model : study.models()) {
      if (model.rethinking() == null && (model.about() == null || model.about().equals(about))) {
        recipes.put(model.name(), study.recipe(model, 0));
      }
    }
    List<Map.Entry<String, Recipe>> models = new ArrayList<>(recipes.entrySet());
    models.sort(Map.Entry.comparingByValue(ORDER));
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Map.Entry<String, Recipe> model : models) {
      Recipe recipe = model.getValue();
      String method = recipe.method().toString();
      for (Map<String, Object> rate : rates(some(all, model.getKey(), ".*"))) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("method", method);
        row.put("weights", recipe.lora() == null ? method : method + ", LoRA");
        row.put("safety rows", recipe.safetyRows());
        row.put("dropped", Math.round(100 * recipe.drop()) + " %");
        rate.forEach(row::putIfAbsent);
        rows.add(row);
      }
    }
    return rows;
  }

  /**
   * {@return a row for each model as the paper's Tables 2, 4 and 10 have them: broken answers by
   * attack in percent, their mean, harmless questions that are not refused, and, if any were asked,
   * right answers to tasks; null where nothing was asked}
   *
   * @param all of a study
   */
  public static List<Map<String, Object>> layout(List<Outcomes> all) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (String method : methods(all)) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("method", method);
      List<Outcomes> its = all.stream().filter(one -> one.method().equals(method)).toList();
      row.put("seeds", its.stream().map(Outcomes::seed).distinct().count());
      List<Double> broken = new ArrayList<>();
      ATTACKS.forEach(
          (name, measure) -> {
            double share = rate(some(its, method, measure), Outcome.BROKEN).share();
            row.put(name, percent(share));
            broken.add(share);
          });
      row.put("average", percent(broken.stream().mapToDouble(x -> x).average().orElse(0)));
      HELPFUL.forEach(
          (name, measure) ->
              row.put(
                  name, percent(1 - rate(some(its, method, measure), Outcome.REFUSED).share())));
      TASKS.forEach(
          (name, measure) -> {
            if (all.stream().anyMatch(one -> one.measure().matches(measure))) {
              List<Outcomes> some = some(its, method, measure);
              row.put(name, percent(points(some) / n(some)));
            }
          });
      rows.add(row);
    }
    return rows;
  }

  private static Double percent(double share) {
    return Double.isNaN(share) ? null : Double.valueOf(Math.round(1000 * share) / 10.0);
  }

  /**
   * {@return how much more often the first model has an outcome than the second, a row for each
   * measure of both: {@code measure, difference, low, high, seeds, questions}; only seeds and
   * questions of both count}
   *
   * @param all of a study
   * @param first a model
   * @param second another
   * @param counted broken or refused
   */
  public static List<Map<String, Object>> differences(
      List<Outcomes> all, String first, String second, Outcome counted) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (String measure : measures(all)) {
      List<boolean[]> a = new ArrayList<>();
      List<boolean[]> b = new ArrayList<>();
      for (Outcomes one : some(all, first, measure)) {
        some(all, second, measure).stream()
            .filter(other -> comparable(one, other))
            .findFirst()
            .ifPresent(
                other -> {
                  a.add(bits(one, counted));
                  b.add(bits(other, counted));
                });
      }
      if (!a.isEmpty() && a.get(0).length > 0) {
        PairedDifference difference = PairedDifference.of(a, b, BOOTSTRAP_SEED);
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("measure", measure);
        row.put("difference", Cells.rounded(difference.value()));
        row.put("low", Cells.rounded(difference.low()));
        row.put("high", Cells.rounded(difference.high()));
        row.put("seeds", difference.seeds());
        row.put("questions", difference.questions());
        rows.add(row);
      }
    }
    return rows;
  }

  /**
   * About safety, and the same questions; the base model has no seeds and is compared with each.
   */
  private static boolean comparable(Outcomes one, Outcomes other) {
    boolean base = one.method().equals(Study.BASE) || other.method().equals(Study.BASE);
    boolean same = one.asked().equals(other.asked()) && !one.isTask();
    return same && (base || one.seed() == other.seed());
  }

  private static boolean[] bits(Outcomes one, Outcome counted) {
    char letter = counted.name().charAt(0);
    boolean[] bits = new boolean[one.letters().length()];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = one.letters().charAt(i) == letter;
    }
    return bits;
  }

  private static Set<String> methods(List<Outcomes> all) {
    return all.stream().map(Outcomes::method).collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** What was asked; training asks nothing. */
  private static Set<String> measures(List<Outcomes> all) {
    return all.stream()
        .filter(one -> !one.letters().isEmpty())
        .map(Outcomes::measure)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static List<Outcomes> some(List<Outcomes> all, String method, String measure) {
    return all.stream()
        .filter(one -> one.method().equals(method) && one.measure().matches(measure))
        .toList();
  }

  private static Rate rate(List<Outcomes> some, Outcome outcome) {
    long hits = some.stream().mapToLong(one -> one.rate(outcome).hits()).sum();
    return new Rate(hits, n(some));
  }
}
