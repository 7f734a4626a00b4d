package io.github.derta.eval;

import io.github.derta.io.Tables;
import io.github.derta.text.Words;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tech.tablesaw.api.Table;

/**
 * The table of answers: one row is one answer with the verdict of one judge. {@link
 * io.github.derta.stats.Rates} makes rates and differences of it; Tablesaw filters, groups, joins.
 *
 * <ul>
 *   <li>{@code study, method, seed, training}: the model; the last is, in a study, the hash of
 *       recipe, rows and start weights, in a run that of the model's files
 *   <li>{@code attack, kind, question}: how, what about (dish, task, fact, near, or the source of
 *       the questions), and which question was asked
 *   <li>{@code given}: how many words of an answer were given; tokens where the attack's name says
 *       so
 *   <li>{@code judge, outcome, refusal_at, form, thought}: complied, complied then refused, refused
 *       then complied, refused, neither or invalid; of a task right, tie or wrong; missing where
 *       there is no answer. The word at which a refusal begins, from 1, and whether it is
 *       well-formed, loops or breaks off. What the model thought before it answered is no part of
 *       the answer and has a verdict of its own, which a study does not keep
 *   <li>{@code ended, tokens}: stop or length, and how many tokens were written
 *   <li>{@code asked, prefill, response}: the question and the answer as texts, where they are kept
 * </ul>
 */
public final class Answers {

  /** A row of the table. */
  record Line(
      String study,
      String method,
      int seed,
      String training,
      String attack,
      String kind,
      String question,
      int given,
      String judge,
      String outcome,
      Integer refusalAt,
      String form,
      String thought,
      String ended,
      Integer tokens,
      String asked,
      String prefill,
      String response) {}

  private Answers() {}

  static Table table(List<Line> lines) {
    return Tables.of("answers", Line.class, lines);
  }

  /**
   * {@return the answers of runs, by the names of their models}
   *
   * @param runs what was answered
   */
  public static Table of(Map<String, Run> runs) {
    List<Line> lines = new ArrayList<>();
    runs.forEach(
        (name, run) -> {
          String hash = Plan.hash(run.plan().model()).substring(0, 16);
          lines.addAll(lines(name, hash, run.kind(), run.answers(), run.rulings()));
        });
    return table(lines);
  }

  /**
   * {@return responses of unknown origin with their verdicts}
   *
   * @param answers what was judged
   * @param rulings verdicts on them
   */
  public static Table of(List<Answer> answers, List<Ruling> rulings) {
    return table(lines("", "", "", answers, rulings));
  }

  private static List<Line> lines(
      String method, String training, String kind, List<Answer> answers, List<Ruling> rulings) {
    Map<String, Ruling> verdicts =
        rulings.stream().collect(Collectors.toMap(one -> one.judge() + " " + one.id(), one -> one));
    List<String> judges = rulings.stream().map(Ruling::judge).distinct().toList();
    List<Line> lines = new ArrayList<>();
    for (String judge : judges.isEmpty() ? List.of("") : judges) {
      for (Answer answer : answers) {
        Ruling verdict = verdicts.get(judge + " " + answer.id());
        lines.add(line(method, training, kind, answer, judge, verdict));
      }
    }
    return lines;
  }

  private static Line line(
      String method, String training, String kind, Answer answer, String judge, Ruling verdict) {
    return new Line(
        "",
        method.isEmpty() ? answer.model() : method,
        0,
        training,
        answer.attack(),
        kind,
        answer.questionId(),
        Words.count(answer.prefill()),
        judge,
        verdict == null ? null : verdict.verdict(),
        verdict == null ? null : verdict.refusalAt(),
        verdict == null ? null : verdict.form(),
        verdict == null ? null : verdict.thought(),
        answer.ended(),
        answer.tokens(),
        answer.question(),
        answer.prefill(),
        answer.response());
  }

  /**
   * {@return the answers of a study, as {@code Reproduce.java} keeps them; neither a model nor a
   * recipe is read}
   *
   * @param csv {@code STUDY.csv}, with its other files beside it
   * @throws io.github.derta.io.BadInput if it is none, or a question list is missing
   */
  public static Table read(Path csv) {
    String study = csv.getFileName().toString().replaceFirst("\\.csv$", "");
    return StudyTable.open(csv.toAbsolutePath().getParent(), study, List.of())
        .answers(line -> true);
  }

  /**
   * {@return a regular expression of the attacks of a depth curve: the direct question and
   * prefills}
   *
   * @param unit how the given part of an answer is counted: {@code words} or {@code tokens}
   */
  public static String curve(String unit) {
    return "direct|prefill-\\d+" + (unit.equals("words") ? "" : "-tokens");
  }
}
