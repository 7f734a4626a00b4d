package io.github.derta.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.Hashes;
import io.github.derta.io.JsonLines;
import io.github.derta.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExporterTest {

  @TempDir Path folder;

  @Test
  void everyEpochHasTheSameRowsAndItsOwnRtoLabels() throws IOException {
    List<JsonNode> first = new ArrayList<>();
    List<JsonNode> second = new ArrayList<>();
    int rows = export(2);
    JsonLines.read(folder.resolve("out/data/epoch-1.jsonl"), line -> first.add(line.value()));
    JsonLines.read(folder.resolve("out/data/epoch-2.jsonl"), line -> second.add(line.value()));

    assertThat(rows).isEqualTo(2);
    assertThat(first).hasSize(2);
    assertThat(second.get(0)).isEqualTo(first.get(0));
    assertThat(second.get(1).get("input_ids")).isEqualTo(first.get(1).get("input_ids"));
    assertThat(second.get(1).get("labels")).isNotEqualTo(first.get(1).get("labels"));
    assertThat(first.get(1).get("labels")).hasSameSizeAs(first.get(1).get("input_ids"));
  }

  @Test
  void epochsOfAnEarlierExportDoNotStay() throws IOException {
    export(3);
    export(2);

    assertThat(folder.resolve("out/data/epoch-2.jsonl")).exists();
    assertThat(folder.resolve("out/data/epoch-3.jsonl")).doesNotExist();
    JsonNode made = JsonLines.MAPPER.readTree(folder.resolve("out/export.json").toFile());
    assertThat(made.get("epochs").intValue()).isEqualTo(2);
  }

  @Test
  void anExportSaysWhatItIsMadeOf() throws IOException {
    export(1);

    JsonNode made = JsonLines.MAPPER.readTree(folder.resolve("out/export.json").toFile());
    assertThat(made.get("block").intValue()).isEqualTo(1024);
    assertThat(made.get("drop_scope").textValue()).isEqualTo("response");
    assertThat(made.at("/sha256/data~1epoch-1.jsonl").textValue())
        .isEqualTo(Hashes.sha256(folder.resolve("out/data/epoch-1.jsonl")));
    assertThat(made.at("/probe/ids")).hasSizeGreaterThan(10);
  }

  @Test
  void aFolderOfOtherThingsIsNotReplaced() throws IOException {
    Path mine = Files.writeString(Files.createDirectory(folder.resolve("out")).resolve("mine"), "");

    assertThatThrownBy(() -> export(1))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("out: is there and no export");
    assertThat(mine).exists();
  }

  private int export(int epochs) throws IOException {
    List<Row> rows =
        List.of(
            new Row("x", "yes</s>", Row.Kind.HELPFUL),
            new Row("x", "abcdefghijklmnopqrstuvwxyz".repeat(4) + "</s>", Row.Kind.RTO));
    try (Tokenizer tokenizer = TinyTokenizer.in(folder, true);
        TokenRows tokens = TokenRows.of(rows, tokenizer, 1024)) {
      Labels labels = Labels.of(tokenizer.singleToken("Sorry"), 1);
      return Exporter.write(tokens, labels, epochs, tokenizer, folder.resolve("out"));
    }
  }
}
