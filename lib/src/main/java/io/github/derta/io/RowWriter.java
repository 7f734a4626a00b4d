package io.github.derta.io;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.csv.CSVFormat;
import tech.tablesaw.api.Table;

/** Writes rows as they come. The first row's names are the columns. */
public final class RowWriter implements AutoCloseable {

  /** How rows look. */
  public enum Format {
    /** Columns aligned for a reader, numbers to the right. */
    TABLE,
    /** Comma-separated with a header, {@code \n} at the end of a line. */
    CSV,
    /** One JSON array of objects. */
    JSON
  }

  /**
   * Rows of a table that are looked at before the first is printed; widths grow with later ones.
   */
  private static final int BLOCK = 500;

  private static final CSVFormat CSV = CSVFormat.DEFAULT.builder().setRecordSeparator("\n").get();

  private final Writer out;
  private final Format format;
  private boolean begun;
  private final List<List<Object>> block = new ArrayList<>();
  private int[] widths;
  private boolean[] right;

  private RowWriter(Writer out, Format format) {
    this.out = out;
    this.format = format;
  }

  /**
   * {@return a writer of rows}
   *
   * @param format how rows look
   * @param out where to; it stays open
   */
  public static RowWriter to(Writer out, Format format) {
    return new RowWriter(out, format);
  }

  /**
   * Writes rows to standard output.
   *
   * @param format how rows look
   * @param rows all of them
   * @throws IOException if they cannot be written
   */
  public static void print(Format format, List<Map<String, Object>> rows) throws IOException {
    writeAll(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), format, rows);
  }

  /**
   * Writes a table to standard output, fractions with four digits.
   *
   * @param format how rows look
   * @param table all of it
   * @throws IOException if it cannot be written
   */
  public static void print(Format format, Table table) throws IOException {
    print(format, Tables.rows(table));
  }

  /**
   * Writes rows as CSV, to a temporary name, and moves it.
   *
   * @param file replaced if it is there
   * @param rows all of them
   * @throws IOException if it cannot be written
   */
  public static void save(Path file, List<Map<String, Object>> rows) throws IOException {
    AtomicFile.write(file, out -> writeAll(out, Format.CSV, rows));
  }

  private static void writeAll(Writer out, Format format, List<Map<String, Object>> rows)
      throws IOException {
    try (RowWriter writer = to(out, format)) {
      for (Map<String, Object> row : rows) {
        writer.write(row);
      }
    }
  }

  /**
   * Writes one row.
   *
   * @param row values by column, in the columns' order; {@code null} leaves a cell empty
   * @throws IOException if it cannot be written
   */
  public void write(Map<String, ?> row) throws IOException {
    if (format == Format.JSON) {
      out.write((begun ? "\n," : "[\n") + JsonLines.MAPPER.writeValueAsString(row));
    } else {
      if (!begun) {
        widths = new int[row.size()];
        right = new boolean[row.size()];
        writeCells(row.keySet());
      }
      writeCells(row.values());
    }
    begun = true;
  }

  private void writeCells(Collection<?> cells) throws IOException {
    if (format == Format.CSV) {
      CSV.printRecord(out, cells.toArray());
      return;
    }
    List<Object> row = new ArrayList<>(cells);
    for (int i = 0; i < widths.length; i++) {
      right[i] |= row.get(i) instanceof Number;
      widths[i] = Math.max(widths[i], text(row.get(i)).length());
    }
    block.add(row);
    if (block.size() >= BLOCK) {
      writeBlock();
    }
  }

  private void writeBlock() throws IOException {
    for (List<Object> row : block) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String cell = text(row.get(i));
        String gap = " ".repeat(widths[i] - cell.length());
        line.append(right[i] ? gap + cell : cell + gap).append("  ");
      }
      out.write(line.toString().stripTrailing() + "\n");
    }
    block.clear();
  }

  private static String text(Object cell) {
    return Objects.toString(cell, "");
  }

  /** Writes what is left. The writer below stays open. */
  @Override
  public void close() throws IOException {
    if (format == Format.JSON) {
      out.write((begun ? "" : "[") + "\n]\n");
    }
    writeBlock();
    out.flush();
  }
}
