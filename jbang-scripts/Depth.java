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
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
      "Trains what is not trained yet, and asks what is not asked yet: both may take several sittings.",
      "Writes DIR/depth.csv, losses.csv, refusal.csv (probability by position), transcripts.csv (one question)",
      "and DIR/answers (all of them; it is only cooking)."
    },
    footer = {
      "",
      "Example: environment/jbang jbang-scripts/Depth.java --methods vanilla,derta --out depth",
      "Exit code: 0; 2 if an option is wrong; 130 if it was interrupted."
    })
public class Depth implements Callable<Integer> {

  static final int ALL = 1000;

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

  private final Map<String, List<Map<String, Object>>> tables = new LinkedHashMap<>();

  private String shown;

  public static void main(String... args) {
    Cli.main(new Depth(), args);
  }

  @Override
  public Integer call() throws IOException {
    Recipe start = Recipe.load(recipe).with(settings.toArray(String[]::new));
    Device where = Devices.parse(device);
    try {
      DepthCurve base = null;
      for (long seed : seeds) {
        for (String method : methods) {
          Trained model = train(start.with(Method.named(method)).with("seed=" + seed), where);
          if (base == null) {
            base = base(model.recipe(), where);
          }
          add(model, curve(method, seed, model.run(), model.folder(), model.recipe().dtype(), where), base);
          for (String name : tables.keySet()) {
            MethodTables.write(out.resolve(name + ".csv"), tables.get(name));
          }
        }
      }
      Writer stdout = new OutputStreamWriter(System.out, StandardCharsets.UTF_8);
      try (RowWriter writer = RowWriter.to(stdout, RowWriter.Format.TABLE)) {
        for (Map<String, Object> row : tables.get("depth")) {
          writer.write(row);
        }
      }
      stdout.flush();
      return 0;
    } catch (CancellationException e) {
      System.err.println(e.getMessage());
      return 130;
    }
  }

  /** The base model is asked with the type of products that the others were trained with. */
  private DepthCurve base(Recipe used, Device where) throws IOException {
    Path folder = ModelFolder.find(used.model());
    String run = Hashes.sha256(folder.resolve("model.safetensors")).substring(0, 16);
    DepthCurve base = curve("base", 0, run, folder, used.dtype(), where);
    shown = base.firstBroken(SHOWN_DEPTH).id();
    rows("depth").addAll(MethodTables.depth("base", 0, run, base, base));
    rows("transcripts").addAll(MethodTables.transcript("base", 0, run, base, shown));
    return base;
  }

  private void add(Trained model, DepthCurve curve, DepthCurve base) {
    String method = model.recipe().method().toString();
    long seed = model.recipe().seed();
    rows("depth").addAll(MethodTables.depth(method, seed, model.run(), curve, base));
    rows("losses").addAll(MethodTables.losses(method, seed, model.run(), model.metrics()));
    rows("refusal").addAll(MethodTables.refusal(method, seed, model.run(), model.metrics()));
    rows("transcripts").addAll(MethodTables.transcript(method, seed, model.run(), curve, shown));
  }

  private List<Map<String, Object>> rows(String table) {
    return tables.computeIfAbsent(table, name -> new ArrayList<>());
  }

  private Trained train(Recipe recipe, Device where) {
    System.err.printf("%s, seed %d: training%n", recipe.method(), recipe.seed());
    return Training.of(recipe).on(where).resume().run();
  }

  private DepthCurve curve(String method, long seed, String run, Path folder, String dtype, Device where)
      throws IOException {
    String asked = questions == ALL ? "" : "-first-" + questions;
    Path file = out.resolve("answers/%s-%d-%s-%s%s.jsonl".formatted(method, seed, run, dtype, asked));
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
