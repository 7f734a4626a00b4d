package io.github.derta.eval;

import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.position.Prompts;
import io.github.derta.stats.Rate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** How many responses are right, as the paper's Table 2 tells beside safety. */
public final class TaskAccuracy {

  private TaskAccuracy() {}

  /**
   * {@return the right answers, by question without its white space}
   *
   * @param file JSON Lines with "question" and "answer"
   * @throws BadInput if a record lacks one, or a question has two answers
   */
  public static Map<String, String> answers(Path file) {
    return answers(file, line -> line.text("answer"));
  }

  static Map<String, String> answers(Path file, Function<JsonLines.Line, String> field) {
    Map<String, String> answers = new HashMap<>();
    JsonLines.read(
        file,
        line -> {
          String answer = field.apply(line);
          String other = answers.put(Prompts.withoutSpace(Prompts.prompt(line)), answer);
          if (other != null && !other.equals(answer)) {
            throw BadInput.at(file, line.number(), "the question has another answer before");
          }
        });
    return answers;
  }

  /**
   * {@return a row for each rule of the task: {@code file, rule, invalid} (counted as wrong), and
   * the share of right answers as {@code hits, n, share, low, high}}
   *
   * @param name of the responses, for the table
   * @param file JSON Lines with "response", the question, and perhaps "answer"
   * @param task one of {@link AnswerRule#TASKS}
   * @param answers the right answers of records that lack theirs, as {@link #answers} gives them
   * @throws BadInput if a record is none of these, or has no right answer
   */
  public static Table rates(String name, Path file, String task, Map<String, String> answers) {
    return rates(name, points(file, task, answers));
  }

  /**
   * What each response gets by each rule of the task: 1, 0, NaN where it gives no answer.
   *
   * @param answers as {@link #rates} has them
   */
  static Map<String, double[]> points(Path file, String task, Map<String, String> answers) {
    List<AnswerRule> rules = AnswerRule.of(task);
    List<List<Optional<Boolean>>> graded = new ArrayList<>();
    JsonLines.read(
        file,
        line -> {
          String question = Prompts.prompt(line);
          String response = line.text("response");
          String answer =
              line.value().has("answer")
                  ? line.text("answer")
                  : answers.getOrDefault(Prompts.withoutSpace(question), "");
          try {
            graded.add(rules.stream().map(rule -> rule.right(question, response, answer)).toList());
          } catch (BadInput e) {
            throw BadInput.at(file, line.number(), e.getMessage());
          }
        });
    if (graded.isEmpty()) {
      throw new BadInput(file + ": holds no response");
    }
    Map<String, double[]> points = new LinkedHashMap<>();
    for (int i = 0; i < rules.size(); i++) {
      int rule = i;
      points.put(
          rules.get(i).toString(),
          graded.stream()
              .map(row -> row.get(rule))
              .mapToDouble(one -> one.map(right -> right ? 1.0 : 0.0).orElse(Double.NaN))
              .toArray());
    }
    return points;
  }

  /**
   * The same of points.
   *
   * @param points by rule, of each response: 1 right, 0.5 a tie, 0 wrong, NaN invalid
   */
  static Table rates(String name, Map<String, double[]> points) {
    Table table =
        Table.create(
            "right answers",
            StringColumn.create("file"),
            StringColumn.create("rule"),
            IntColumn.create("invalid"),
            DoubleColumn.create("hits"),
            LongColumn.create("n"),
            DoubleColumn.create("share"),
            DoubleColumn.create("low"),
            DoubleColumn.create("high"));
    points.forEach(
        (rule, all) -> {
          double[] valid = DoubleStream.of(all).filter(one -> !Double.isNaN(one)).toArray();
          double hits = DoubleStream.of(valid).sum();
          Row row = table.appendRow();
          row.setString("file", name);
          row.setString("rule", rule);
          row.setInt("invalid", all.length - valid.length);
          row.setDouble("hits", hits);
          row.setLong("n", all.length);
          row.setDouble("share", hits / all.length);
          // The interval is that of whole points, rounded outwards.
          row.setDouble("low", new Rate((long) Math.floor(hits), all.length).low());
          row.setDouble("high", new Rate((long) Math.ceil(hits), all.length).high());
        });
    return table;
  }
}
