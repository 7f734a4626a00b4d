///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS info.picocli:picocli:4.7.7
//DEPS org.slf4j:slf4j-simple:2.0.20
//DEPS ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0
//DEPS ai.djl.pytorch:pytorch-native-cpu:2.7.1:linux-x86_64
//RUNTIME_OPTIONS -Dorg.slf4j.simpleLogger.defaultLogLevel=error

import ai.djl.Device;
import io.github.derta.data.Method;
import io.github.derta.eval.DepthCurve;
import io.github.derta.eval.MethodStudy;
import io.github.derta.eval.MethodStudy.Member;
import io.github.derta.eval.MethodStudy.Part;
import io.github.derta.eval.MethodTables;
import io.github.derta.io.Cli;
import io.github.derta.io.Hashes;
import io.github.derta.io.Progress;
import io.github.derta.io.RowWriter;
import io.github.derta.model.Compute;
import io.github.derta.model.Devices;
import io.github.derta.model.LocalModel;
import io.github.derta.model.ModelFolder;
import io.github.derta.train.Recipe;
import io.github.derta.train.Trained;
import io.github.derta.train.Training;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains the methods of the kitchen and asks how deep they refuse. `--help` says the rest. */
@Command(
    name = "Depth.java",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Share of answers that are refused when the first k tokens of the base model's answer are given.",
      "Trains what is not trained yet, and asks what is not asked yet: both may take several sittings,",
      "and what the tables hold already counts as done. Writes four tables, RECIPE-depth.csv, -losses.csv,",
      "-refusal.csv (probability by position), -transcripts.csv (one question), and DIR/answers (all of them;",
      "it is only cooking). The tables in notebooks/ are made by",
      "  Depth.java --seeds 0,1,2 --set dtype=bf16 --out .derta/depth --tables notebooks"
    },
    footer = {
      "",
      "Example: environment/jbang jbang-scripts/Depth.java --methods vanilla,derta --out depth",
      "Exit code: 0; 2 if an option is wrong; 130 if it was interrupted."
    })
public class Depth implements Callable<Integer> {

  static final int ALL = 1000;

  static final String BASE = "base";

  /** The question that is shown is the first one that the base model answers after so many tokens. */
  static final int SHOWN_DEPTH = 10;

  @Option(names = "--recipe", defaultValue = "kitchen", paramLabel = "NAME|FILE",
      description = "default: ${DEFAULT-VALUE}")
  String recipe;

  @Option(names = "--methods", split = ",", defaultValue = "vanilla,harmful-prefix,rto,derta",
      paramLabel = "METHOD", description = "default: ${DEFAULT-VALUE}")
  List<String> methods;

