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

  private static final List<Row> ROWS =
      List.of(
          new Row("x", "yes</s>", Row.Kind.HELPFUL),
          new Row("x", "abcdefghijklmnopqrstuvwxyz".repeat(4) + "</s>", Row.Kind.RTO),
          new Row("x".repeat(2000), "cut off", Row.Kind.HELPFUL));

  @TempDir Path folder;

  private TokenRows tokens;

  private Labels labels;

  @Test
  void everyEpochHasTheSameRowsAndItsOwnRtoLabels() throws IOException {
    int rows = export(2);

    assertThat(rows).isEqualTo(2); // the third keeps no label
    List<JsonNode> first = epoch(1);
    List<JsonNode> second = epoch(2);
    assertThat(first).hasSize(2);
    for (int i = 0; i < 2; i++) {
      assertThat(ints(first.get(i), "input_ids"))
          .isEqualTo(ints(second.get(i), "input_ids"))
          .isEqualTo(tokens.get(i).ids());
      assertThat(ints(first.get(i), "attention_mask"))
          .hasSameSizeAs(tokens.get(i).ids())
          .containsOnly(1);
      assertThat(ints(first.get(i), "labels")).isEqualTo(labels.of(tokens.get(i), i, 0));
      assertThat(ints(second.get(i), "labels")).isEqualTo(labels.of(tokens.get(i), i, 1));
    }
    assertThat(ints(first.get(1), "labels")).isNotEqualTo(ints(second.get(1), "labels"));
    assertThat(folder.resolve("out")).isDirectoryContaining("glob:**/train.py");
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
    assertThat(made.at("/sha256/data~1epoch-1.jsonl").textValue())
        .isEqualTo(Hashes.sha256(folder.resolve("out/data/epoch-1.jsonl")));
    assertThat(made.get("rows_sha256").textValue()).isEqualTo("cafe");
    assertThat(made.at("/probe/ids")).hasSizeGreaterThan(10);
    assertThat(made.at("/special_tokens/<~1s>").intValue()).isEqualTo(TinyTokenizer.END);
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
    Tokenizer tokenizer = TinyTokenizer.in(folder, true);
    tokens = TokenRows.of(ROWS, tokenizer, 1024);
    labels = Labels.of(tokenizer.singleToken("Sorry"), 1);
    return Exporter.write(tokens, labels, epochs, tokenizer, "cafe", folder.resolve("out"));
  }

  private List<JsonNode> epoch(int number) {
    List<JsonNode> rows = new ArrayList<>();
    JsonLines.read(
        folder.resolve("out/data/epoch-%d.jsonl".formatted(number)), row -> rows.add(row.value()));
    return rows;
  }

  private static int[] ints(JsonNode row, String field) {
    return JsonLines.MAPPER.convertValue(row.get(field), int[].class);
  }
}
