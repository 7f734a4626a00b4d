///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS info.picocli:picocli:4.7.7
//DEPS org.slf4j:slf4j-simple:2.0.20
//RUNTIME_OPTIONS -Dorg.slf4j.simpleLogger.defaultLogLevel=error

import io.github.derta.data.HelpfulPair;
import io.github.derta.data.Method;
import io.github.derta.data.Mix;
import io.github.derta.data.MixRecipe;
import io.github.derta.data.Preferences;
import io.github.derta.data.PrefixLength;
import io.github.derta.data.PromptFormat;
import io.github.derta.data.Row;
import io.github.derta.data.SafetyTriple;
import io.github.derta.data.Source;
import io.github.derta.io.BadInput;
import io.github.derta.io.Cli;
import io.github.derta.io.Download;
import io.github.derta.io.JsonLines;
import io.github.derta.kitchen.Kitchen;
import io.github.derta.model.ModelFolder;
import io.github.derta.text.ChatTemplate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Training rows from pairs and triples. `--help` says the rest. */
@Command(
    name = "BuildData.java",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Builds the rows {\"prefix\", \"text\", \"safe\"} that the paper trains on, or DPO pairs.",
      "Files are JSON Lines, JSON or CSV, perhaps in gzip. Helpful ones: instruction, output (Alpaca's input,",
      "and rejected for dpo, if there); prompt, completion; messages; ShareGPT; prompt, chosen, rejected.",
      "Safety ones: instruction, output (the harmful answer), safe_response; prompt, chosen, rejected; or",
      "BeaverTails' prompt, response, is_safe. A FILE may be https://.../NAME#sha256=HEX; it is fetched",
      "once, or taken from the folder --local."
    },
    footer = {
      "",
      "Example: environment/jbang jbang-scripts/BuildData.java --kitchen --method derta --out rows.jsonl",
      "The paper's mix: --method derta --helpful-count 60000 --safety-count 6000",
      "Exit code: 0; 2 if the command line or a file is wrong, and then nothing is written."
    })
public class BuildData implements Callable<Integer> {

  private static final String TEMPLATE = "template";

  @Option(names = "--method", required = true,
      paramLabel = "METHOD",
      description = "vanilla, harmful-prefix, rto, derta, rto-only or dpo")
  String method;

  @Option(names = "--helpful", arity = "1..*", paramLabel = "FILE", description = "helpful pairs")
  List<String> helpfulFiles = List.of();

  @Option(names = "--safety", arity = "1..*", paramLabel = "FILE", description = "safety triples")
  List<String> safetyFiles = List.of();

  @Option(names = "--local", paramLabel = "DIR",
      description = "a folder that may hold the files which are given by address")
  Path local;

  @Option(names = "--kitchen", description = "the embedded, harmless data instead of files")
  boolean kitchen;

  @Option(names = "--helpful-count", paramLabel = "N",
      description = "helpful rows written (default: all)")
  Integer helpfulCount;

  @Option(names = "--safety-count", paramLabel = "N",
      description = "safety rows written (default: all, with --kitchen 60); rto and derta write two"
          + " of every question, so with 60 vanilla sees 60 questions and derta 30, as in the paper")
  Integer safetyCount;

  @Option(names = "--seed", defaultValue = "0", paramLabel = "S",
      description = "decides which rows are taken, their order, and prefix lengths (default: 0)")
  long seed;

  @Option(names = "--out", required = true, paramLabel = "FILE.jsonl", description = "the rows")
  Path out;

  @Option(names = "--format", paramLabel = "paper|paper-evaluation|llama3|mistral|chatml|template",
      description = "how prompts are written (default: paper, the public code's training prompt; with --kitchen"
          + " template, the model's own)")
  String format;

  @Option(names = "--model", paramLabel = "DIR",
      description = "whose chat template --format template uses (default: smollm2); with another format, whose"
          + " special tokens begin and end a row (default: as the format's name says)")
  String model;

