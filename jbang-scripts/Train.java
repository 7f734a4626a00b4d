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
import io.github.derta.io.Cli;
import io.github.derta.io.Progress;
import io.github.derta.model.Devices;
import io.github.derta.model.ModelFolder;
import io.github.derta.train.Memory;
import io.github.derta.train.Recipe;
import io.github.derta.train.StepMetrics;
import io.github.derta.train.Trained;
import io.github.derta.train.Training;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains a model by a recipe. `--help` says the rest. */
@Command(
    name = "Train.java",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Trains a model by a recipe, once: results are kept under .derta/trained.",
      "Built-in recipes: kitchen, kitchen-lora, llama3-8b, mistral-7b, llama3-70b, mixtral-8x7b, dpo.",
      "The result is a Hugging Face folder with recipe.yaml and metrics.jsonl in it; of LoRA the adapter, too."
    },
    footer = {
      "",
      "Example: environment/jbang jbang-scripts/Train.java --recipe kitchen --method derta --out derta",
      "Exit code: 0; 2 if recipe, model, data or memory are wrong; 130 if it was interrupted."
    })
public class Train implements Callable<Integer> {

  @Option(names = "--recipe", required = true, paramLabel = "NAME|FILE",
      description = "a built-in recipe or a YAML file")
  String recipeName;

  @Option(names = "--method", paramLabel = "METHOD",
      description = "vanilla, harmful-prefix, rto, derta, rto-only, dpo")
  String method;

  @Option(names = "--model", paramLabel = "DIR", description = "the model to start from")
  Path model;

  @Option(names = "--data", paramLabel = "FILE.jsonl",
      description = "rows, for DPO pairs, as BuildData.java writes them")
  Path data;

  @Option(names = "--out", paramLabel = "DIR", description = "where the trained model goes")
  Path out;

  @Option(names = "--set", paramLabel = "KEY=VALUE",
      description = "changes a value of the recipe; repeatable")
  List<String> settings = List.of();

  @Option(names = "--resume", description = "continue an unfinished run from its last checkpoint")
  boolean resume;

  @Option(names = "--restart", description = "begin anew, and delete the checkpoints of an unfinished run")
  boolean restart;

  @Option(names = "--dry-run",
      description = "print the whole recipe, of --model's own shape, and what memory and disk it needs; without --model"
          + " no model is needed")
  boolean dryRun;

  @Option(names = "--device", defaultValue = "auto", paramLabel = "auto|cpu|gpu",
      description = "where to train (default: a GPU if there is one)")
  String device;

  @Option(names = "--profile", description = "print where the time went")
  boolean profile;

  public static void main(String... args) {
    Cli.main(new Train(), args);
  }

  @Override
  public Integer call() {
    Recipe recipe = recipe();
    Device where = Devices.parse(device);
    if (dryRun) {
      Recipe shown = model == null ? recipe : Training.of(recipe).on(where).resolved();
      Memory memory = Memory.of(shown, where);
      System.out.print(shown.toYaml());
      System.out.printf("# memory: %s%n# %s%n# disk: %s%n", memory, memory.verdict(where), Memory.disk(shown, out == null ? 1 : 2));
      return 0;
    }
    Training training = Training.of(recipe).on(where);
    if (out != null) {
      training.out(out);
    }
    if (resume) {
      training.resume();
    }
    if (restart) {
      training.restart();
    }
    try (Bar bar = new Bar()) {
      report(training.listen(bar::show).run());
      return 0;
    } catch (CancellationException e) {
      System.err.println(e.getMessage());
      return 130;
    }
  }

  private Recipe recipe() {
    Recipe recipe = Recipe.load(recipeName);
    if (model != null) {
      recipe = recipe.withModel(ModelFolder.find(model.toString()));
    }
    if (data != null) {
      recipe = recipe.with("data=" + data, "validation=null");
    }
    if (method != null) {
      recipe = recipe.with(Method.named(method));
    }
    return recipe.with(settings.toArray(String[]::new));
  }

  private void report(Trained trained) {
    List<StepMetrics> steps = trained.metrics();
    StepMetrics last = steps.get(steps.size() - 1);
    System.out.printf(Locale.ROOT, "%s%s, %d steps, loss %.4f%n", trained.folder(),
        trained.cached() ? " (trained before)" : "", last.steps(), last.loss());
    if (profile) {
      StepMetrics.Seconds sum =
          steps.stream().map(StepMetrics::time).reduce(StepMetrics.Seconds.NONE, StepMetrics.Seconds::plus);
      System.out.printf(Locale.ROOT,
          "seconds: data %.2f, forward %.1f, backward %.1f, optimizer %.1f; a step %.2f (dtype %s)%n",
          sum.data(), sum.forward(), sum.backward(), sum.optimizer(), sum.total() / last.steps(),
          trained.recipe().dtype());
    }
  }

  /** The progress bar, made when the number of steps is known. */
  private static final class Bar implements AutoCloseable {
    private Progress progress;

    void show(StepMetrics step) {
      if (progress == null) {
        progress = Progress.of("Training", step.steps(), " steps", 1);
        progress.add(step.step());
      } else {
        progress.add(1);
      }
      progress.say(step.toString());
    }

    @Override
    public void close() {
      if (progress != null) {
        progress.close();
      }
    }
  }
}
