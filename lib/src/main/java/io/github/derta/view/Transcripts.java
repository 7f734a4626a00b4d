package io.github.derta.view;

import io.github.derta.eval.Answer;
import io.github.derta.eval.Ruling;
import io.github.derta.eval.RunResults;
import io.github.derta.text.Redaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Answers for the browser of a page, which {@code report.js} reads: texts once each, since all
 * models are asked the same, and rows of numbers that name them.
 */
final class Transcripts {

  private final Map<String, Integer> texts = new LinkedHashMap<>();
  private final List<List<Integer>> rows = new ArrayList<>();
  private final String judge;

  Transcripts(String judge) {
    this.judge = judge;
  }

  /** Adds a run. What the redaction hides is nowhere on the page. */
  void add(String model, RunResults run, Redaction redaction) {
    Map<String, Map<String, Ruling>> rulings = new HashMap<>(); // by answer and judge
    run.rulings()
        .forEach(
            one -> rulings.computeIfAbsent(one.id(), id -> new TreeMap<>()).put(one.judge(), one));
    for (Answer answer : run.answers()) {
      Map<String, Ruling> said = rulings.getOrDefault(answer.id(), Map.of());
      Ruling ours = said.get(judge);
      String response = redaction.apply(answer.response());
      rows.add(
          List.of(
              text(model),
              text(answer.attack()),
              text(answer.questionId()),
              text(ours == null ? "not judged" : ours.verdict()),
              text(judgements(said)),
              text(redaction.apply(answer.prompt())),
              text(redaction.apply(answer.prefill())),
              text(response),
              TranscriptView.refusalAt(response)));
    }
  }

  private static String judgements(Map<String, Ruling> said) {
    List<String> all = new ArrayList<>();
    said.forEach(
        (name, ruling) ->
            all.add(
                name
                    + ": "
                    + ruling.verdict()
                    + (ruling.refusalAt() == null
                        ? ""
                        : ", refusal at word " + ruling.refusalAt())));
    return String.join(" · ", all);
  }

  private int text(String text) {
    return texts.computeIfAbsent(text, none -> texts.size());
  }

  int size() {
    return rows.size();
  }

  String toJson() {
    return ReportParts.inScript(Map.of("texts", texts.keySet(), "rows", rows));
  }
}
