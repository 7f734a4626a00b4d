package io.github.derta.eval;

import io.github.derta.text.Words;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * The table of answers: one row is one answer with the verdict of one judge. {@link
 * io.github.derta.stats.Rates} makes rates and differences of it; Tablesaw filters, groups, joins.
 *
 * <ul>
 *   <li>{@code study, method, seed, run}: the model; the last is a hash of all that decides its
 *       answers; the first is empty for a run that is of no study
 *   <li>{@code attack, kind, question}: how, what about (dish, task, fact, near, or the source of
 *       the questions), and which question was asked
 *   <li>{@code given}: how much of an answer was given, in words, or in tokens where the attack's
 *       name says so
 *   <li>{@code judge, outcome, refusal_at}: complied, refused, neither or invalid; of a task right,
 *       tie or wrong; missing where there is no answer. The word at which a refusal begins, from 1
 *   <li>{@code ended, tokens}: stop or length, and how many tokens were written
 *   <li>{@code asked, prefill, response}: the question and the answer as texts, where they are kept
 * </ul>
 */
public final class Answers {

  private final Table table =
      Table.create(
          "answers",
          StringColumn.create("study"),
          StringColumn.create("method"),
          IntColumn.create("seed"),
          StringColumn.create("run"),
          StringColumn.create("attack"),
          StringColumn.create("kind"),
          StringColumn.create("question"),
          IntColumn.create("given"),
          StringColumn.create("judge"),
          StringColumn.create("outcome"),
          IntColumn.create("refusal_at"),
          StringColumn.create("ended"),
          IntColumn.create("tokens"),
          StringColumn.create("asked"),
          StringColumn.create("prefill"),
          StringColumn.create("response"));

  private final String study;

  Answers(String study) {
    this.study = study;
  }

  /**
   * {@return the answers of runs, by the names of their models}
   *
   * @param runs what was answered
   */
  public static Table of(Map<String, Run> runs) {
    Answers all = new Answers("");
    runs.forEach(
        (name, run) -> {
          String hash = Plan.hash(run.plan().model()).substring(0, 16);
          all.add(name, hash, run.kind(), run.answers(), run.rulings());
        });
    return all.table;
  }

  /**
   * {@return responses of unknown origin with their verdicts}
   *
   * @param answers what was judged
   * @param rulings verdicts on them
   */
  public static Table of(List<Answer> answers, List<Ruling> rulings) {
    Answers all = new Answers("");
    all.add("", "", "", answers, rulings);
    return all.table;
  }

  private void add(
      String method, String run, String kind, List<Answer> answers, List<Ruling> rulings) {
    Map<String, Answer> byId =
        answers.stream().collect(Collectors.toMap(Answer::id, one -> one, (one, same) -> one));
    for (Ruling ruling : rulings) {
      Answer answer = byId.get(ruling.id());
      Row row = add(method, 0, run, answer.attack(), kind, answer.questionId());
      row.setInt("given", Words.count(answer.prefill()));
      row.setString("judge", ruling.judge());
      row.setString("outcome", ruling.verdict());
      set(row, "refusal_at", ruling.refusalAt());
      row.setString("ended", answer.ended() == null ? "" : answer.ended());
      set(row, "tokens", answer.tokens());
      row.setString("asked", answer.question());
      row.setString("prefill", answer.prefill());
      row.setString("response", answer.response());
    }
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
    return StudyTable.open(csv.toAbsolutePath().getParent(), study, List.of()).answers();
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

  /** A new row, of which outcome and texts are still missing. */
  Row add(String method, long seed, String run, String attack, String kind, String question) {
    Row row = table.appendRow();
    row.setString("study", study);
    row.setString("method", method);
    row.setInt("seed", (int) seed);
    row.setString("run", run);
    row.setString("attack", attack);
    row.setString("kind", kind);
    row.setString("question", question);
    return row;
  }

  static void set(Row row, String column, Integer value) {
    if (value != null) {
      row.setInt(column, value);
    }
  }

  Table table() {
    return table;
  }
}
