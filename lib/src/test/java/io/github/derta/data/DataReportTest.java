package io.github.derta.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.derta.data.Row.Kind;
import io.github.derta.stats.Rate;
import io.github.derta.text.Tokenizer;
import java.nio.file.Path;
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
}
