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
   * {@return rows of a table, one for each rule of the task: {@code file}, {@code n}, {@code
   * invalid} (counted as wrong), {@code accuracy} with its interval, {@code rule}}
   *
   * @param name of the responses, for the table
   * @param file JSON Lines with "response", the question, and perhaps "answer"
   * @param task one of {@link AnswerRule#TASKS}
   * @param answers the right answers of records that lack theirs, as {@link #answers} gives them
   * @throws BadInput if a record is none of these, or has no right answer
   */
  public static List<Map<String, Object>> rows(
      String name, Path file, String task, Map<String, String> answers) {
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
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      int rule = i;
      List<Optional<Boolean>> column = graded.stream().map(row -> row.get(rule)).toList();
      long right = column.stream().filter(one -> one.orElse(false)).count();
      long invalid = column.stream().filter(Optional::isEmpty).count();
      rows.add(row(name, column.size(), invalid, right, rules.get(i).toString()));
    }
    return rows;
  }

  /**
   * A row of the table.
   *
   * @param points right answers; where halves count, the interval is rounded outwards to whole ones
   */
  static Map<String, Object> row(String file, int n, long invalid, double points, String rule) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("file", file);
    row.put("n", (long) n);
    row.put("invalid", invalid);
    row.put("accuracy", Cells.rounded(points / n));
    row.put("low", Cells.rounded(new Rate((long) Math.floor(points), n).low()));
    row.put("high", Cells.rounded(new Rate((long) Math.ceil(points), n).high()));
    row.put("rule", rule);
    return row;
  }
}
