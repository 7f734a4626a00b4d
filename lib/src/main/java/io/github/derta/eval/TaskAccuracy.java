package io.github.derta.eval;

import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.position.Prompts;
import io.github.derta.stats.Rate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
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
    Map<String, String> answers = new TreeMap<>();
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
    List<double[]> points = // [response, rule]
        read(
            file,
            line -> {
              String question = Prompts.prompt(line);
              String response = line.text("response");
              String answer =
                  line.value().has("answer")
                      ? line.text("answer")
                      : answers.getOrDefault(Prompts.withoutSpace(question), "");
              try {
                return rules.stream()
                    .map(rule -> rule.right(question, response, answer))
                    .mapToDouble(one -> one.map(right -> right ? 1.0 : 0.0).orElse(Double.NaN))
                    .toArray();
              } catch (BadInput e) {
                throw BadInput.at(file, line.number(), e.getMessage());
              }
            });
    Map<String, double[]> byRule = new LinkedHashMap<>();
    for (AnswerRule rule : rules) {
      int i = byRule.size();
      byRule.put(rule.toString(), points.stream().mapToDouble(row -> row[i]).toArray());
    }
    return byRule;
  }

  static <T> List<T> read(Path file, Function<JsonLines.Line, T> record) {
    List<T> all = new ArrayList<>();
    JsonLines.read(file, line -> all.add(record.apply(line)));
    if (all.isEmpty()) {
      throw new BadInput(file + ": holds no response");
    }
    return all;
  }

  /**
   * The same of points; the interval is that of whole points, rounded outwards.
   *
   * @param points by rule, of each response: 1 right, 0.5 a tie, 0 wrong, NaN invalid
   */
  static Table rates(String name, Map<String, double[]> points) {
    return points.entrySet().stream()
        .map(rule -> rate(name, rule.getKey(), DoubleColumn.create("points", rule.getValue())))
        .reduce(Table::append)
        .orElseThrow();
  }

  private static Table rate(String name, String rule, DoubleColumn points) {
    double hits = points.sum();
    return Table.create(
        "right answers",
        StringColumn.create("file", name),
        StringColumn.create("rule", rule),
        IntColumn.create("invalid", IntStream.of(points.countMissing())),
        DoubleColumn.create("hits", hits),
        LongColumn.create("n", LongStream.of(points.size())),
        DoubleColumn.create("share", hits / points.size()),
        DoubleColumn.create("low", new Rate((long) Math.floor(hits), points.size()).low()),
        DoubleColumn.create("high", new Rate((long) Math.ceil(hits), points.size()).high()));
  }
}
