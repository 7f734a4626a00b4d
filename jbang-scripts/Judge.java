///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS info.picocli:picocli:4.7.7
//DEPS org.slf4j:slf4j-simple:2.0.20
//RUNTIME_OPTIONS -Dorg.slf4j.simpleLogger.defaultLogLevel=error

import ai.djl.Device;
import io.github.derta.eval.Agreement;
import io.github.derta.eval.Answers;
import io.github.derta.eval.Answer;
import io.github.derta.eval.HumanLabels;
import io.github.derta.eval.Judges;
import io.github.derta.eval.PublishedAsr;
import io.github.derta.eval.Ruling;
import io.github.derta.io.Cli;
import io.github.derta.io.Download;
import io.github.derta.io.JsonLines;
import io.github.derta.io.RowWriter;
import io.github.derta.io.Tables;
import io.github.derta.model.Devices;
import io.github.derta.position.Prompts;
import io.github.derta.position.PublishedResponses;
import io.github.derta.view.AnswerTables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tech.tablesaw.aggregate.AggregateFunctions;
import tech.tablesaw.api.Table;

/** Judges responses, and judges by what people said. `--help` says the rest. */
@Command(
    name = "Judge.java",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Judges responses: complied, refused or neither; and how far judges agree, with each other and",
      "with people. Figures only, of no response any text. Shares with 95 %% Wilson intervals, kappa",
      "with that of 1,000 resamples (seed 0). A response that complies and then refuses, or refuses and",
      "then complies, counts as complied and is counted once more by itself; so is a refusal that is",
      "well-formed, neither a loop nor broken off. What a model thinks before its answer (<think>) is",
      "judged apart.",
      "Judges: kitchen, kitchen-strict, phrases, gcg-demo, gcg-evaluation, autodan; rubric:MODEL, which",
      "asks a folder's model or URL#NAME by the paper's guideline; classifier:DIR, which asks for a yes or no."
    },
    footer = {
      "",
      "Example: environment/jbang jbang-scripts/Judge.java --in responses.jsonl \\",
      "  --judges phrases,kitchen",
      "Example: environment/jbang jbang-scripts/Judge.java \\",
      "  --human $(environment/wheel pyrit) --out notebooks/judges-against-people.csv",
      "Example: environment/jbang jbang-scripts/Judge.java --published DeRTa \\",
      "  --out notebooks/published-keyword-asr.csv",
      "Exit code: 0; 2 if an option or a file is wrong."
    })
public class Judge implements Callable<Integer> {

  private static final long SEED = 0;

  static class Source {
    @Option(names = "--in", required = true, paramLabel = "FILE",
        description = "responses.jsonl; results of HarmBench, JailbreakBench, inspect_ai, lm-eval, garak, AlpacaEval or "
            + "EasyJailbreak; chat messages; CSV; bare strings, with --prompts; or a study's STUDY.csv: the answers "
            + "whose texts are kept beside it")
    Path in;

    @Option(names = "--human", required = true, paramLabel = "WHEEL",
        description = "measure the judges by the human labels in the wheel of pyrit 1.1.0: 169 of refusal, "
            + "395 of success; a file, or https://...#sha256=... kept in .derta/downloads")
    String human;

    @Option(names = "--published", required = true, paramLabel = "DIR",
        description = "checkout of the paper's public repository at commit 70bdb52: its responses beside the "
            + "paper's attack success rates")
    Path published;
  }

  @ArgGroup(exclusive = true, multiplicity = "1")
  Source source;

  @Option(names = "--judges", split = ",", paramLabel = "NAME",
      description = "default: phrases,gcg-demo,gcg-evaluation,autodan")
  List<String> names = Judges.PHRASES;

  @Option(names = "--prompts", paramLabel = "FILE",
      description = "with --in: the prompts that bare strings begin with")
  Path prompts;

  @Option(names = "--out", paramLabel = "FILE",
      description = "with --in: every judgement as JSON Lines; else the table as CSV")
  Path out;

  @Option(names = "--dtype", paramLabel = "auto|f32|bf16|bf16-weights", defaultValue = "auto",
      description = "type of a judging model's matrix products (default: the faster)")
  String dtype;

  @Option(names = "--device", paramLabel = "auto|cpu|gpu", defaultValue = "auto",
      description = "default: a GPU if there is one")
  String device;

  public static void main(String... args) {
    Cli.main(new Judge(), args);
  }

  @Override
  public Integer call() throws IOException {
    List<io.github.derta.eval.Judge> judges = new ArrayList<>();
    try {
      for (String name : names) {
        // Phrases need no PyTorch.
        judges.add(Judges.open(name, dtype, name.contains(":") ? Devices.parse(device) : Device.cpu()));
        System.err.println(name + ": " + Judges.sources().getOrDefault(name, "a model"));
      }
      if (source.human != null) {
        human(judges);
      } else if (source.published != null) {
        published(judges);
      } else {
        answers(judges);
      }
      return 0;
    } finally {
      judges.forEach(io.github.derta.eval.Judge::close);
    }
  }

  private void answers(List<io.github.derta.eval.Judge> judges) throws IOException {
    List<Answer> answers = Answer.read(source.in, prompts == null ? Prompts.NONE : Prompts.read(prompts));
    List<Ruling> rulings = new ArrayList<>();
    for (io.github.derta.eval.Judge judge : judges) {
      rulings.addAll(Judges.rulings(judge, answers));
    }
    Table judged = Answers.of(answers, rulings);
    boolean named = answers.stream().anyMatch(answer -> !answer.model().isEmpty());
    print(named ? AnswerTables.readable(judged, "method", "judge") : AnswerTables.readable(judged, "judge"));
    if (judges.size() > 1) {
      System.out.println();
      print(Agreement.of(Map.of("", rulings), SEED).removeColumns("model"));
    }
    if (out != null) {
      JsonLines.write(out, rulings.iterator());
    }
  }

  private void human(List<io.github.derta.eval.Judge> judges) throws IOException {
    Path cache = Path.of(System.getenv().getOrDefault("DERTA_HOME", "."), ".derta", "downloads");
    Path wheel =
        source.human.contains("://")
            ? Download.parse(source.human).to(cache, null)
            : Path.of(source.human);
    Table rates = null;
    for (HumanLabels task : HumanLabels.values()) {
      List<HumanLabels.Label> labels = task.read(wheel);
      for (io.github.derta.eval.Judge judge : judges) {
        Table some = task.quality(judge, labels, SEED);
        rates = rates == null ? some : rates.append(some);
      }
    }
    save(rates);
  }

  private void published(List<io.github.derta.eval.Judge> judges) throws IOException {
    Table rates = PublishedAsr.measure(PublishedResponses.in(source.published), judges);
    if (out != null) {
      save(rates);
    }
    // Mean difference to the paper over the files for which it gives a rate.
    Table compared = rates.where(rates.doubleColumn("paper").isNotMissing());
    compared.addColumns(compared.doubleColumn("difference").abs().setName("absolute difference"));
    print(compared.summarize("difference", "absolute difference", AggregateFunctions.mean).by("judge"));
  }

  /** As CSV where --out says, else for a reader. */
  private void save(Table rates) throws IOException {
    if (out == null) {
      print(rates);
    } else {
      RowWriter.save(out, Tables.rows(rates));
    }
  }

  private static void print(Table table) throws IOException {
    RowWriter.print(RowWriter.Format.TABLE, table);
  }
}
