package io.github.derta.train;

import ai.djl.Device;
import io.github.derta.data.Method;
import io.github.derta.data.Row;
import io.github.derta.io.AtomicFolder;
import io.github.derta.io.BadInput;
import io.github.derta.io.Download;
import io.github.derta.io.Hashes;
import io.github.derta.io.Warnings;
import io.github.derta.model.Compute;
import io.github.derta.model.Devices;
import io.github.derta.model.ModelConfig;
import io.github.derta.model.ModelFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Trains a model by a recipe, once: results are kept under {@code .derta/trained} by the hash of
 * recipe, rows and start weights.
 *
 * <pre>{@code
 * Trained derta = Training.of(Recipe.load("kitchen")).run();
 * }</pre>
 */
public final class Training {

  /** To be raised when the same recipe, data and start come to other weights than before. */
  private static final String RULES = "2\n";

  private final Recipe recipe;
  private Device device = Devices.parse("auto");
  private Consumer<StepMetrics> listener = metrics -> {};
  private Path home = Download.HOME;
  private Path out;
  private boolean resume;
  private boolean restart;

  private Training(Recipe recipe) {
    this.recipe = recipe;
  }

  /**
   * {@return a training, on a GPU if there is one}
   *
   * @param recipe what to do
   */
  public static Training of(Recipe recipe) {
    return new Training(recipe);
  }

  /**
   * {@return this}
   *
   * @param other where it runs
   */
  public Training on(Device other) {
    device = other;
    return this;
  }

  /**
   * {@return this}
   *
   * @param other is told of every step, on the thread that trains; of a resumed run of those before
   *     it first
   */
  public Training listen(Consumer<StepMetrics> other) {
    listener = other;
    return this;
  }

  /**
   * {@return this}
   *
   * @param folder the model is written there as well
   */
  public Training out(Path folder) {
    out = folder;
    return this;
  }

  /**
   * {@return this}
   *
   * @param folder holds {@code trained} instead of {@code .derta}
   */
  public Training home(Path folder) {
    home = folder;
    return this;
  }

  /** {@return this, going on from the last checkpoint of an unfinished run} */
  public Training resume() {
    resume = true;
    return this;
  }

  /** {@return this, beginning anew where an unfinished run has checkpoints, which are deleted} */
  public Training restart() {
    restart = true;
    return this;
  }

  /**
   * Trains, or finds what was trained before. An interrupt of the thread or of the process ends it
   * after the step at hand, with a checkpoint; a run that begins before then waits for it.
   *
   * @return the trained model
   * @throws BadInput if recipe, model and rows do not fit together or into memory, a checkpoint is
   *     of another run, an unfinished run is neither to be resumed nor restarted, a folder cannot
   *     be written, or the loss is no longer a number
   * @throws CancellationException if it was interrupted
   */
  public Trained run() {
    check();
    TrainingFolder.awaitTurn(); // a run that was stopped holds its memory until it has saved
    try {
      return alone();
    } finally {
      TrainingFolder.endTurn();
    }
  }

  private Trained alone() {
    if (!Files.exists(Path.of(recipe.model()))) {
      Memory.of(recipe, device).require(device); // before anybody fetches 140 GB of weights in vain
    }
    Path model = ModelFolder.find(recipe.model());
    Recipe resolved = resolved();
    Memory.of(resolved, device).require(device);
    TrainingData data = TrainingData.of(resolved, model);
    String hash = hash(resolved, data.hash(), model);
    Path folder = home.resolve("trained").resolve(hash);
    try (TrainingFolder run = new TrainingFolder(resolved, model, data, device, folder, hash)) {
      boolean cached = run.finished();
      if (cached) {
        checkMethod(resolved, run.result());
      } else {
        data.notes().forEach(System.err::println);
        run.train(resume, restart, listener);
      }
      Path result = out == null ? run.result() : fill(run.result());
      return new Trained(result, resolved, hash, cached);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file of rows is one method's, and the same training has one name. */
  private static void checkMethod(Recipe recipe, Path result) {
    Method before = Recipe.load(result.resolve(TrainingFolder.RECIPE).toString()).method();
    if (before != recipe.method()) {
      throw new BadInput(
          "%s: the same rows were trained as method %s before (%s), so this is no second method; name the file of method %s, as rows-{method}.jsonl"
              .formatted(recipe.dataFile(), before, result, recipe.method()));
    }
  }

  /**
   * {@return the recipe as it will run: {@code auto} decided, the model's own shape}
   *
   * @throws BadInput if recipe and model do not fit together
   */
  public Recipe resolved() {
    Path model = ModelFolder.find(recipe.model());
    return resolve(ModelConfig.load(model), model);
  }

  /**
   * {@return the rows that are learned from, in their order of the first epoch before batching}
   *
   * @throws BadInput if they cannot be read
   */
  public List<Row> rows() {
    return TrainingData.training(recipe, ModelFolder.find(recipe.model()), new ArrayList<>());
  }

  /**
   * {@return the hash of recipe, rows and start weights under which the result is kept} The rows
   * are read, not tokenized: whether they fit the block is known when it runs.
   *
   * @throws BadInput if recipe and model do not fit together or the rows cannot be read
   */
  public String id() {
    Path model = ModelFolder.find(recipe.model());
    return hash(resolved(), TrainingData.hash(rows()), model);
  }

  private void check() {
    if (out == null) {
      return;
    }
    Path parent = out.toAbsolutePath().getParent();
    try {
      Files.createDirectories(parent);
      Files.delete(Files.createTempFile(parent, "derta", AtomicFolder.PARTIAL));
      boolean foreign = Files.exists(out) && !Files.exists(out.resolve(TrainingFolder.RECIPE));
      if (foreign && (!Files.isDirectory(out) || !isEmpty(out))) {
        throw new BadInput(
            "--out " + out + ": holds something else than a trained model; name a new folder");
      }
    } catch (IOException e) {
      throw new BadInput("--out " + out + ": cannot be written (" + e + ")", e);
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  private Recipe resolve(ModelConfig config, Path model) {
    if (!config.modelType().equals(recipe.network().type())) {
      Warnings.once(
          "recipe %s was made for a model of type %s, %s is %s; its numbers are used as they are"
              .formatted(recipe.name(), recipe.network().type(), model, config.modelType()));
    }
    String dtype = recipe.dtype().equals("auto") ? faster() : recipe.dtype();
    return recipe.with("dtype=" + dtype).shapedAs(config);
  }

  private String faster() {
    return Compute.faster(device) == Compute.F32 ? "f32" : "bf16";
  }

  private static String hash(Recipe recipe, String rows, Path model) {
    StringBuilder all = new StringBuilder(RULES + RecipeYaml.deciding(recipe)).append(rows);
    all.append('\n').append(ModelFolder.hashes(model));
    String validation = recipe.validation();
    if (validation != null && !validation.equals(TrainingData.KITCHEN)) {
      Path file = Path.of(validation); // its losses are kept
      if (!Files.isRegularFile(file)) {
        throw new BadInput(file + ": no such file; validation names rows, kitchen or null");
      }
      all.append('\n').append(Hashes.sha256(file));
    }
    return Hashes.sha256(all.toString().getBytes(StandardCharsets.UTF_8)).substring(0, 16);
  }

  private Path fill(Path result) throws IOException {
    AtomicFolder.write(
        out,
        folder -> {
          try (Stream<Path> files = Files.walk(result).skip(1)) {
            for (Path file : files.toList()) { // a folder comes before what is in it
              Files.copy(file, folder.resolve(result.relativize(file).toString()));
            }
          }
        });
    return out;
  }
}
