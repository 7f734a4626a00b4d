///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS info.picocli:picocli:4.7.7
//DEPS org.slf4j:slf4j-simple:2.0.20
//DEPS ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0
//DEPS ai.djl.pytorch:pytorch-native-cpu:2.7.1:linux-x86_64
//RUNTIME_OPTIONS -Dorg.slf4j.simpleLogger.defaultLogLevel=error

import ai.djl.Device;
import io.github.derta.attack.Attacks;
import io.github.derta.attack.Originals;
import io.github.derta.attack.PromptGuard;
import io.github.derta.attack.Question;
import io.github.derta.attack.Questions;
import io.github.derta.eval.Ask;
import io.github.derta.eval.AttackRun;
import io.github.derta.eval.Judge;
import io.github.derta.eval.Judges;
import io.github.derta.eval.Plan;
import io.github.derta.eval.ProtocolCard;
import io.github.derta.eval.RunFolder;
import io.github.derta.eval.RunResults;
import io.github.derta.eval.RunTable;
import io.github.derta.io.BadInput;
import io.github.derta.io.Cli;
import io.github.derta.io.RowWriter;
import io.github.derta.model.Compute;
import io.github.derta.model.Decoding;
import io.github.derta.model.Devices;
import io.github.derta.model.Endpoint;
import io.github.derta.model.EndpointModel;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.LocalModel;
import io.github.derta.model.ModelFolder;
import io.github.derta.text.Redaction;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Attacks a model and judges what it answers. `--help` says the rest. */
@Command(
    name = "Attack.java",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Attacks a model, judges its answers, and prints how many are broken, refused or neither.",
      "Everything is kept in RUNDIR as it comes: the same command again goes on where it ended.",
      "Attacks: code (all of code-stack, code-list, code-string, code-print, code-steps), jailbreakchat,",
      "selfcipher, completing, direct, prefill (all of prefill-5, -10, -25, -50), prefill-K."
    },
    footer = {
      "",
      "Example: environment/jbang jbang-scripts/Attack.java --model smollm2 \\",
      "  --attacks direct,completing,prefill-10 --questions kitchen --limit 16 --out runs/base",
      "Exit code: 0; 2 if an option or a file is wrong; 130 if it was interrupted."
    })
public class Attack implements Callable<Integer> {

  static class Target {
    @Option(names = "--model", required = true, paramLabel = "DIR",
        description = "a Hugging Face model folder, or smollm2, which environment/setup brings")
    String model;

    @Option(names = "--endpoint", required = true, paramLabel = "URL",
        description = "an OpenAI-compatible server, such as http://127.0.0.1:8000/v1; with --name")
    String endpoint;
  }

  @ArgGroup(multiplicity = "1")
  Target target;

  @Option(names = "--name", paramLabel = "N", description = "the model's name in tables, at an endpoint its name there")
  String name;

  @Option(names = "--attacks", split = ",", required = true, paramLabel = "NAME", description = "which attacks")
  List<String> attacks;

  @Option(names = "--questions", defaultValue = "kitchen", paramLabel = "NAME|FILE",
      description = "kitchen, published, donotanswer, harmbench, advbench, strongreject, or a file"
          + " (default: kitchen)")
  String questions;

  @Option(names = "--prompts", defaultValue = "built-in", paramLabel = "built-in|published",
      description = "our own prompts, or those of the paper's public repository (default: built-in)")
  String prompts;

  @Option(names = "--originals", paramLabel = "DIR",
      description = "a folder that holds wheels or a clone of the public repository, instead of a download")
  Path originals;

  @Option(names = "--judges", split = ",", paramLabel = "NAME",
      description = "kitchen, kitchen-strict, phrases, gcg-demo, gcg-evaluation, autodan (default: kitchen for"
          + " the kitchen's questions, else phrases)")
  List<String> judges;

  @Option(names = "--out", required = true, paramLabel = "RUNDIR", description = "where the run is kept")
  Path out;

  @Option(names = "--limit", paramLabel = "N", description = "questions per attack (default: all)")
  Integer limit;

  @Option(names = "--max-new-tokens", paramLabel = "N", defaultValue = "128",
      description = "longest answer (default: ${DEFAULT-VALUE}; the paper: 1024)")
  int maxNewTokens;

  @Option(names = "--parallel", paramLabel = "N", defaultValue = "8",
      description = "requests at a time, with --endpoint (default: ${DEFAULT-VALUE})")
  int parallel;

  @Option(names = "--max-requests", paramLabel = "N", defaultValue = "10000",
      description = "most requests in all, with --endpoint (default: ${DEFAULT-VALUE})")
  int maxRequests;

  @Option(names = "--key-variable", paramLabel = "NAME", defaultValue = Endpoint.KEY_VARIABLE,
      description = "environment variable with the endpoint's key (default: ${DEFAULT-VALUE})")
  String keyVariable;

