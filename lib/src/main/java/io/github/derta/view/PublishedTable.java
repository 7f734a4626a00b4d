package io.github.derta.view;

import io.github.derta.io.BadInput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;
import tech.tablesaw.selection.BitmapBackedSelection;
import tech.tablesaw.selection.Selection;

/**
 * The facts about the published responses of the paper's public repository (commit 70bdb52), which
 * {@code PublishedPositions.java} counted, with the model and method that each file's name tells.
 */
public final class PublishedTable {

  private static final Pattern LLAMA = Pattern.compile("(?i)llama-3-(8|70)B(-ins)?");

  private static final List<String> METHODS =
      List.of("vanilla", "harmful prefix", "DeRTa", "DPO", "as released");

  /** The paper's names of the attacks by the folders of its public repository. */
  private static final Map<String, String> ATTACKS =
      Map.of(
          "autodan", "AutoDAN",
          "codeattack", "CodeAttack",
          "completionattack", "CompletingAttack",
          "jailbreakchat", "JailbreakChat",
          "selfcipher", "SelfCipher");

  private PublishedTable() {}

  /**
   * Reads a table of facts.
   *
   * @param csv a file with at least the columns {@code attack} and {@code file}
   * @return its table with the columns {@code model} and {@code method} added, vanilla first, and
   *     the attacks named as in the paper
   * @throws BadInput if the file or one of the two columns is missing
   */
  public static Table read(Path csv) {
    if (!Files.isRegularFile(csv)) {
      throw new BadInput(csv + ": no such file; PublishedPositions.java makes it");
    }
    Table table = Table.read().csv(csv.toFile());
    Column<?> folder = Columns.find(table, "attack");
    StringColumn attack = StringColumn.create("attack");
    StringColumn model = StringColumn.create("model");
    StringColumn method = StringColumn.create("method");
    for (int row = 0; row < table.rowCount(); row++) {
      String file = Columns.find(table, "file").getString(row);
      model.append(model(file));
      attack.append(ATTACKS.getOrDefault(folder.getString(row), folder.getString(row)));
      method.append(method(file));
    }
    table.replaceColumn("attack", attack).addColumns(model, method);
    Table ordered = table.emptyCopy();
    METHODS.forEach(name -> ordered.append(table.where(method.isEqualTo(name))));
    return ordered;
  }

  /**
   * Who was attacked how.
   *
   * @param responses what {@link #read} returns
   * @return one row a model and method, one column an attack, the number of responses in each cell;
   *     missing where there are none
   */
  public static Table overview(Table responses) {
    List<String> attacks = Columns.names(responses, "attack");
    Map<List<String>, Map<String, Integer>> counts =
        new TreeMap<>(Comparator.comparing(List::toString));
    for (Row row : responses) {
      counts
          .computeIfAbsent(
              List.of(row.getString("model"), row.getString("method")), k -> new HashMap<>())
          .merge(row.getString("attack"), 1, Integer::sum);
    }
    Table table =
        Table.create("responses", StringColumn.create("model"), StringColumn.create("method"));
    attacks.forEach(attack -> table.addColumns(IntColumn.create(attack)));
    counts.forEach(
        (who, byAttack) -> {
          Row row = table.appendRow();
          row.setString("model", who.get(0));
          row.setString("method", who.get(1));
          byAttack.forEach(row::setInt);
        });
    return table;
  }

  /**
   * The responses without some of them.
   *
   * @param responses one row a response, with {@code attack, file, index}
   * @param some rows with the same three columns
   * @return the rows of {@code responses} that stand for none of {@code some}
   */
  public static Table without(Table responses, Table some) {
    Set<List<Object>> left = new HashSet<>();
    some.forEach(row -> left.add(key(row)));
    Selection kept = new BitmapBackedSelection();
    responses.stream()
        .filter(row -> !left.contains(key(row)))
        .forEach(row -> kept.add(row.getRowNumber()));
    return responses.where(kept);
  }

  private static List<Object> key(Row row) {
    return List.of(row.getString("attack"), row.getString("file"), row.getInt("index"));
  }

  /**
   * The model that a file's name tells.
   *
   * @param file a file name under results/safety
   * @return the model as the paper names it, such as {@code LLaMA3-70B-Instruct}
   * @throws BadInput if the name tells none
   */
  static String model(String file) {
    if (file.contains("gpt-4")) {
      return "GPT-4";
    }
    if (file.contains("gpt-3.5")) {
      return "ChatGPT";
    }
    Matcher llama = LLAMA.matcher(file);
    if (!llama.find()) {
      throw new BadInput("file name " + file + ": tells no model");
    }
    return "LLaMA3-" + llama.group(1) + "B" + (llama.group(2) == null ? "" : "-Instruct");
  }

  /**
   * The training method that a file's name tells.
   *
   * @param file a file name under results/safety
   * @return {@code vanilla, harmful prefix, DeRTa, DPO}, or {@code as released}
   */
  static String method(String file) {
    record Mark(String inName, String method) {}
    return List.of(
            new Mark("vanil", "vanilla"),
            new Mark("recaug", "harmful prefix"),
            new Mark("dpo", "DPO"),
            new Mark("derta", "DeRTa"),
            new Mark("ours", "DeRTa"))
        .stream()
        .filter(mark -> file.contains(mark.inName()))
        .map(Mark::method)
        .findFirst()
        .orElse("as released");
  }
}