  @Option(names = "--prefix", defaultValue = "upstream", paramLabel = "upstream|paper",
      description = "words of a harmful answer before the refusal: 1..n-2, none in every third row,"
          + " as the public code does; or 0..n, as the paper says")
  PrefixLength prefix;

  @Option(names = "--upstream",
      description = "the public code's choice and order: the first rows, no shuffle")
  boolean upstream;

  public static void main(String... args) {
    Cli.main(new BuildData(), args);
  }

  @Override
  public Integer call() throws IOException {
    if (kitchen != (helpfulFiles.isEmpty() && safetyFiles.isEmpty())) {
      throw new BadInput("either --kitchen or --helpful and --safety files are needed");
    }
    if (helpfulFiles.isEmpty() != safetyFiles.isEmpty()) {
      String missing = helpfulFiles.isEmpty() ? "--helpful" : "--safety";
      System.err.println("no " + missing + " file is given: the rows hold nothing of that sort");
    }
    requireCount("--helpful-count", helpfulCount);
    requireCount("--safety-count", safetyCount);
    MixRecipe recipe =
        new MixRecipe(
            Method.named(method),
            promptFormat(),
            prefix,
            helpfulCount == null ? MixRecipe.ALL : helpfulCount,
            safetyCount != null ? safetyCount : kitchen ? Kitchen.SAFETY_ROWS : MixRecipe.ALL,
            seed,
            upstream);
    Source<HelpfulPair> helpful =
        kitchen ? new Source<>(Kitchen.helpful(), Map.of()) : Source.helpful(paths(helpfulFiles));
    Source<SafetyTriple> safety =
        kitchen
            ? new Source<>(Kitchen.safetyFor(recipe), Map.of())
            : Source.safety(paths(safetyFiles));
    helpful.skipped().forEach((why, n) -> System.err.println("helpful: skipped " + n + ", " + why));
    safety.skipped().forEach((why, n) -> System.err.println("safety: skipped " + n + ", " + why));
    write(recipe, helpful.items(), safety.items());
    return 0;
  }

  private void write(MixRecipe recipe, List<HelpfulPair> helpful, List<SafetyTriple> safety)
      throws IOException {
    if (recipe.method() == Method.DPO) {
      Preferences pairs = Preferences.of(recipe, helpful, safety);
      JsonLines.write(out, pairs.iterator());
      System.err.println(out + ": " + pairs.size() + " preference pairs");
      if (pairs.withoutRejected() > 0) {
        System.err.println(
            "left out " + pairs.withoutRejected() + " helpful pairs: no field \"rejected\"");
      }
      return;
    }
    Mix mix = Mix.of(recipe, helpful, safety);
    JsonLines.write(out, mix.stream().map(Row::toJson).iterator());
    System.err.println(out + ": " + mix.size() + " rows, " + mix.counts());
    if (mix.tooShort() > 0) {
      System.err.println(
          "skipped " + mix.tooShort() + " triples: a harmful answer of fewer than 3 words");
    }
  }

  private List<Path> paths(List<String> files) {
    return files.stream().map(this::path).toList();
  }

  /** A file, or a pinned address, which is fetched once unless --local holds it. */
  private Path path(String file) {
    if (!file.matches("https?://.*")) {
      return Path.of(file);
    }
    return Download.parse(file).to(Download.CACHE, local);
  }

  private static void requireCount(String option, Integer count) {
    if (count != null && count < 0) {
      throw new BadInput(option + " " + count + ": a number of rows, 0 or more, is needed");
    }
  }

  private PromptFormat promptFormat() {
    String chosen = format != null ? format : kitchen ? TEMPLATE : "paper";
    if (chosen.equals(TEMPLATE)) {
      return PromptFormat.of(TEMPLATE, ChatTemplate.load(ModelFolder.find(model == null ? ModelFolder.DEFAULT : model)));
    }
    return model == null
        ? PromptFormat.named(chosen)
        : PromptFormat.of(chosen, ChatTemplate.of(chosen, ModelFolder.find(model)));
  }
}