  @Option(names = "--batch", paramLabel = "N", defaultValue = "32",
      description = "answers that a local model makes together (default: ${DEFAULT-VALUE})")
  int batch;

  @Option(names = "--dtype", paramLabel = "auto|f32|bf16", defaultValue = "auto",
      description = "type of a local model's matrix products (default: the faster)")
  String dtype;

  @Option(names = "--device", paramLabel = "auto|cpu|gpu", defaultValue = "auto",
      description = "default: a GPU if there is one")
  String device;

  @Option(names = "--base", paramLabel = "RUNDIR",
      description = "the same run of the base model: its broken share beside each rate")
  Path base;

  @Option(names = "--format", defaultValue = "table", paramLabel = "table|csv|json", description = "default: table")
  RowWriter.Format format;

  @Option(names = "--show-text", description = "show questions in the protocol card; else only the kitchen's")
  boolean showText;

  public static void main(String... args) {
    Cli.main(new Attack(), args);
  }

  @Override
  public Integer call() throws IOException {
    Originals others = new Originals(
        Path.of(System.getenv().getOrDefault("DERTA_HOME", "."), ".derta", "downloads"), originals);
    Questions source = Questions.find(questions, others);
    System.err.println(source);
    List<Question> asked = source.all().subList(0, limit == null ? source.all().size() : atMost(source.all().size()));
    List<List<Ask>> asks = Attacks.on(source, others).prompts(prompts).named(attacks).stream()
        .map(attack -> Ask.all(attack, asked))
        .toList();
    List<Judge> named = judgeNames(source).stream().map(Judges::named).toList();
    try (RunFolder folder = RunFolder.open(out, System.err::println)) {
      AttackRun run = new AttackRun(folder, asks, System.err::println);
      ask(folder, run, source, asked, asks);
      run.judge(named);
      print(folder.results(), source);
      return 0;
    } catch (CancellationException e) {
      System.err.println(e.getMessage());
      return 130;
    }
  }

  private int atMost(int there) {
    if (limit < 1) {
      throw new BadInput("--limit " + limit + ": at least 1 is needed");
    }
    return Math.min(limit, there);
  }

  private List<String> judgeNames(Questions source) {
    return judges != null ? judges : List.of(source.name().equals("kitchen") ? "kitchen" : "phrases");
  }

  private void ask(
      RunFolder folder, AttackRun run, Questions source, List<Question> asked, List<List<Ask>> asks) throws IOException {
    Decoding decoding = Decoding.greedy(maxNewTokens);
    Plan.Asked about = Plan.Asked.of(source.name(), source.origin(), asked);
    if (target.endpoint != null) {
      if (name == null) {
        throw new BadInput("--endpoint needs --name, the model's name there");
      }
      Plan.Subject subject = new Plan.Subject(name, target.endpoint, Map.of());
      folder.begin(new Plan(subject, about, planned(asks, null, null), decoding, Plan.versions(false)));
      Endpoint endpoint =
          new Endpoint(target.endpoint, name, keyVariable, parallel, maxRequests, Duration.ofMinutes(5));
      try (LanguageModel model = EndpointModel.of(endpoint)) {
        run.ask(model, decoding, asks.stream().mapToInt(List::size).max().orElse(1));
      }
      return;
    }
    Path files = ModelFolder.find(target.model);
    Device where = Devices.parse(device);
    Compute compute = Compute.parse(dtype, where);
    String called = name != null ? name : files.getFileName().toString();
    try (LocalModel model = LocalModel.load(files, compute, where, batch);
        PromptGuard guard = PromptGuard.of(files)) {
      Plan.Subject subject = Plan.Subject.local(called, files, compute + " on " + where.getDeviceType());
      folder.begin(new Plan(subject, about, planned(asks, guard, model), decoding, Plan.versions(true)));
      run.ask(model, decoding, batch);
    }
  }

  private static Map<String, Plan.Planned> planned(List<List<Ask>> asks, PromptGuard guard, LocalModel model) {
    Map<String, Plan.Planned> planned = new LinkedHashMap<>();
    for (List<Ask> some : asks) {
      Ask first = some.get(0);
      planned.put(
          first.attack().name(),
          Plan.Planned.of(some, guard == null ? null : guard.check(model, first.attack(), first.question())));
    }
    return planned;
  }

  private void print(RunResults results, Questions source) throws IOException {
    boolean open = showText || source.name().equals("kitchen");
    System.err.println(ProtocolCard.of(results, open ? Redaction.off() : Redaction.on()));
    RunResults below = base == null ? null : RunResults.read(base);
    Writer stdout = new OutputStreamWriter(System.out, StandardCharsets.UTF_8);
    try (RowWriter writer = RowWriter.to(stdout, format)) {
      boolean numbers = format != RowWriter.Format.TABLE;
      for (Map<String, Object> row : RunTable.rows(results, below, judgeNames(source), numbers)) {
        writer.write(row);
      }
    }
    stdout.flush();
  }
}