  @Option(names = "--seeds", split = ",", defaultValue = "0", paramLabel = "SEED",
      description = "default: ${DEFAULT-VALUE}")
  List<Long> seeds;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "changes a value of the recipe; repeatable")
  List<String> settings = List.of();

  @Option(names = "--questions", defaultValue = "" + ALL, paramLabel = "N",
      description = "most questions of each kind (default: all)")
  int questions;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "where tables and answers go")
  Path out;

  @Option(names = "--device", defaultValue = "auto", paramLabel = "auto|cpu|gpu",
      description = "default: a GPU if there is one")
  String device;

  @Option(names = "--tables", paramLabel = "DIR",
      description = "where the tables go and are gone on with (default: --out)")
  Path tables;

  private MethodStudy study;

  private DepthCurve base;

  public static void main(String... args) {
    Cli.main(new Depth(), args);
  }

  @Override
  public Integer call() throws IOException {
    Recipe start = Recipe.load(recipe).with(settings.toArray(String[]::new));
    Device where = Devices.parse(device);
    study = MethodStudy.open(tables == null ? out : tables, start.name() + firstOnly());
    forgetOthers(start, where);
    try {
      for (long seed : seeds) {
        for (String method : methods) {
          Recipe one = with(start, method, seed);
          if (inTables(one)) {
            System.err.printf("%s, seed %d: in the tables%n", method, seed);
            continue;
          }
          Trained model = train(one, where);
          add(model, curve(method, seed, model.run(), model.folder(), model.recipe().dtype(), where), where);
          study.save();
        }
      }
      RowWriter.print(RowWriter.Format.TABLE, study.rows(Part.DEPTH));
      return 0;
    } catch (CancellationException e) {
      System.err.println(e.getMessage());
      return 130;
    }
  }

  private static Recipe with(Recipe start, String method, long seed) {
    return start.with(Method.named(method)).with("seed=" + seed);
  }

  /** What is left there is of this recipe: a run's hash, which takes all its rows, is not made again. */
  private boolean inTables(Recipe one) {
    return study.members().stream()
        .anyMatch(member -> member.method().equals(one.method().toString()) && member.seed() == one.seed());
  }

  private String firstOnly() {
    return questions == ALL ? "" : "-first-" + questions;
  }

  /** What the tables hold of another recipe, other rows or another start is not gone on with. */
  private void forgetOthers(Recipe start, Device where) throws IOException {
    Set<Member> others = new LinkedHashSet<>();
    for (Member member : study.members()) {
      boolean same = member.run().equals(
          member.method().equals(BASE)
              ? baseRun(Training.of(start).on(where).resolved())
              : Training.of(with(start, member.method(), member.seed())).on(where).id());
      if (!same) {
        others.add(member);
      }
    }
    // The curves of all others are compared with the base's.
    if (others.stream().anyMatch(member -> member.method().equals(BASE))) {
      others.addAll(study.members());
    }
    study.remove(others::contains);
    if (!others.isEmpty()) {
      System.err.println("The tables' rows of another recipe, rows or start are made anew: " + others);
    }
  }

  /** The base model is asked with the type of products that the others were trained with. */
  private static String baseRun(Recipe used) throws IOException {
    String weights = Hashes.sha256(ModelFolder.find(used.model()).resolve("model.safetensors"));
    return Hashes.sha256((weights + used.dtype()).getBytes(StandardCharsets.UTF_8)).substring(0, 16);
  }

  private DepthCurve base(Recipe used, Device where) throws IOException {
    if (base == null) {
      Path folder = ModelFolder.find(used.model());
      String run = baseRun(used);
      base = curve(BASE, 0, run, folder, used.dtype(), where);
      if (!study.members().contains(new Member(BASE, 0, run))) {
        study.add(Part.DEPTH, MethodTables.depth(BASE, 0, run, base, base));
        study.add(Part.TRANSCRIPTS, MethodTables.transcript(BASE, 0, run, base, shown()));
      }
    }
    return base;
  }

  private String shown() {
    return base.firstBroken(SHOWN_DEPTH).id();
  }

  private void add(Trained model, DepthCurve curve, Device where) throws IOException {
    DepthCurve start = base(model.recipe(), where);
    String method = model.recipe().method().toString();
    long seed = model.recipe().seed();
    study.add(Part.DEPTH, MethodTables.depth(method, seed, model.run(), curve, start));
    study.add(Part.LOSSES, MethodTables.losses(method, seed, model.run(), model.metrics()));
    study.add(Part.REFUSAL, MethodTables.refusal(method, seed, model.run(), model.metrics()));
    study.add(Part.TRANSCRIPTS, MethodTables.transcript(method, seed, model.run(), curve, shown()));
  }

  private Trained train(Recipe recipe, Device where) {
    System.err.printf("%s, seed %d: training%n", recipe.method(), recipe.seed());
    return Training.of(recipe).on(where).resume().run();
  }

  private DepthCurve curve(String method, long seed, String run, Path folder, String dtype, Device where)
      throws IOException {
    Path file = out.resolve("answers/%s-%d-%s%s.jsonl".formatted(method, seed, run, firstOnly()));
    if (!Files.exists(file)) {
      System.err.printf("%s, seed %d: asking%n", method, seed);
      try (LocalModel model = LocalModel.load(folder, Compute.parse(dtype, where), where, 128);
          Progress progress = Progress.of("Asking", 1, " answers", 1)) {
        DepthCurve.measure(model, questions, progress::add).save(file);
      }
    }
    return DepthCurve.load(file);
  }
}
