package io.github.derta.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.BooleanColumn;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;
import tech.tablesaw.columns.numbers.NumberColumnFormatter;

class TableViewTest {

  @Test
  void numbersHaveTheDecimalsOfTheirSize() {
    assertThat(cells(DoubleColumn.create("share", 0.12345, 1.0))).containsExactly("0.123", "1.000");
    assertThat(cells(DoubleColumn.create("percent", 43.21, 100))).containsExactly("43.2", "100.0");
    assertThat(cells(DoubleColumn.create("count", 12.0, 1234567))).containsExactly("12", "1234567");
    assertThat(cells(DoubleColumn.create("rate", 2e-5, 0.5))).containsExactly("2.0e-05", "0.500");
    assertThat(cells(IntColumn.create("n", -3, 200))).containsExactly("-3", "200");
  }

  @Test
  void aFormatOfTheUsersIsKeptAndMissingIsADash() {
    DoubleColumn share = DoubleColumn.create("share", 0.5, Double.NaN);
    share.setPrintFormatter(NumberColumnFormatter.percent(1));

    assertThat(cells(share)).containsExactly("50.0%", "–");
    assertThat(cells(BooleanColumn.create("ok", true, false))).containsExactly("true", "false");
    assertThat(cells(StringColumn.create("s", "a", null))).containsExactly("a", "–");
  }

  @Test
  void numbersStandRightAndTextLeft() {
    String html =
        new TableView(
                Table.create(
                    "t", StringColumn.create("s", "a"), IntColumn.create("n", new int[] {1})),
                5)
            .toHtml();

    assertThat(html).contains("text-align:left\">a<", "align=\"right\"", "text-align:right\">1<");
    assertThat(html).doesNotContain("background:white", "#fff", "rows of");
  }

  @Test
  void aHeaderMayBreakWithinCamelCase() {
    Table table =
        Table.create("t", StringColumn.create("JailbreakChat"), IntColumn.create("DeRTa"));

    assertThat(new TableView(table, 5).toHtml()).contains(">Jailbreak<wbr>Chat<", ">DeRTa<");
  }

  @Test
  void aShareAndItsIntervalStayOnOneLine() {
    assertThat(
            cells(StringColumn.create("s", "75.0 % [5.1, 88.0] (18 of 24)", "a, [b, c] (d of 5)")))
        .containsExactly(
            "75.0\u00a0%\u00a0[5.1,\u00a088.0] (18\u00a0of\u00a024)", "a, [b, c] (d of 5)");
  }

  @Test
  void textIsEscaped() {
    String html =
        new TableView(Table.create("t", StringColumn.create("<i>", "<script>x</script> & y")), 5)
            .toHtml();

    assertThat(html).contains("&lt;i&gt;", "&lt;script&gt;x&lt;/script&gt; &amp; y");
    assertThat(html).doesNotContain("<script>", "<i>");
  }

  @Test
  void aCutTableSaysHowManyRowsThereAre() {
    Table table = Table.create("t", IntColumn.create("n", 1, 2, 3));

    assertThat(new TableView(table, 2).toHtml()).contains("2 rows of 3").doesNotContain(">3<");
    assertThat(new TableView(table, 3).toHtml()).doesNotContain("rows of");
    assertThatThrownBy(() -> new TableView(table, 0)).isInstanceOf(BadInput.class);
    assertThatThrownBy(() -> new TableView(null, 5)).isInstanceOf(BadInput.class);
  }

  @Test
  void anEmptyTableIsJustItsHead() {
    assertThat(new TableView(Table.create("t", DoubleColumn.create("x")), 5).toHtml())
        .contains(">x</th>")
        .doesNotContain("<td");
  }

  private static List<String> cells(Column<?> column) {
    String html = new TableView(Table.create("t", column), 10).toHtml();
    return Pattern.compile("<td[^>]*>([^<]*)</td>")
        .matcher(html)
        .results()
        .map(found -> found.group(1))
        .toList();
  }
}
