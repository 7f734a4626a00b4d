package io.github.derta.stats;

import io.github.derta.eval.Answers;
import java.nio.file.Path;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** The committed outcomes of the kitchen as a table of answers. */
final class KitchenAnswers {

  private KitchenAnswers() {}

  /**
   * Columns {@code method, seed, attack, question, outcome}; attacks as the old study named them.
   */
  static Table read() {
    Table answers = empty();
    for (Row row : Answers.read(Path.of("..", "notebooks", "kitchen.csv"))) {
      String attack = row.getString("attack");
      String name =
          attack.matches("direct|.*-tokens")
              ? row.getString("kind") + "-" + row.getInt("given")
              : attack.replace("-again", "");
      add(
          answers,
          row.getString("method"),
          row.getInt("seed"),
          name,
          row.getString("question"),
          row.getString("outcome"));
    }
    return answers;
  }

  static Table empty() {
    return Table.create(
        "answers",
        StringColumn.create("method"),
        IntColumn.create("seed"),
        StringColumn.create("attack"),
        StringColumn.create("question"),
        StringColumn.create("outcome"));
  }

  static void add(
      Table answers, String method, int seed, String attack, String question, String outcome) {
    Row row = answers.appendRow();
    row.setString("method", method);
    row.setInt("seed", seed);
    row.setString("attack", attack);
    row.setString("question", question);
    row.setString("outcome", outcome);
  }
}
