package io.github.derta.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.data.Row.Kind;
import io.github.derta.io.JsonLines;
import io.github.derta.stats.Rate;
import io.github.derta.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataReportTest {

  @TempDir Path folder;

  private final List<Row> rows =
      List.of(
          new Row("[INST] Why? [\\INST]", " So.</s>", Kind.HELPFUL),
          new Row("[INST] Why? [\\INST]", " So.</s>", Kind.HELPFUL),
          new Row("[INST] How? [\\INST]", " Sorry, no.</s>", Kind.HELPFUL),
          new Row("[INST] Bad? [\\INST]", " Sorry, no.</s>", Kind.VANILLA),
          new Row("[INST] Bad? [\\INST]", " x".repeat(100), Kind.RTO),
          new Row("y".repeat(90), " late</s>", Kind.NEXT_TOKEN));

  @Test
  void theReportCountsWhatIsWrong() throws Exception {
    try (Tokenizer tokenizer = TinyTokenizer.in(folder, true)) {
      TokenRows tokens = TokenRows.of(rows, tokenizer, 80);
      Labels rule = Labels.of(tokenizer.singleToken("Sorry"), 0);
      DataReport report = DataReport.of(rows, tokens, rule, List.of("why?  ", "bad?"));

      assertThat(report.kinds())
          .isEqualTo(Map.of(Kind.HELPFUL, 3, Kind.VANILLA, 1, Kind.RTO, 1, Kind.NEXT_TOKEN, 1));
      assertThat(report.duplicates()).isEqualTo(new Rate(1, 6));
      assertThat(report.heldOut()).isEqualTo(new Rate(4, 6));
      assertThat(report.cut()).isEqualTo(new Rate(2, 6));
      assertThat(report.withoutLabel()).isEqualTo(new Rate(1, 6));
      assertThat(report.refusing()).isEqualTo(new Rate(1, 4));
      assertThat(report.lengths()).hasSize(6).contains(80);
      assertThat(report.rtoRows().hits()).isEqualTo(report.kinds().get(Row.Kind.RTO).longValue());
      assertThat(report.rtoLabels().hits()).isEqualTo(3); // a twentieth of 60, the block's rest
    }
  }

  @Test
  void anExportHoldsTheRowsWithOneLabelSetAnEpoch() throws Exception {
    try (Tokenizer tokenizer = TinyTokenizer.in(folder, true)) {
      TokenRows tokens = TokenRows.of(rows, tokenizer, 80);
      Labels rule = Labels.of(tokenizer.singleToken("Sorry"), 0);
      Path out = folder.resolve("export");

      assertThat(Exporter.write(tokens, rule, 2, tokenizer, out)).isEqualTo(5);
      List<JsonNode> first = read(out.resolve("data/epoch-1.jsonl"));
      List<JsonNode> second = read(out.resolve("data/epoch-2.jsonl"));
      assertThat(first).hasSize(5);
      for (int i = 0; i < 5; i++) {
        assertThat(first.get(i).get("input_ids")).isEqualTo(second.get(i).get("input_ids"));
        assertThat(first.get(i).get("input_ids")).hasSameSizeAs(first.get(i).get("labels"));
        assertThat(first.get(i).get("attention_mask")).allMatch(mask -> mask.intValue() == 1);
        assertThat(first.get(i).get("labels").equals(second.get(i).get("labels")))
            .isEqualTo(!rows.get(i).rto());
        assertThat(JsonLines.MAPPER.convertValue(first.get(i).get("labels"), int[].class))
            .isEqualTo(rule.of(tokens.get(i), i, 0));
      }
      assertThat(out.resolve("fsdp.yaml")).exists();
      assertThat(out.resolve("train.py")).exists();
    }
  }

  private static List<JsonNode> read(Path file) {
    List<JsonNode> records = new ArrayList<>();
    JsonLines.read(file, line -> records.add(line.value()));
    return records;
  }
}
