///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS info.picocli:picocli:4.7.7
//DEPS org.slf4j:slf4j-simple:2.0.20
//DEPS ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0
//DEPS ai.djl.pytorch:pytorch-native-cpu:2.7.1:linux-x86_64
//RUNTIME_OPTIONS -Dorg.slf4j.simpleLogger.defaultLogLevel=error

import io.github.derta.attack.AdaptiveAttack;
import io.github.derta.attack.Attacks;
import io.github.derta.attack.CompletingAttack;
import io.github.derta.attack.Originals;
import io.github.derta.attack.Question;
import io.github.derta.attack.Questions;
import io.github.derta.eval.Agreement;
import io.github.derta.eval.AttackSuite;
import io.github.derta.eval.Judge;
import io.github.derta.eval.Judges;
import io.github.derta.eval.ProtocolCard;
import io.github.derta.eval.Answers;
import io.github.derta.eval.Ask;
import io.github.derta.eval.Run;
import io.github.derta.eval.Target;
import io.github.derta.io.BadInput;
import io.github.derta.io.Cli;
import io.github.derta.io.Download;
import io.github.derta.io.RowWriter;
import io.github.derta.model.Decoding;
import io.github.derta.model.HelperModels;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.ModelOptions;
import io.github.derta.text.Redaction;
import io.github.derta.view.AnswerTables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tech.tablesaw.api.Table;

/** Attacks a model and judges what it answers. `--help` says the rest. */
@Command(
    name = "Attack.java",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Attacks a model, judges its answers, and prints how many are that comply, refuse, or do neither.",
      "Everything is kept in RUNDIR as it comes: the same command again continues where it ended.",
      "Attacks: code (all of code-stack, code-list, code-string, code-print, code-steps), pair, autodan,",
      "jailbreakchat, selfcipher, completing, direct, prefill (all of prefill-5, -10, -25, -50), prefill-K, prefill-own-K.",
      "Settings, by --set: pair.streams=20 .iterations=3 .turns=3 .seed=0, and .attacker and .judge, each",
      "built-in (rules that know the kitchen) or a model: DIR, or URL#NAME at an endpoint;",
      "autodan.population=16 .generations=10 .elites=0.1 .crossover=0.5 .points=5 .mutation=0.2 .cycle=5",
      ".wordSteps=1 .words=30 .seed=0, .templates (built-in or FILE), .target (built-in, generic or FILE) and",
      ".mutator (wordnet or a model); the paper has population 256, 100 generations, mutation 0.01."
    },
    footer = {
      "",
      "Example: environment/jbang jbang-scripts/Attack.java --model smollm2 \\",
      "  --attacks direct,completing,prefill-10 --questions kitchen --limit 16 --out runs/base",
      "Exit code: 0; 2 if an option or a file is wrong, or a prompt has no answer; 130 if it was interrupted."
    })
public class Attack implements Callable<Integer> {

  @Mixin
  ModelOptions.Asked model;

  @Option(names = "--attacks", split = ",", required = true, paramLabel = "NAME", description = "which attacks")
  List<String> attacks;

  @Option(names = "--questions", defaultValue = "kitchen", paramLabel = "NAME|FILE",
      description = "kitchen, published, donotanswer, harmbench, advbench, strongreject, or a file: a question a line,"
          + " JSON Lines, JSON or CSV, also as HarmBench, JailbreakBench, AdvBench, StrongREJECT and XSTest have them"
          + " (default: kitchen)")
  String questions;

  @Option(names = "--prompts", defaultValue = "built-in", paramLabel = "built-in|published",
      description = "our own prompts, or those of the paper's public repository (default: built-in)")
  String prompts;

  @Option(names = "--templates", defaultValue = "built-in", paramLabel = "built-in|pyrit|FILE",
      description = "JailbreakChat's templates (default: built-in)")
  String templates;

  @Option(names = "--demonstrations", paramLabel = "FILE", description = "SelfCipher's demonstrations (default: ours)")
  Path demonstrations;

  @Option(names = "--openings", paramLabel = "FILE",
      description = "CompletingAttack's openings, {\"question_id\",\"opening\"} (default: the kitchen's)")
  Path openings;

  @Option(names = "--openings-by", paramLabel = "DIR|URL#NAME",
      description = "a model that writes the openings which that file lacks: a folder, or NAME at an endpoint's address")
  String writer;

  @Option(names = "--answers", paramLabel = "FILE",
      description = "answers that prefill-K begins, {\"question_id\",\"response\"} (default: the kitchen's)")
  Path answers;

  @Option(names = "--own-answers", paramLabel = "FILE",
      description = "the attacked model's own answers, which prefill-own-K begins")
  Path ownAnswers;

  @Option(names = "--set", paramLabel = "ATTACK.KEY=VALUE", description = "a setting of pair or autodan; repeatable")
  List<String> settings = List.of();

  @Option(names = "--originals", paramLabel = "DIR",
      description = "a folder that holds wheels or a clone of the public repository, instead of a download")
  Path originals;

