///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0
//DEPS ai.djl.pytorch:pytorch-native-cpu:2.7.1:linux-x86_64
//DEPS info.picocli:picocli:4.7.7
//DEPS org.slf4j:slf4j-simple:2.0.20
//RUNTIME_OPTIONS -Dorg.slf4j.simpleLogger.defaultLogLevel=error

import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.io.AtomicFile;
import io.github.derta.io.BadInput;
import io.github.derta.io.Cli;
import io.github.derta.io.JsonLines;
import io.github.derta.io.Progress;
import io.github.derta.model.Batch;
import io.github.derta.model.Llama;
import io.github.derta.model.ModelConfig;
import io.github.derta.model.ModelFolder;
import io.github.derta.model.ModelOptions;
import io.github.derta.model.RowScore;
import io.github.derta.text.Tokenizer;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Losses and refusal probabilities of given tokens. `--help` says the rest. */
@Command(
    name = "Score.java",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "What a model thinks of given tokens: loss, log-probabilities, probability of a refusal at each position.",
      "Reads rows {\"id\",\"ids\",\"labels\"} (labels[i] is predicted from ids before i; -100: none) or",
      "{\"id\",\"prefix\",\"text\"} (all tokens of the text are labelled);",
      "writes {\"id\",\"ids\",\"loss\",\"n\",\"logprobs\",\"refusal\"} in their order: loss is the mean over n labels,",
      "refusal[i] the probability that a refusal token comes next after ids[0..i]."
    },
    footer = {
      "",
      "Example: environment/jbang jbang-scripts/Score.java --model smollm2 --in rows.jsonl --out scores.jsonl",
      "Exit code: 0; 2 if the command line or a file is wrong."
    })
public class Score implements Callable<Integer> {

  private static final int BATCH = 16;

  @Mixin
  ModelOptions model;

  @Option(names = "--in", required = true, paramLabel = "FILE.jsonl", description = "rows to score")
  Path in;

  @Option(names = "--out", required = true, paramLabel = "FILE.jsonl", description = "where scores are written")
  Path out;

  @Option(names = "--refusal", paramLabel = "WORD,...",
      description = "refusal tokens, each one token or its id (default: those of \"Sorry\", \" Sorry\", \" sorry\")")
  String refusal;

  /** A row of the input. */
  record Row(JsonNode id, int[] ids, int[] labels) {}

  public static void main(String... args) {
    Cli.main(new Score(), args);
  }

  @Override
  public Integer call() throws IOException {
    Path folder = model.folder();
    try (Tokenizer tokenizer = Tokenizer.load(ModelFolder.texts(folder, model.adapter))) {
      int[] refusalTokens = RowScore.refusalTokens(refusal, tokenizer);
      List<Row> rows = read(tokenizer, ModelConfig.load(folder, model.adapter));
      try (Llama llama = Llama.load(folder, model.adapter, model.compute(), model.device());
          Progress progress = Progress.of("Scoring", rows.size(), " rows", 1)) {
        AtomicFile.write(out, to -> {
          for (int from = 0; from < rows.size(); from += BATCH) {
            List<Row> some = rows.subList(from, Math.min(rows.size(), from + BATCH));
            write(some, RowScore.of(llama, batch(some), refusalTokens), to);
            progress.add(some.size());
          }
        });
      }
    }
    return 0;
  }

  private List<Row> read(Tokenizer tokenizer, ModelConfig config) {
    List<Row> rows = new ArrayList<>();
    JsonLines.read(in, JsonLines.distinctIds(line -> {
      JsonNode id = line.value().get("id");
      if (line.value().has("ids")) {
        rows.add(checked(line, new Row(id, line.ints("ids"), line.ints("labels")), config));
      } else {
        int[] prefix = tokenizer.encodePrompt(line.text("prefix"));
        int[] text = tokenizer.encodeContinuation(line.text("text"));
        int[] unlabelled = new int[prefix.length];
        Arrays.fill(unlabelled, Batch.UNLABELLED);
        rows.add(checked(line, new Row(id, joined(prefix, text), joined(unlabelled, text)), config));
      }
    }));
    return rows;
  }

  private static Row checked(JsonLines.Line line, Row row, ModelConfig config) {
    try {
      batch(List.of(row)).check(config);
      return row;
    } catch (BadInput e) {
      throw BadInput.at(line.file(), line.number(), e.getMessage());
    }
  }

  private static int[] joined(int[] first, int[] second) {
    return IntStream.concat(Arrays.stream(first), Arrays.stream(second)).toArray();
  }

  private static Batch batch(List<Row> rows) {
    return new Batch(
        rows.stream().map(Row::ids).toArray(int[][]::new), rows.stream().map(Row::labels).toArray(int[][]::new));
  }

  private static void write(List<Row> rows, List<RowScore> scores, Writer to) throws IOException {
    for (int i = 0; i < rows.size(); i++) {
      RowScore score = scores.get(i);
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("id", rows.get(i).id());
      row.put("ids", score.ids());
      row.put("loss", score.n() == 0 ? null : score.loss());
      row.put("n", score.n());
      row.put("logprobs", score.logProbs());
      row.put("refusal", score.refusal());
      to.write(JsonLines.MAPPER.writeValueAsString(row) + "\n");
    }
  }
}
