package io.github.derta.eval;

import io.github.derta.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * The paper's figures (arXiv 2407.09121), in percent, to be set beside others, never mixed with
 * them.
 */
public final class PaperTables {

  /** The six attacks, as the paper's tables have them from left to right. */
  public static final List<String> ATTACKS =
      List.of("CodeAttack", "PAIR", "JailbreakChat", "SelfCipher", "CompletingAttack", "AutoDAN");

  private static final List<CSVRecord> ALL = read();

  private PaperTables() {}

  private static List<CSVRecord> read() {
    CSVFormat format = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();
    try {
      return CSVParser.parse(Resources.text(PaperTables.class, "paper-tables.csv"), format)
          .getRecords();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every line, whatever table it is of. */
  static List<CSVRecord> all() {
    return ALL;
  }

  /**
   * {@return a table of the paper: {@code model, method}, the attack success rate of each attack,
   * and in Tables 2 and 10 three scores of helpfulness; null where the paper gives none}
   *
   * @param source {@code Table 2}, {@code Table 4} or {@code Table 10}
   */
  public static List<Map<String, Object>> rows(String source) {
    return ALL.stream()
        .filter(line -> line.get("source").equals(source))
        .map(PaperTables::row)
        .toList();
  }

  private static Map<String, Object> row(CSVRecord line) {
    Map<String, Object> row = new LinkedHashMap<>();
    line.toMap()
        .forEach(
            (column, value) -> {
              boolean name = column.equals("model") || column.equals("method");
              if (!column.equals("source")) {
                row.put(column, name ? value : value.isEmpty() ? null : Double.valueOf(value));
              }
            });
    return row;
  }
}