  @Option(names = "--judges", split = ",", paramLabel = "NAME",
      description = "kitchen, kitchen-strict, phrases, gcg-demo, gcg-evaluation, autodan, rubric:MODEL,"
          + " classifier:DIR (default: kitchen for the kitchen's questions, else phrases)")
  List<String> judges;

  @Option(names = "--out", required = true, paramLabel = "RUNDIR", description = "where the run is kept")
  Path out;

  @Option(names = "--limit", paramLabel = "N", defaultValue = "" + Integer.MAX_VALUE,
      description = "questions per attack (default: all)")
  int limit;

  @Option(names = "--max-new-tokens", paramLabel = "N", defaultValue = "128",
      description = "longest answer (default: ${DEFAULT-VALUE}; the paper: 1024)")
  int maxNewTokens;

  @Option(names = "--base", paramLabel = "RUNDIR",
      description = "the same run of the base model: its rates beside these")
  Path base;

  @Option(names = "--format", defaultValue = "table", paramLabel = "table|csv|json", description = "default: table")
  RowWriter.Format format;

  @Option(names = "--show-text", description = "show texts in the protocol card; else only the kitchen's in our own prompts")
  boolean showText;

  public static void main(String... args) {
    Cli.main(new Attack(), args);
  }

  @Override
  public Integer call() throws IOException {
    Originals others = new Originals(Download.CACHE, originals);
    Questions source = Questions.find(questions, others);
    System.err.println(source);
    if (limit < 1) {
      throw new BadInput("--limit " + limit + ": at least 1 is needed");
    }
    if (writer != null) {
      writeOpenings(source.first(limit));
    }
    List<Judge> opened = new ArrayList<>();
    List<io.github.derta.attack.Attack> made = List.of();
    try {
      made = attacks(source, others).named(attacks);
      model.check( // a mistake is told before weights are read
          made.stream().map(attack -> Ask.all(attack, source.first(limit)).get(0).prompt()).toList());
      for (String spec : judges != null ? judges : List.of(source.ours() ? "kitchen" : "phrases")) {
        opened.add(Judges.open(spec, model.dtype, model.device()));
      }
      AttackSuite suite = new AttackSuite(source, limit, made, Decoding.greedy(maxNewTokens), opened);
      Path[] runs = base == null ? new Path[] {out} : new Path[] {out, base};
      Run results = suite.run(Target.of(model, runs), out, System.err::println);
      print(results, opened.stream().map(Judge::name).toList());
      int missing = results.planned() - results.answers().size();
      if (missing > 0) {
        System.err.printf("%d of %d prompts have no answer; the same command asks them again%n",
            missing, results.planned());
      }
      return missing == 0 ? 0 : 2;
    } catch (CancellationException e) {
      System.err.println(e.getMessage());
      return 130;
    } finally {
      opened.forEach(Judge::close);
      made.stream()
          .filter(AdaptiveAttack.class::isInstance)
          .forEach(attack -> ((AdaptiveAttack) attack).close());
    }
  }

  private void writeOpenings(List<Question> asked) throws IOException {
    if (openings == null) {
      throw new BadInput("--openings-by: --openings FILE is needed, which keeps what is written");
    }
    List<Question> missing = CompletingAttack.withoutOpening(asked, openings);
    if (!missing.isEmpty()) {
      System.err.printf("%d openings to write%n", missing.size());
      try (LanguageModel author = LanguageModel.open(writer, model.dtype, model.device())) {
        CompletingAttack.write(missing, author, openings);
      }
    }
  }

  private Attacks attacks(Questions source, Originals others) {
    Attacks made = Attacks.on(source, others).prompts(prompts).templates(templates);
    made.models(new HelperModels(model.dtype, model.device())).set(settings);
    return made.demonstrations(demonstrations).openings(openings).answers(answers).ownAnswers(ownAnswers);
  }

  private void print(Run results, List<String> judged) throws IOException {
    boolean open = showText || results.plan().readable();
    System.err.println(ProtocolCard.of(results, open ? Redaction.off() : Redaction.on()));
    Map<String, Run> runs = new LinkedHashMap<>();
    if (base != null) {
      Run below = Run.read(base);
      results.compareWith(below);
      runs.put("base: " + below.plan().model().name(), below);
    }
    String called = results.plan().model().name();
    runs.put(called, results);
    Table answers = Answers.of(runs);
    answers = answers.where(answers.stringColumn("judge").isIn(judged));
    if (format == RowWriter.Format.TABLE) {
      RowWriter.print(format, AnswerTables.readable(answers, "method", "attack", "judge"));
    } else {
      RowWriter.print(format, AnswerTables.rates(answers, "method", "attack", "judge"));
    }
    Table agreement = Agreement.of(Map.of(called, results.rulings()), 0);
    if (!agreement.isEmpty()) {
      System.err.println(agreement.printAll());
    }
  }
}
