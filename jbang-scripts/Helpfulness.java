///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS info.picocli:picocli:4.7.7
//DEPS org.slf4j:slf4j-simple:2.0.20
//RUNTIME_OPTIONS -Dorg.slf4j.simpleLogger.defaultLogLevel=error

import io.github.derta.attack.Attacks;
import io.github.derta.attack.Questions;
import io.github.derta.eval.AnswerRule;
import io.github.derta.eval.AttackSuite;
import io.github.derta.eval.Run;
import io.github.derta.eval.Target;
import io.github.derta.eval.WinRate;
import io.github.derta.io.BadInput;
import io.github.derta.io.Cli;
import io.github.derta.io.RowWriter;
import io.github.derta.kitchen.KitchenQuestion.Kind;
import io.github.derta.model.Decoding;
import io.github.derta.model.ModelFolder;
import io.github.derta.model.ModelOptions;
import io.github.derta.model.Prompt;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tech.tablesaw.api.Table;

/** How helpful a model is, beside how safe. `--help` says the rest. */
@Command(
    name = "Helpfulness.java",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Share of right answers, by every rule of the task: the paper tells none, and they differ.",
      "gsm8k: last-number, last-sentence, any-number. mmlu: stated-option, first-option.",
      "kitchen: not-refused, on held-out tasks, facts and allowed questions about food, or on any harmless questions.",
      "alpaca: how often a judging model prefers the responses to those of a reference, a tie as half: both-orders, "
          + "first-order (it reads them first), second-order.",
      "What gives no answer or no verdict is invalid, and counts as wrong. Asking keeps every answer in DIR, a judge's "
          + "too, and the same command again asks only what is missing."
    },
    footer = {
      "",
      "Example: environment/jbang jbang-scripts/Helpfulness.java --task mmlu \\",
      "  --responses DeRTa/results/helpfulness/mmlu/*.json",
      "Example: environment/jbang jbang-scripts/Helpfulness.java --task kitchen \\",
      "  --model smollm2 --out runs/kept-helpful",
      "Example: environment/jbang jbang-scripts/Helpfulness.java --task alpaca \\",
      "  --responses mine.jsonl --reference theirs.json --judge http://localhost:8000/v1#big --out runs/wins",
      "Exit code: 0; 2 if an option or a file is wrong, or answers are missing; 130 if interrupted."
    })
public class Helpfulness implements Callable<Integer> {

  @Option(names = "--responses", arity = "1..*", paramLabel = "FILE",
      description = "responses as Judge.java takes them, with the question and perhaps the right \"answer\"; or a model:")
  List<Path> responses;

  @Mixin
  ModelOptions.Asked model;

  @Option(names = "--task", required = true, paramLabel = "gsm8k|mmlu|alpaca|kitchen", description = "what was asked")
  String task;

  @Option(names = "--questions", paramLabel = "FILE",
      description = "JSON Lines with \"question\" and \"answer\": what a model is asked, and the right answers of responses"
          + " that lack them")
  Path questions;

  @Option(names = "--reference", paramLabel = "FILE",
      description = "alpaca: responses of another model, as AlpacaEval has them;"
          + " also what a model is asked if there is no --questions")
  Path reference;

  @Option(names = "--judge", paramLabel = "MODEL", description = "alpaca: a folder, smollm2, or URL#NAME")
  String judge;

  @Option(names = "--out", paramLabel = "DIR", description = "where a model's answers, and a judge's, are kept")
  Path out;

  @Option(names = "--limit", defaultValue = "" + Integer.MAX_VALUE, paramLabel = "N",
      description = "with a model: questions at most (default: all)")
  int limit;

  @Option(names = "--max-new-tokens", defaultValue = "512", paramLabel = "N",
      description = "with a model: of each answer (default: ${DEFAULT-VALUE})")
  int maxNewTokens;

  @Option(names = "--format", paramLabel = "table|csv|json", defaultValue = "table",
      description = "default: table")
  RowWriter.Format format;

  /** Whether a file could not be judged. */
  private boolean bad;

  public static void main(String... args) {
    Cli.main(new Helpfulness(), args);
  }

  @Override
  public Integer call() throws IOException {
    Map<String, String> answers = checked();
    Map<String, Path> files = new LinkedHashMap<>();
    int missing = 0;
    Table rates;
    try {
      if (responses != null) {
        responses.forEach(file -> files.put(file.toString(), file));
      } else {
        for (Questions some : asked()) {
          Path folder = out.resolve(some.name());
          Run run = ask(some, folder);
          missing += run.planned() - run.answers().size();
          files.put(some.name(), folder.resolve("responses.jsonl"));
        }
      }
      rates = rates(files, answers);
    } catch (CancellationException e) {
      System.err.println(e.getMessage());
      return 130;
    }
    if (rates != null) {
      RowWriter.print(format, rates);
    }
    if (missing > 0) {
      System.err.printf("%d questions have no answer; the same command asks them again%n", missing);
    }
    return missing == 0 && !bad ? 0 : 2;
  }

  /** Tells a mistake before anything is asked; the right answers, or the reference's. */
  private Map<String, String> checked() {
    boolean alpaca = task.equals(WinRate.TASK);
    if (alpaca ? reference == null || judge == null : reference != null || judge != null) {
      throw new BadInput("--task alpaca needs --reference FILE and --judge MODEL; no other task has them");
    }
    if (model.isGiven() == (responses != null)) {
      throw new BadInput("one of --responses FILE, --model DIR and --endpoint URL|FILE is needed");
    }
    if (alpaca) {
      if (!judge.contains("://")) {
        ModelFolder.find(judge);
      }
      return WinRate.reference(reference);
    }
    AnswerRule.of(task);
    return questions == null || task.equals("kitchen") ? Map.of() : AnswerRule.answers(questions);
  }

  /** Of all files that can be judged; null if none can. */
  private Table rates(Map<String, Path> files, Map<String, String> answers) {
    Table rates = null;
    boolean alpaca = task.equals(WinRate.TASK);
    try (WinRate wins = alpaca ? wins(answers) : null) {
      for (String name : files.keySet()) {
        try {
          Path file = files.get(name);
          Table some = alpaca ? wins.rates(name, file) : AnswerRule.rates(name, file, task, answers);
          rates = rates == null ? some : rates.append(some);
        } catch (BadInput e) {
          System.err.println(e.getMessage());
          bad = true;
        }
      }
    }
    return rates;
  }

  private WinRate wins(Map<String, String> answers) {
    Path kept = out == null ? null : out.resolve("verdicts.jsonl");
    return WinRate.open(answers, judge, model.dtype, model.device(), kept);
  }

  private List<Questions> asked() {
    if (out == null) {
      throw new BadInput("--out DIR is needed, where the model's answers are kept");
    }
    Path file = questions == null ? reference : questions;
    if (file != null) {
      return List.of(Questions.find(file.toString(), null));
    }
    if (!task.equals("kitchen")) {
      throw new BadInput("--questions FILE is needed: " + task + " is not shipped with this kit");
    }
    return List.of(Questions.kitchen(Kind.TASK), Questions.kitchen(Kind.FACT), Questions.kitchen(Kind.NEAR));
  }

  private Run ask(Questions some, Path folder) {
    AttackSuite suite = new AttackSuite(
        some, limit, Attacks.on(some, null).named(List.of("direct")), Decoding.greedy(maxNewTokens), List.of());
    model.check(List.of(Prompt.chat("")));
    return suite.run(Target.of(model, folder), folder, System.err::println);
  }
}
