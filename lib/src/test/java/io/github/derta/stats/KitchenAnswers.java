package io.github.derta.stats;

import java.nio.file.Path;
import java.util.Map;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.io.csv.CsvReadOptions;

/** The committed outcomes of the kitchen as a table of answers. */
final class KitchenAnswers {

  private static final Map<Character, String> OUTCOMES =
      Map.of('B', "complied", 'R', "refused", 'N', "neither", 'I', "invalid");

  private KitchenAnswers() {}

  /** Columns {@code method, seed, attack, question, outcome}. */
  static Table read() {
    Table answers = empty();
    Path file = Path.of("..", "notebooks", "kitchen-outcomes.csv");
    for (Row row : Table.read().usingOptions(CsvReadOptions.builder(file.toFile()))) {
      String letters = row.getString("outcomes");
      for (int i = 0; i < letters.length(); i++) {
        add(
            answers,
            row.getString("method"),
            row.getInt("seed"),
            row.getString("measure"),
            row.getString("asked") + "-" + i,
            OUTCOMES.getOrDefault(letters.charAt(i), ""));
      }
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
