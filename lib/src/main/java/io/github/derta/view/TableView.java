package io.github.derta.view;

import io.github.derta.io.BadInput;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import org.owasp.encoder.Encode;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * A table as HTML. A notebook shows a Tablesaw table this way by itself; this type chooses how many
 * rows.
 *
 * @param table the table
 * @param maxRows how many rows are shown, from the first
 */
public record TableView(Table table, int maxRows) {

  /** How many rows of a plain table a notebook shows. */
  public static final int ROWS = 30;

  /** Colours are the page's own, so that light and dark themes both work. */
  private static final String HEAD =
      "<table class=\"derta-table\" style=\"border-collapse:collapse;color:inherit;"
          + "background:none;border:none\">\n";

  // GitHub drops style, JupyterLab's style sheet overrides align: both are needed.
  private static final String CELL = "<%1$s align=\"%2$s\" style=\"text-align:%2$s\">%3$s</%1$s>";

  /** Blanks within {@code 75.0 % [55.1, 88.0]} and {@code (18 of 24)}: each is one word. */
  private static final Pattern WITHIN =
      Pattern.compile(
          "(?<=[\\d%]) (?=%|\\[\\d|of \\d+\\))|(?<=\\[[\\d.]{1,6},|\\(\\d{1,9} of) (?=\\d)");

  /** Throws {@link BadInput} if there is no table or fewer than one row is asked for. */
  public TableView {
    if (table == null || maxRows < 1) {
      throw new BadInput("a table and at least 1 row are needed, not " + maxRows + " of " + table);
    }
  }

  /**
   * Numbers at the right with as many decimals as three or four digits need, text at the left, and
   * "n rows of m" where rows are left out. A wide table may break its headers within CamelCase (not
   * within DeRTa).
   *
   * @return a {@code table} element
   */
  public String toHtml() {
    int rows = Math.min(maxRows, table.rowCount());
    StringBuilder html = new StringBuilder(HEAD).append("<thead><tr>");
    for (Column<?> column : table.columns()) {
      String name = escape(column.name()).replaceAll("(?<=[a-z]{3})(?=[A-Z])", "<wbr>");
      html.append(cell("th", column, name));
    }
    html.append("</tr></thead>\n<tbody>\n");
    int[] decimals = table.columns().stream().mapToInt(TableView::decimals).toArray();
    for (int row = 0; row < rows; row++) {
      html.append("<tr>");
      for (int i = 0; i < decimals.length; i++) {
        String text = text(table.column(i), row, decimals[i]);
        text = escape(WITHIN.matcher(text).replaceAll("\u00a0"));
        html.append(cell("td", table.column(i), text));
      }
      html.append("</tr>\n");
    }
    html.append("</tbody>\n</table>\n");
    if (rows < table.rowCount()) {
      html.append("<p>%d rows of %d</p>\n".formatted(rows, table.rowCount()));
    }
    return html.toString();
  }

  /** The same rows as plain text. */
  @Override
  public String toString() {
    return table.first(Math.min(maxRows, table.rowCount())).printAll();
  }

  private static String text(Column<?> column, int row, int decimals) {
    if (column.isMissing(row)) {
      return "–";
    }
    if (decimals < 0) {
      return column.getString(row);
    }
    double value = ((NumericColumn<?>) column).getDouble(row);
    boolean lost = value != 0 && Math.abs(value) < 0.5 * Math.pow(10, -decimals);
    return String.format(Locale.ROOT, lost ? "%.1e" : "%." + decimals + "f", value);
  }

  /** How many decimals a column needs, or -1 where it is no number or has a format of its own. */
  private static int decimals(Column<?> column) {
    if (!(column instanceof NumericColumn<?> numbers)) {
      return -1;
    }
    for (int row = 0; row < column.size(); row++) {
      if (!column.isMissing(row) && formatted(column.getString(row), numbers.getDouble(row))) {
        return -1;
      }
    }
    double[] values =
        Arrays.stream(numbers.asDoubleArray()).filter(Double::isFinite).map(Math::abs).toArray();
    if (Arrays.stream(values).allMatch(value -> value == Math.rint(value))) {
      return 0;
    }
    // A share of exactly 1 needs no more room than 0.999, nor 100 % more than 99.9.
    double digits = Math.floor(Math.log10(Arrays.stream(values).max().orElse(1) * 0.9999));
    return (int) Math.max(1, Math.min(4, 2 - digits));
  }

  /** Whether a print formatter of the user's changed the number: 0.5 to "50 %" or to "1". */
  private static boolean formatted(String shown, double value) {
    try {
      return Double.parseDouble(shown) != value;
    } catch (NumberFormatException e) {
      return true;
    }
  }

  private static String cell(String tag, Column<?> column, String html) {
    return CELL.formatted(tag, column instanceof NumericColumn ? "right" : "left", html);
  }

  private static String escape(String text) {
    return Encode.forHtmlContent(text);
  }
}
