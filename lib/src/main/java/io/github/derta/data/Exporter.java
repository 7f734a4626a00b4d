package io.github.derta.data;

import com.fasterxml.jackson.core.JsonGenerator;
import io.github.derta.io.AtomicFile;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes rows for other trainers: token ids with ready labels, one file per epoch, and what
 * launches accelerate with FSDP or DeepSpeed ZeRO-3. RTO is a matter of labels alone, so any
 * trainer does it.
 */
public final class Exporter {

  private static final List<String> FILES =
      List.of(
          "README.md", "train.py", "full.json", "lora.json", "fsdp.yaml", "deepspeed-zero3.yaml");

  private Exporter() {}

  /**
   * Writes the folder. Rows without a label are left out, as many in every epoch.
   *
   * @param rows the rows in tokens
   * @param labels how they are labelled; {@link Labels.Scope#UPSTREAM} takes each row without
   *     padding, which another trainer adds later
   * @param epochs how many label sets, at least 1
   * @param folder where to; made if it is not there
   * @return how many rows each epoch has
   * @throws IOException if the folder cannot be written
   */
  public static int write(TokenRows rows, Labels labels, int epochs, Path folder)
      throws IOException {
    int written = 0;
    for (int epoch = 0; epoch < epochs; epoch++) {
      written = writeEpoch(rows, labels, epoch, folder);
    }
    // What an export of more epochs left would be trained on as if it were of this one.
    for (int epoch = epochs; Files.deleteIfExists(epochFile(folder, epoch)); epoch++) {}
    for (String name : FILES) {
      try (InputStream in = Exporter.class.getResourceAsStream("export/" + name)) {
        Files.copy(in, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Map<String, Object> made = new LinkedHashMap<>();
    made.put("rows", written);
    made.put("epochs", epochs);
    made.put("refusal_token", labels.refusalToken());
    made.put("drop", labels.drop());
    made.put("seed", labels.seed());
    JsonLines.write(folder.resolve("export.json"), List.of(made).iterator());
    return written;
  }

  private static Path epochFile(Path folder, int epoch) {
    return folder.resolve("data").resolve("epoch-" + (epoch + 1) + ".jsonl");
  }

  private static int writeEpoch(TokenRows rows, Labels labels, int epoch, Path folder)
      throws IOException {
    int[] written = {0};
    AtomicFile.write(
        epochFile(folder, epoch),
        out -> {
          JsonGenerator json = JsonLines.MAPPER.getFactory().createGenerator(out);
          json.setRootValueSeparator(null);
          for (int i = 0; i < rows.size(); i++) {
            if (rows.labels(i) > 0) {
              write(json, rows.get(i).ids(), labels.of(rows.get(i), i, epoch));
              json.writeRaw('\n');
              written[0]++;
            }
          }
          json.flush();
        });
    return written[0];
  }

  private static void write(JsonGenerator json, int[] ids, int[] labels) throws IOException {
    int[] attended = new int[ids.length];
    Arrays.fill(attended, 1);
    json.writeStartObject();
    json.writeFieldName("input_ids");
    json.writeArray(ids, 0, ids.length);
    json.writeFieldName("attention_mask");
    json.writeArray(attended, 0, ids.length);
    json.writeFieldName("labels");
    json.writeArray(labels, 0, labels.length);
    json.writeEndObject();
  }
}
