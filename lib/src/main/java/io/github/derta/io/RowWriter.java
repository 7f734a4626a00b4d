package io.github.derta.io;

import com.fasterxml.jackson.core.JsonGenerator;
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
import org.apache.commons.csv.CSVPrinter;
import tech.tablesaw.api.Table;

/** Writes rows as they come. The first row's names are the columns. */
public interface RowWriter extends AutoCloseable {

  /** How rows look. */
  enum Format {
    /** Columns aligned for a reader, numbers to the right. */
    TABLE,
    /** Comma-separated with a header, {@code \n} at the end of a line. */
    CSV,
    /** One JSON array of objects. */
    JSON
  }

  /**
   * Writes one row.
   *
   * @param row values by column, in the columns' order; {@code null} leaves a cell empty
   * @throws IOException if it cannot be written
   */
  void write(Map<String, ?> row) throws IOException;

  /** Writes what is left. The writer below stays open. */
  @Override
  void close() throws IOException;

  /**
   * {@return a writer of rows}
   *
   * @param format how rows look
   * @param out where to
   * @throws IOException if it cannot be written
   */
  static RowWriter to(Writer out, Format format) throws IOException {
    return switch (format) {
      case TABLE -> new AlignedRows(out);
      case CSV -> csv(out);
      case JSON -> json(out);
    };
  }

  /**
   * Writes rows to standard output.
   *
   * @param format how rows look
   * @param rows all of them
   * @throws IOException if they cannot be written
   */
  static void print(Format format, List<Map<String, Object>> rows) throws IOException {
    Writer stdout = new OutputStreamWriter(System.out, StandardCharsets.UTF_8);
    writeAll(stdout, format, rows);
    stdout.flush();
  }

  /**
   * Writes a table to standard output, fractions with four digits.
   *
   * @param format how rows look
   * @param table all of it
   * @throws IOException if it cannot be written
   */
  static void print(Format format, Table table) throws IOException {
    print(format, Tables.rows(table));
  }

  /**
   * Writes rows as CSV, to a temporary name, and moves it.
   *
   * @param file replaced if it is there
   * @param rows all of them
   * @throws IOException if it cannot be written
   */
  static void save(Path file, List<Map<String, Object>> rows) throws IOException {
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

  private static RowWriter csv(Writer out) throws IOException {
    CSVPrinter printer =
        new CSVPrinter(out, CSVFormat.DEFAULT.builder().setRecordSeparator("\n").get());
    return new RowWriter() {
      private boolean begun;

      @Override
      public void write(Map<String, ?> row) throws IOException {
        if (!begun) {
          printer.printRecord(row.keySet());
          begun = true;
        }
        printer.printRecord(row.values());
      }

      @Override
      public void close() throws IOException {
        printer.flush();
      }
    };
  }

  private static RowWriter json(Writer out) throws IOException {
    JsonGenerator json =
        JsonLines.MAPPER
            .getFactory()
            .createGenerator(out)
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    json.writeStartArray();
    return new RowWriter() {
      @Override
      public void write(Map<String, ?> row) throws IOException {
        json.writeRaw('\n');
        json.writePOJO(row);
      }

      @Override
      public void close() throws IOException {
        json.writeRaw('\n');
        json.writeEndArray();
        json.writeRaw('\n');
        json.close();
      }
    };
  }

  /** A table; widths are those of the rows at hand, and grow with later blocks of rows. */
  final class AlignedRows implements RowWriter {

    /** Rows that are looked at before the first is printed. */
    private static final int BLOCK = 500;

    private final Writer out;
    private final List<List<Object>> rows = new ArrayList<>();
    private int[] widths = {};
    private boolean[] right = {};

    private AlignedRows(Writer out) {
      this.out = out;
    }

    @Override
    public void write(Map<String, ?> row) throws IOException {
      if (widths.length == 0) {
        widths = new int[row.size()];
        right = new boolean[row.size()];
        add(row.keySet());
      }
      add(row.values());
      if (rows.size() >= BLOCK) {
        print();
      }
    }

    @Override
    public void close() throws IOException {
      print();
      out.flush();
    }

    private void add(Collection<?> cells) {
      List<Object> row = new ArrayList<>(cells);
      for (int i = 0; i < widths.length; i++) {
        right[i] |= row.get(i) instanceof Number;
        widths[i] = Math.max(widths[i], text(row.get(i)).length());
      }
      rows.add(row);
    }

    private void print() throws IOException {
      for (List<Object> row : rows) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
          String cell = text(row.get(i));
          String gap = " ".repeat(widths[i] - cell.length());
          line.append(right[i] ? gap + cell : cell + gap).append("  ");
        }
        out.write(line.toString().stripTrailing() + "\n");
      }
      rows.clear();
    }

    private static String text(Object cell) {
      return Objects.toString(cell, "");
    }
  }
}
