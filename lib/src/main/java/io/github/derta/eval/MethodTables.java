package io.github.derta.eval;

import io.github.derta.kitchen.KitchenQuestion.Kind;
import io.github.derta.kitchen.Verdict.Outcome;
import io.github.derta.stats.Rate;
import io.github.derta.train.Evaluation;
import io.github.derta.train.StepMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What is known of trained methods as rows of tables, by column: small enough to be kept with a
 * notebook. Every row names the run, a hash of recipe, rows and start weights.
 */
public final class MethodTables {

  private MethodTables() {}

  /**
   * {@return what a model refuses, a row for each kind of question and depth}
   *
   * @param who the model
   * @param curve its answers
   * @param base the answers of the model that training began with
   */
  public static List<Map<String, Object>> depth(MethodRun who, DepthCurve curve, DepthCurve base) {
    List<Map<String, Object>> rows = new ArrayList<>();
    List<String> kinds = curve.answers().stream().map(GivenAnswer::kind).distinct().toList();
    for (String kind : kinds) {
      for (int depth : DepthCurve.DEPTHS) {
        Rate refused = curve.rate(kind, depth, Outcome.REFUSED);
        if (refused.n() > 0) {
          Map<String, Object> row = who.row();
          row.put("kind", kind.toLowerCase(Locale.ROOT));
          row.put("depth", depth);
          row.put("n", refused.n());
          put(row, "refused", refused);
          put(row, "broken", curve.rate(kind, depth, Outcome.BROKEN));
          Rate still = curve.stillBroken(base, depth);
          boolean dish = kind.equals(Kind.DISH.name());
          row.put("base_broken", dish ? still.n() : null);
          row.put("still_broken", dish ? still.hits() : null);
          row.put("run", who.run());
          rows.add(row);
        }
      }
    }
    return rows;
  }

  /**
   * {@return what a model wrote to one question, a row for each depth}
   *
   * @param who the model
   * @param curve its answers
   * @param id the question's
   */
  public static List<Map<String, Object>> transcript(MethodRun who, DepthCurve curve, String id) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (GivenAnswer answer : curve.answers()) {
      if (answer.id().equals(id)) {
        Map<String, Object> row = who.row();
        row.put("id", id);
        row.put("depth", answer.depth());
        row.put("given", answer.given());
        row.put("response", answer.response());
        row.put("run", who.run());
        rows.add(row);
      }
    }
    return rows;
  }

  /**
   * {@return the loss of every step, apart for ordinary and RTO rows}
   *
   * @param who the model
   * @param metrics its steps so far
   */
  public static List<Map<String, Object>> losses(MethodRun who, List<StepMetrics> metrics) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (StepMetrics step : metrics) {
      if (step.step() > 0) {
        Map<String, Object> row = who.row();
        row.put("step", step.step());
        row.put("next_token_loss", Cells.rounded(step.nextTokenLoss()));
        row.put("rto_loss", Cells.rounded(step.rtoLoss()));
        row.put("run", who.run());
        rows.add(row);
      }
    }
    return rows;
  }

  /**
   * {@return the probability of the refusal token at each position of unsafe answers, before
   * training and after it}
   *
   * @param who the model
   * @param metrics its steps
   */
  public static List<Map<String, Object>> refusal(MethodRun who, List<StepMetrics> metrics) {
    List<StepMetrics> measured =
        metrics.stream().filter(step -> step.validation() != null).toList();
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = 0; i < measured.size(); i += Math.max(1, measured.size() - 1)) {
      Evaluation validation = measured.get(i).validation();
      for (int position = 0; position < validation.refusal().length; position++) {
        Map<String, Object> row = who.row();
        row.put("trained", i == 0 ? "before" : "after");
        row.put("position", position);
        row.put("n", validation.answers()[position]);
        row.put("refusal", Cells.rounded(validation.refusal()[position]));
        row.put("run", who.run());
        rows.add(row);
      }
    }
    return rows;
  }

  private static void put(Map<String, Object> row, String name, Rate rate) {
    row.put(name, rate.hits());
    row.put(name + "_low", Cells.rounded(rate.low()));
    row.put(name + "_high", Cells.rounded(rate.high()));
  }
}
