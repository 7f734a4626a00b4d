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
import io.github.derta.io.Cli;
import io.github.derta.io.JsonLines;
import io.github.derta.io.Progress;
import io.github.derta.model.Completion;
import io.github.derta.model.Decoding;
import io.github.derta.model.LocalModel;
import io.github.derta.model.ModelFolder;
import io.github.derta.model.ModelOptions;
import io.github.derta.model.Prompt;
import io.github.derta.text.ChatTemplate;
import io.github.derta.text.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Completes prompts with a local model. `--help` says the rest. */
@Command(
    name = "Generate.java",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Completes prompts with a local model.",
      "Reads rows {\"id\",\"prompt\"} or {\"id\",\"ids\":[...]}; writes {\"id\",\"response\",\"ids\"} in their order,",
      "ids being the new tokens, an end token included."
    },
    footer = {
      "",
      "Example: environment/jbang jbang-scripts/Generate.java --model smollm2 --chat --prompt 'What is tea?'",
      "Exit code: 0; 2 if the command line or a file is wrong."
    })
public class Generate implements Callable<Integer> {

  static class Input {
    @Option(names = "--prompt", paramLabel = "TEXT", description = "one prompt; the answer goes to stdout")
    String prompt;

    @Option(names = "--in", paramLabel = "FILE.jsonl", description = "many prompts")
    Path in;
  }

  @Mixin
  ModelOptions model;

  @Option(names = "--chat-format", paramLabel = "NAME|FILE",
      description = "of a model without one: chatml, llama3, mistral, paper, paper-evaluation, or a Jinja file"
          + " (default: the model's own, else $DERTA_FORMAT)")
  String chatFormat;

  @ArgGroup(multiplicity = "1")
  Input input;

  @Option(names = "--out", paramLabel = "FILE.jsonl", description = "write there instead of to stdout")
  Path out;

  @Option(names = "--max-new-tokens", paramLabel = "N", defaultValue = "256",
      description = "longest answer (default: ${DEFAULT-VALUE})")
  int maxNewTokens;

  @Option(names = "--batch", paramLabel = "N", defaultValue = "32",
      description = "rows that go together (default: ${DEFAULT-VALUE})")
  int batch;

  @Option(names = "--temperature", paramLabel = "T", defaultValue = "0",
      description = "0: the most probable token each time (default); else draw")
  double temperature;

  @Option(names = "--seed", paramLabel = "S", defaultValue = "0", description = "of the draws (default: 0)")
  long seed;

  @Option(names = "--prefill", paramLabel = "TEXT", defaultValue = "",
      description = "the answer begins with these words; the response goes on after them")
  String prefill;

  @Option(names = "--dry-run", description = {"print each prompt as the model is given it, {\"text\", \"ids\"}, and generate",
      "nothing; needs tokenizer and chat template only"})
  boolean dry;

  @Option(names = "--chat", description = "put prompts into the model's chat format")
  boolean chat;

  /** A row of the input: a prompt, or ids. */
  record Row(JsonNode id, int[] ids, Prompt prompt) {}

  public static void main(String... args) {
    Cli.main(new Generate(), args);
  }

  @Override
  public Integer call() throws IOException {
    Decoding decoding = Decoding.sampling(maxNewTokens, temperature, seed);
    List<Row> rows = input.in == null ? List.of(new Row(null, null, prompt(input.prompt))) : read();
    if (dry) {
      show(rows, model.folder());
      return 0;
    }
    try (LocalModel local = LocalModel.load(
        model.folder(), model.adapter, chatFormat, model.compute(), model.device(), batch)) {
      List<int[]> prompts = rows.stream().map(r -> r.ids == null ? local.encode(r.prompt) : r.ids).toList();
      if (input.in == null && out == null) {
        System.out.println(local.completeIds(prompts, decoding).get(0).text());
      } else if (out == null) {
        write(rows, complete(local, prompts, decoding), System.out::print);
      } else {
        List<Completion> completions = complete(local, prompts, decoding);
        AtomicFile.write(out, to -> write(rows, completions, text -> append(to, text)));
      }
    }
    return 0;
  }

  private void show(List<Row> rows, Path folder) throws IOException {
    Optional<ChatTemplate> template = ModelFolder.template(folder, model.adapter, chatFormat);
    try (Tokenizer tokenizer = Tokenizer.load(ModelFolder.texts(folder, model.adapter))) {
      for (Row row : rows) {
        Map<String, Object> shown = new LinkedHashMap<>();
        int[] ids = row.ids == null ? row.prompt.encoded(tokenizer, template) : row.ids;
        shown.put("text", row.ids == null ? row.prompt.rendered(template) : tokenizer.decode(ids, false));
        shown.put("ids", ids);
        System.out.println(JsonLines.MAPPER.writeValueAsString(shown));
      }
    }
  }

  private Prompt prompt(String text) {
    return (chat ? Prompt.chat(text) : Prompt.raw(text)).prefilled(prefill);
  }

  private List<Row> read() {
    List<Row> rows = new ArrayList<>();
    JsonLines.read(input.in, JsonLines.distinctIds(line -> {
      boolean ids = line.value().has("ids");
      rows.add(
          new Row(line.value().get("id"), ids ? line.ints("ids") : null, ids ? null : prompt(line.text("prompt"))));
    }));
    return rows;
  }

  private List<Completion> complete(LocalModel local, List<int[]> prompts, Decoding decoding) {
    long start = System.nanoTime();
    long[] tokens = new long[1];
    try (Progress progress = Progress.of("Generating", prompts.size(), " rows", 1)) {
      return local.completeIds(prompts, decoding, (more, ended) -> {
        tokens[0] += more;
        progress.say("%.0f tokens/s".formatted(tokens[0] * 1e9 / (System.nanoTime() - start)));
        progress.add(ended);
      });
    }
  }

  private static void write(List<Row> rows, List<Completion> completions, Consumer<String> to)
      throws IOException {
    for (int i = 0; i < rows.size(); i++) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("id", rows.get(i).id());
      row.put("response", completions.get(i).text());
      row.put("ids", completions.get(i).ids());
      to.accept(JsonLines.MAPPER.writeValueAsString(row) + "\n");
    }
  }

  private static void append(Writer to, String text) {
    try {
      to.write(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
