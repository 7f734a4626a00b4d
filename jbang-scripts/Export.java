///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0
//DEPS ai.djl.pytorch:pytorch-native-cpu:2.7.1:linux-x86_64
//DEPS info.picocli:picocli:4.7.7
//DEPS org.slf4j:slf4j-simple:2.0.20
//RUNTIME_OPTIONS -Dorg.slf4j.simpleLogger.defaultLogLevel=error

import ai.djl.Device;
import io.github.derta.data.DataReport;
import io.github.derta.data.Exporter;
import io.github.derta.data.Labels;
import io.github.derta.data.Row;
import io.github.derta.data.Source;
import io.github.derta.data.TokenRows;
import io.github.derta.io.AtomicFolder;
import io.github.derta.io.BadInput;
import io.github.derta.io.Cli;
import io.github.derta.io.Hashes;
import io.github.derta.model.Compute;
import io.github.derta.model.Llama;
import io.github.derta.model.ModelFolder;
import io.github.derta.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Rows in tokens with their labels, for other trainers. `--help` says the rest. */
@Command(
    name = "Export.java",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Turns rows of BuildData.java into token ids with labels (JSON Lines, one file per epoch), with",
      "a training script and launch settings for accelerate: FSDP, DeepSpeed ZeRO-3, full and LoRA.",
      "With --merge: one model folder of a model and an adapter."
    },
    footer = {
      "",
      "Example: environment/jbang jbang-scripts/Export.java --data rows.jsonl --tokenizer llama3"
          + " --out export",
      "Example: environment/jbang jbang-scripts/Export.java --merge adapter --model DIR --out merged",
      "Exit code: 0; 2 if the command line or a file is wrong."
    })
public class Export implements Callable<Integer> {

  static class Input {
    @Option(names = "--data", required = true, paramLabel = "FILE.jsonl", description = "the rows")
    Path data;

    @Option(names = "--merge", required = true, paramLabel = "ADAPTER",
        description = "a low-rank adapter as PEFT writes it, to be added to the weights of --model")
    Path adapter;
  }

  @ArgGroup(multiplicity = "1")
  Input input;

  @Option(names = "--dtype", defaultValue = "f32", paramLabel = "f32|bf16-weights",
      description = "with --merge: type of the weights that are written (default: ${DEFAULT-VALUE})")
  String dtype;

  @Option(names = {"--tokenizer", "--model"}, required = true, paramLabel = "DIR",
      description = "the model's folder or its tokenizer.json; smollm2 names the default")
  String tokenizerFolder;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "where to")
  Path out;

  @Option(names = "--block", defaultValue = "1024", paramLabel = "N",
      description = "most tokens of a row (default: 1024; the paper's LoRA: 512)")
  int block;

  @Option(names = "--drop", defaultValue = "0.95", paramLabel = "SHARE",
      description = "share of RTO labels dropped (default: 0.95; the paper's LoRA: 0)")
  double drop;

  @Option(names = "--epochs", defaultValue = "2", paramLabel = "N",
      description = "label sets, one per epoch (default: 2)")
  int epochs;

  @Option(names = "--refusal", defaultValue = "Sorry", paramLabel = "WORD",
      description = "the refusal token, one token of this tokenizer (default: Sorry)")
  String refusal;

  @Option(names = "--held-out", paramLabel = "FILE",
      description = "JSON Lines of questions kept for testing; rows that hold one are counted")
  Path heldOut;

  @Option(names = "--seed", defaultValue = "0", paramLabel = "S",
      description = "decides which RTO labels stay (default: 0)")
  long seed;

  public static void main(String... args) {
    Cli.main(new Export(), args);
  }

  @Override
  public Integer call() throws IOException {
    if (input.adapter != null) {
      merge();
      return 0;
    }
    if (epochs < 1) {
      throw new BadInput("--epochs " + epochs + ": at least 1 is needed");
    }
    try (Tokenizer tokenizer = Tokenizer.load(folder())) {
      int token = tokenizer.singleToken(refusal);
      Labels labels = new Labels(token, drop, seed);
      Source<Row> rows = Source.rows(input.data);
      rows.skipped().forEach((why, n) -> System.err.println("skipped " + n + " rows, " + why));
      List<String> kept = heldOut == null ? List.of() : Source.questions(heldOut);
      TokenRows tokens = TokenRows.of(rows.items(), tokenizer, block);
      int written = Exporter.write(tokens, labels, epochs, tokenizer, Hashes.sha256(input.data), out);
      DataReport report =
          DataReport.of(rows.items(), tokens, labels, kept);
      System.err.printf(
          "%s: %d rows an epoch; cut by the block %s, left out without a label %s, duplicates %s,"
              + " kept for testing %s, RTO rows %s, RTO labels %s%n",
          out, written, report.cut(), report.withoutLabel(), report.duplicates(), report.heldOut(),
          report.rtoRows(), report.rtoLabels());
      if (tokens.foreignEnds() > 0) {
        System.err.printf(
            "%d rows end in a mark that is no special token of this tokenizer: their format is made for"
                + " another model; BuildData.java has --format%n",
            tokens.foreignEnds());
      }
    }
    return 0;
  }

  private void merge() throws IOException {
    Path base = ModelFolder.find(tokenizerFolder);
    if (!dtype.matches("f32|bf16-weights")) {
      throw new BadInput("--dtype " + dtype + ": f32 or bf16-weights is needed");
    }
    if (Files.exists(out)) {
      throw new BadInput("--out " + out + ": is there already; name a new folder");
    }
    try (Llama merged = Llama.load(base, input.adapter, Compute.parse(dtype, Device.cpu()), Device.cpu())) {
      AtomicFolder.write(out, folder -> {
        merged.save(folder);
        ModelFolder.copyCompanions(base, folder);
        ModelFolder.copyCompanions(input.adapter, folder);
      });
    }
    System.err.println(out + ": " + base + " with " + input.adapter);
  }

  private Path folder() {
    Path file = Path.of(tokenizerFolder);
    return Files.isRegularFile(file) ? file : ModelFolder.find(tokenizerFolder);
  }
}
