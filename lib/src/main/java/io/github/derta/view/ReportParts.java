package io.github.derta.view;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.derta.io.JsonLines;
import org.owasp.encoder.Encode;
import tech.tablesaw.api.Table;

/** The pieces of HTML that a {@link Report} and its figures are put together from. */
final class ReportParts {

  private ReportParts() {}

  /** A part of the page, with its heading. */
  static String section(String id, String title, String content) {
    return "<section id=\"%s\">\n<h2>%s</h2>\n%s</section>\n".formatted(id, escape(title), content);
  }

  /** Text as a paragraph. */
  static String paragraph(String text) {
    return "<p>" + escape(text) + "</p>\n";
  }

  /** What fills a part for which there is no input. */
  static String missing(String text) {
    return "<p class=\"missing\">" + escape(text) + "</p>\n";
  }

  /** Something to be opened. */
  static String details(String title, String content) {
    return "<details>\n<summary>%s</summary>\n%s</details>\n".formatted(escape(title), content);
  }

  /** All rows of a table. */
  static String table(Table table) {
    return "<div class=\"scroll\">"
        + new TableView(table, Math.max(1, table.rowCount())).toHtml()
        + "</div>\n";
  }

  /** Text shown literally. */
  static String escape(String text) {
    return Encode.forHtmlContent(text);
  }

  /** JSON for a script element, which "<" would end inside a text that holds "</script>". */
  static String inScript(Object value) {
    try {
      return JsonLines.MAPPER.writeValueAsString(value).replace("<", "\\u003c");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree that cannot be written", e);
    }
  }
}
