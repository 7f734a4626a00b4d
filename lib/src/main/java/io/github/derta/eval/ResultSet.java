package io.github.derta.eval;

import io.github.derta.io.BadInput;
import io.github.derta.io.RowWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * What a {@link Study} has found so far, in five small CSV files that may grow over several
 * sittings: what they hold under the hash of a step is not to be made again.
 */
public final class ResultSet {

  /** What is told of a model. */
  public enum Part {
    /** See {@link Outcomes}: every answer of every attack and depth, a letter each. */
    OUTCOMES,
    /** See {@link MethodTables#depth}. */
    DEPTH,
    /** See {@link MethodTables#losses}. */
    LOSSES,
    /** See {@link MethodTables#refusal}. */
    REFUSAL,
    /** See {@link MethodTables#transcript}. */
    TRANSCRIPTS
  }

  private final Path folder;
  private final String name;
  private final List<String> order;
  private final Map<Part, List<Map<String, Object>>> tables = new LinkedHashMap<>();

  private ResultSet(Path folder, String name, List<String> order) {
    this.folder = folder;
    this.name = name;
    this.order = order;
  }

  /**
   * {@return the tables of a study as they were left, or empty ones, in its order of models}
   *
   * @param folder holds them
   * @param study its name is what their names begin with, {@code kitchen} for {@code
   *     kitchen-depth.csv}
   * @throws BadInput if a file is none of this kind
   */
  public static ResultSet open(Path folder, Study study) {
    List<String> order = study.models().stream().map(Study.Model::name).toList();
    ResultSet set = new ResultSet(folder, study.name(), order);
    for (Part part : Part.values()) {
      set.tables.put(part, read(set.file(part)));
    }
    return set;
  }

  private static List<Map<String, Object>> read(Path file) {
    List<Map<String, Object>> rows = new ArrayList<>();
    if (!Files.exists(file)) {
      return rows;
    }
    CSVFormat format = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();
    try (CSVParser parser = CSVParser.parse(file, StandardCharsets.UTF_8, format)) {
      for (CSVRecord record : parser) {
        Map<String, Object> row = new LinkedHashMap<>();
        parser.getHeaderNames().forEach(column -> row.put(column, record.get(column)));
        MethodRun.of(row);
        rows.add(row);
      }
      return rows;
    } catch (IOException | IllegalArgumentException | NullPointerException e) {
      throw new BadInput(
          file + ": no table of methods, with columns method, seed and run in every row", e);
    }
  }

  private Path file(Part part) {
    return folder.resolve(name + "-" + part.name().toLowerCase(Locale.ROOT) + ".csv");
  }

  /**
   * {@return whose rows are there}
   *
   * @param part in which table
   */
  public Set<MethodRun> members(Part part) {
    Set<MethodRun> members = new LinkedHashSet<>();
    tables.get(part).forEach(row -> members.add(MethodRun.of(row)));
    return members;
  }

  /**
   * Forgets rows, of another recipe perhaps.
   *
   * @param unwanted whose
   */
  public void remove(Predicate<MethodRun> unwanted) {
    tables.values().forEach(rows -> rows.removeIf(row -> unwanted.test(MethodRun.of(row))));
  }

  /**
   * Forgets outcomes, of other questions or settings perhaps.
   *
   * @param unwanted which
   */
  public void removeOutcomes(Predicate<Outcomes> unwanted) {
    tables.get(Part.OUTCOMES).removeIf(row -> unwanted.test(Outcomes.of(row)));
  }

  /**
   * Adds rows, in the order of models and seeds; {@link #save} keeps them.
   *
   * @param part their table
   * @param rows what is not in it yet
   */
  public void add(Part part, List<Map<String, Object>> rows) {
    tables.get(part).addAll(rows);
    tables
        .get(part)
        .sort(
            Comparator.comparingInt(
                    (Map<String, Object> row) -> order.indexOf(MethodRun.of(row).method()))
                .thenComparingLong(row -> MethodRun.of(row).seed()));
  }

  /**
   * Puts what is known of a model now in place of what the table holds of it.
   *
   * @param part the table
   * @param who the model
   * @param rows its rows
   */
  public void replace(Part part, MethodRun who, List<Map<String, Object>> rows) {
    tables.get(part).removeIf(row -> MethodRun.of(row).equals(who));
    add(part, rows);
  }

  /**
   * {@return the rows of a table}
   *
   * @param part which
   */
  public List<Map<String, Object>> rows(Part part) {
    return List.copyOf(tables.get(part));
  }

  /**
   * Writes every table that has rows, each to a temporary name and moved. A step counts as done by
   * its rows in the first of them, so that one is written last.
   *
   * @throws IOException if it cannot be written
   */
  public void save() throws IOException {
    List<Part> parts = new ArrayList<>(List.of(Part.values()));
    parts.sort(Comparator.reverseOrder());
    for (Part part : parts) {
      if (!tables.get(part).isEmpty() || Files.exists(file(part))) {
        RowWriter.save(file(part), tables.get(part));
      }
    }
  }
}
