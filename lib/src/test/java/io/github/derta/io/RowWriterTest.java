package io.github.derta.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RowWriterTest {

  @Test
  void csvQuotesWhatNeedsIt() throws IOException {
    assertThat(written(RowWriter.Format.CSV)).isEqualTo("file,n\n\"a,b\",7\n\"say \"\"hi\"\"\",\n");
  }

  @Test
  void jsonIsOneArrayOfObjects() throws IOException {
    String json = written(RowWriter.Format.JSON);
    assertThat(JsonLines.MAPPER.readTree(json).toString())
        .isEqualTo("[{\"file\":\"a,b\",\"n\":7},{\"file\":\"say \\\"hi\\\"\",\"n\":null}]");
  }

  @Test
  void tableAlignsNumbersToTheRight() throws IOException {
    assertThat(written(RowWriter.Format.TABLE)).isEqualTo("file      n\na,b       7\nsay \"hi\"\n");
  }

  @Test
  void tableOfManyRowsKeepsThemAll() throws IOException {
    StringWriter out = new StringWriter();
    try (RowWriter writer = RowWriter.to(out, RowWriter.Format.TABLE)) {
      for (int i = 0; i < 1234; i++) {
        writer.write(Map.of("n", i));
      }
    }
    assertThat(out.toString().lines()).hasSize(1235).contains("1233");
  }

  private static String written(RowWriter.Format format) throws IOException {
    StringWriter out = new StringWriter();
    try (RowWriter writer = RowWriter.to(out, format)) {
      writer.write(row("a,b", 7));
      writer.write(row("say \"hi\"", null));
    }
    return out.toString();
  }

  private static Map<String, Object> row(String file, Integer n) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("file", file);
    row.put("n", n);
    return row;
  }
}
