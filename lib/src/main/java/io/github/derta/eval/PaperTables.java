package io.github.derta.eval;

import io.github.derta.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import tech.tablesaw.api.Table;

/**
 * The paper's figures (arXiv 2407.09121), in percent, to be set beside others, never mixed with
 * them.
 */
public final class PaperTables {

  /** The six attacks, as the paper's tables have them from left to right. */
  public static final List<String> ATTACKS =
      List.of("CodeAttack", "PAIR", "JailbreakChat", "SelfCipher", "CompletingAttack", "AutoDAN");

  private static final String CSV = "paper-tables.csv";

  private PaperTables() {}

  /** Every line, whatever table it is of. */
  static List<CSVRecord> all() {
    CSVFormat format = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();
    try {
      return CSVParser.parse(Resources.text(PaperTables.class, CSV), format).getRecords();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * {@return a table of the paper: {@code model, method}, the attack success rate of each attack,
   * and in Tables 2 and 10 three scores of helpfulness; missing where the paper gives none}
   *
   * @param source {@code Table 2}, {@code Table 4} or {@code Table 10}
   */
  public static Table of(String source) {
    Table all = Table.read().csv(Resources.text(PaperTables.class, CSV), "the paper's " + source);
    return all.where(all.stringColumn("source").isEqualTo(source)).removeColumns("source");
  }
}
