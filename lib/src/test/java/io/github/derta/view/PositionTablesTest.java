package io.github.derta.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

class PositionTablesTest {

  private final Table responses =
      Table.create(
          StringColumn.create("method", "a", "a", "a", "a", "b"),
          IntColumn.create("word", 1, 6, 31, 0, 0));

  @Test
  void sharesAreOfTheResponsesThatRefuse() {
    Table shares = PositionTables.shares(responses, "word", "method");

    assertThat(shares.columnNames())
        .containsExactly("method", "position", "refusals", "n", "share", "low", "high");
    assertThat(shares.stringColumn("position").asList()).containsExactly("1-5", "6-30", "31+");
    assertThat(shares.longColumn("refusals").asList()).containsExactly(1L, 1L, 1L);
    assertThat(shares.longColumn("n").asList()).containsExactly(3L, 3L, 3L);
  }

  @Test
  void refusedIsOfAllResponses() {
    Table refused = PositionTables.refused(responses, "word", "method");

    assertThat(refused.stringColumn("method").asList()).containsExactly("a", "b");
    assertThat(refused.doubleColumn("share").asList()).containsExactly(0.75, 0.0);
  }

  @Test
  void survivalFallsAtTheWordThatRefuses() {
    Table survival = PositionTables.survival(responses, "word", 6);

    assertThat(survival.longColumn("surviving").asList())
        .containsExactly(5L, 4L, 4L, 4L, 4L, 4L, 3L);
  }

  @Test
  void aMissingPositionIsNamedWithItsRow() {
    Table table = Table.create(IntColumn.create("word", new Integer[] {1, null}));

    assertThatThrownBy(() -> PositionTables.counts(table, "word"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("word")
        .hasMessageContaining("row 2");
  }
}
