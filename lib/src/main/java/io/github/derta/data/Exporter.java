package io.github.derta.data;

import io.github.derta.io.AtomicFolder;
import io.github.derta.io.BadInput;
import io.github.derta.io.Hashes;
import io.github.derta.io.JsonLines;
import io.github.derta.text.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Writes rows for other trainers: token ids with ready labels, one file per epoch, and what
 * launches accelerate with FSDP or DeepSpeed ZeRO-3. RTO is a matter of labels alone, so any
 * trainer does it.
 */
public final class Exporter {

  private static final List<String> FILES =
      List.of(
          "README.md", "train.py", "full.json", "lora.json", "fsdp.yaml", "deepspeed-zero3.yaml");

  private static final String MADE = "export.json";

  /** Tokenizers of different models hardly make the same tokens of it. */
  private static final String PROBE =
      "Sorry, I can't: 3.14159 x 2024\n\t{\"naïve\": café} déjà-vu 東京 ... OK!";

  private Exporter() {}

  /**
   * Writes the folder, whole or not at all. Rows without a label are left out, as many in every
   * epoch.
   *
   * @param rows the rows in tokens
   * @param labels how they are labelled
   * @param epochs how many label sets, at least 1
   * @param tokenizer what made the tokens: the trainer's must make the same
   * @param source SHA-256 of the file that the rows came from
   * @param folder where to; an earlier export is replaced
   * @return how many rows each epoch has
   * @throws BadInput if the folder holds something else
   * @throws IOException if it cannot be written
   */
  public static int write(
      TokenRows rows, Labels labels, int epochs, Tokenizer tokenizer, String source, Path folder)
      throws IOException {
    requireReplaceable(folder);
    int written = (int) rows.stream().filter(row -> row.labels() > 0).count();
    AtomicFolder.write(
        folder,
        into -> {
          Map<String, String> sha256 = new LinkedHashMap<>();
          for (int epoch = 0; epoch < epochs; epoch++) {
            String name = "data/epoch-" + (epoch + 1) + ".jsonl";
            writeEpoch(rows, labels, epoch, into.resolve(name));
            sha256.put(name, Hashes.sha256(into.resolve(name)));
          }
          for (String name : FILES) {
            try (InputStream in = Exporter.class.getResourceAsStream("export/" + name)) {
              Files.copy(in, into.resolve(name));
            }
          }
          Map<String, Object> made = new LinkedHashMap<>();
          made.put("rows", written);
          made.put("epochs", epochs);
          made.put("block", rows.block());
          made.put("refusal_token", labels.refusalToken());
          made.put("drop", labels.drop());
          made.put("seed", labels.seed());
          made.put("rows_sha256", source);
          made.put("sha256", sha256);
          made.put("probe", Map.of("text", PROBE, "ids", tokenizer.encode(PROBE)));
          made.put("special_tokens", new TreeMap<>(tokenizer.specialTokens()));
          JsonLines.write(into.resolve(MADE), List.of(made).iterator());
        });
    return written;
  }

  private static void requireReplaceable(Path folder) throws IOException {
    if (!Files.exists(folder) || Files.isRegularFile(folder.resolve(MADE))) {
      return;
    }
    try (Stream<Path> files = Files.isDirectory(folder) ? Files.list(folder) : Stream.of(folder)) {
      if (files.findAny().isPresent()) {
        throw new BadInput(folder + ": is there and no export; name a new or empty folder");
      }
    }
  }

  private static void writeEpoch(TokenRows rows, Labels labels, int epoch, Path file)
      throws IOException {
    JsonLines.write(
        file,
        IntStream.range(0, rows.size())
            .filter(i -> rows.get(i).labels() > 0)
            .mapToObj(i -> line(rows.get(i).ids(), labels.of(rows.get(i), i, epoch)))
            .iterator());
  }

  private static Map<String, int[]> line(int[] ids, int[] labels) {
    int[] attended = new int[ids.length];
    Arrays.fill(attended, 1);
    Map<String, int[]> line = new LinkedHashMap<>();
    line.put("input_ids", ids);
    line.put("attention_mask", attended);
    line.put("labels", labels);
    return line;
  }
}
