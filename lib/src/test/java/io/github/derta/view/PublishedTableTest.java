package io.github.derta.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

class PublishedTableTest {

  @Test
  void overviewCountsResponsesOfEachModelUnderEachAttack(@TempDir Path folder) throws IOException {
    Path csv = folder.resolve("facts.csv");
    Files.writeString(
        csv,
        """
        attack,file
        code,Llama-3-8B_dpo.json
        code,Llama-3-8B_dpo.json
        chat,gpt-4.json
        """);

    Table overview = PublishedTable.overview(PublishedTable.read(csv));

    assertThat(overview.columnNames()).containsExactly("model", "method", "code", "chat");
    assertThat(overview.stringColumn("model").asList()).containsExactly("GPT-4", "LLaMA3-8B");
    assertThat(overview.intColumn("code").get(1)).isEqualTo(2);
    assertThat(overview.intColumn("code").isMissing(0)).isTrue();
  }

  @Test
  void methodsThatAreNotKnownFollowTheKnownOnes() {
    Table rows = Table.create(StringColumn.create("method", "mine", "DPO", "vanilla", "mine"));
    assertThat(PublishedTable.ordered(rows).stringColumn("method").asList())
        .containsExactly("vanilla", "DPO", "mine", "mine");
  }

  @Test
  void withoutLeavesOutTheNamedResponsesOnly() {
    Table responses = responses("a", "a", "b");

    Table kept = PublishedTable.without(responses, responses.first(1));

    assertThat(kept.intColumn("index").asList()).containsExactly(1, 2);
  }

  private static Table responses(String... files) {
    return Table.create(
        StringColumn.create("attack", Collections.nCopies(files.length, "code")),
        StringColumn.create("file", files),
        IntColumn.create("index", IntStream.range(0, files.length).toArray()));
  }

  @Test
  void aMissingFileSaysWhatMakesIt(@TempDir Path folder) {
    assertThatThrownBy(() -> PublishedTable.read(folder.resolve("no.csv")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("PublishedPositions.java");
  }
}
