package io.github.derta.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import io.github.derta.io.AtomicFile;
import io.github.derta.io.AtomicFolder;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.model.Compute;
import io.github.derta.model.Llama;
import io.github.derta.model.ModelFolder;
import io.github.derta.model.Safetensors;
import io.github.derta.model.Weights;
import io.github.derta.text.ChatTemplate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** One training in its folder: checkpoints and metrics while it goes on, the model at its end. */
final class TrainingFolder implements AutoCloseable {

  static final String METRICS = "metrics.jsonl";
  static final String RECIPE = "recipe.yaml";
  static final String ADAPTER = "adapter";
  private static final String MOMENTS = "moments.safetensors";
  private static final String CHECKPOINTS = "checkpoints";
  private static final String REFERENCE = CHECKPOINTS + "/reference.json"; // cleared with them

  /** One at a time: in a notebook a stopped run still ends its step when the next one begins. */
  private static final Semaphore TURN = new Semaphore(1);

  private static volatile int currentStep;

  private final Recipe recipe;
  private final Path start;
  private final TrainingData data;
  private final Device device;
  private final Path folder;
  private final Checkpoints checkpoints;
  private final FileChannel lock;
  private int threads;

  TrainingFolder(
      Recipe recipe, Path start, TrainingData data, Device device, Path folder, String hash)
      throws IOException {
    this.recipe = recipe;
    this.start = start;
    this.data = data;
    this.device = device;
    this.folder = folder;
    checkpoints = new Checkpoints(folder.resolve(CHECKPOINTS), hash, recipe.keep());
    Engine.getEngine("PyTorch"); // loads the native code
    threads = JniUtils.getNumThreads();
    Files.createDirectories(folder);
    lock =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (!locked()) {
      lock.close();
      throw new BadInput(folder + ": another process is training this; wait for it");
    }
  }

  /**
   * Waits until no other training of this process is under way; {@link #endTurn} must follow.
   *
   * @throws CancellationException if it was interrupted
   */
  static void awaitTurn() {
    if (TURN.tryAcquire()) {
      return;
    }
    System.err.printf(
        "waiting for a training of this process: a stopped one is still saving step %d%n",
        currentStep);
    try {
      TURN.acquire();
    } catch (InterruptedException e) {
      throw new CancellationException(
          "stopped while another training of this process was still saving");
    }
  }

  static void endTurn() {
    TURN.release();
  }

  private boolean locked() throws IOException {
    try {
      return lock.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  Path result() {
    return folder.resolve("model");
  }

  boolean finished() {
    return Files.isDirectory(result());
  }

  void train(boolean resume, boolean restart, Consumer<StepMetrics> listener) throws IOException {
    OnExit onExit = new OnExit();
    try {
      Optional<Path> latest = restart ? Optional.empty() : checkpoints.latest();
      if (latest.isEmpty()) {
        checkpoints.clear();
      } else if (!resume) {
        throw new BadInput(
            "%s: an unfinished run of this training stands at step %d; --resume continues it, --restart begins anew"
                .formatted(folder, checkpoints.state(latest.get()).step()));
      }
      trainFrom(latest, listener);
    } finally {
      onExit.close();
    }
  }

  private void trainFrom(Optional<Path> checkpoint, Consumer<StepMetrics> listener)
      throws IOException {
    int done = checkpoint.map(this::restoreState).orElse(0);
    Compute compute = Compute.parse(recipe.dtype(), device);
    DpoLoss dpo = recipe.dpo() == null ? null : dpo(compute);
    try (Llama model = model(checkpoint, compute);
        AdamW optimizer = new AdamW(recipe.optimizer(), model.trainable())) {
      if (checkpoint.isPresent()) {
        try (Weights moments = Safetensors.open(checkpoint.get().resolve(MOMENTS))) {
          optimizer.restore(moments);
        }
      }
      model.checkpointing(Boolean.TRUE.equals(recipe.checkpointing()));
      Trainer trainer = new Trainer(recipe, model, data, optimizer, dpo);
      try (Writer metrics = metrics(done)) {
        Trained.read(folder.resolve(METRICS)).forEach(listener);
        steps(trainer, done, model, optimizer, metrics, listener);
      }
      uninterrupted(() -> AtomicFolder.write(result(), partial -> finish(model, partial)));
      checkpoints.clear();
      Files.delete(folder.resolve(METRICS));
    }
  }

  /** What the start model thinks of the rows lives as long as the checkpoints. */
  private DpoLoss dpo(Compute compute) throws IOException {
    Path kept = folder.resolve(REFERENCE);
    if (!Files.exists(kept)) {
      System.err.printf("DPO: the start model reads %d rows first%n", data.rows().size());
      try (Llama model = Llama.load(start, compute, device)) {
        double[] reference = DpoLoss.reference(model, data.rows());
        AtomicFile.write(kept, out -> JsonLines.MAPPER.writeValue(out, reference));
      }
    }
    return new DpoLoss(
        recipe.dpo().beta(), JsonLines.MAPPER.readValue(kept.toFile(), double[].class));
  }

  private Llama model(Optional<Path> checkpoint, Compute compute) {
    if (recipe.lora() == null) {
      return Llama.load(checkpoint.orElse(start), compute, device);
    }
    if (checkpoint.isPresent()) {
      return Llama.adapted(start, checkpoint.get(), compute, device);
    }
    Llama model = Llama.load(start, compute, device);
    model.adapt(recipe.lora(), recipe.seed());
    return model;
  }

  private int restoreState(Path checkpoint) {
    Checkpoints.State state = checkpoints.state(checkpoint);
    threads = state.threads();
    JniUtils.setNumThreads(threads);
    return state.step();
  }

  private void steps(
      Trainer trainer,
      int done,
      Llama model,
      AdamW optimizer,
      Writer metrics,
      Consumer<StepMetrics> listener)
      throws IOException {
    int step = done;
    currentStep = step;
    try {
      if (step == 0) {
        tell(trainer.start(), metrics, listener);
      }
      while (step < trainer.steps() && !Thread.interrupted()) {
        currentStep = step + 1;
        StepMetrics last = trainer.step(step + 1);
        step++;
        tell(last, metrics, listener);
        if (step % recipe.checkpointEvery() == 0 && step < trainer.steps()) {
          save(step, model, optimizer);
        }
      }
    } catch (Trainer.Diverged e) {
      throw diverged(e);
    } catch (UncheckedIOException e) {
      if (!(e.getCause() instanceof ClosedByInterruptException)) { // a listener's file
        throw e;
      }
    }
    if (step < trainer.steps()) {
      if (step > 0) {
        save(step, model, optimizer);
      }
      throw new CancellationException(
          "stopped after step %d of %d%s"
              .formatted(step, trainer.steps(), step > 0 ? "; resume goes on from there" : ""));
    }
  }

  private void save(int step, Llama model, AdamW optimizer) throws IOException {
    try {
      uninterrupted(
          () ->
              checkpoints.save(
                  step,
                  threads,
                  partial -> {
                    if (recipe.lora() == null) {
                      model.save(partial);
                    } else {
                      model.saveAdapter(partial, start);
                    }
                    Safetensors.write(partial.resolve(MOMENTS), optimizer.tensors());
                  }));
    } catch (IOException e) {
      throw new BadInput(
          "checkpoint of step %d cannot be written (%s); %s"
              .formatted(
                  step,
                  e.getMessage(),
                  checkpoints
                      .latest()
                      .map(path -> "the last one is " + path)
                      .orElse("none is there")),
          e);
    }
  }

  @FunctionalInterface
  private interface Saving {
    void run() throws IOException;
  }

  /** Saves in a thread of its own: an interrupt would close the file that is being written. */
  private void uninterrupted(Saving saving) throws IOException {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              JniUtils.setNumThreads(threads);
              saving.run();
              return null;
            });
    new Thread(task, "saving").start();
    boolean interrupted = false;
    while (true) {
      try {
        task.get();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (ExecutionException e) {
        if (e.getCause() instanceof IOException io) {
          throw io;
        }
        throw e.getCause() instanceof BadInput bad ? bad : new IllegalStateException(e.getCause());
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private BadInput diverged(Trainer.Diverged e) throws IOException {
    Path file = folder.resolve("diverged.json");
    Files.writeString(file, JsonLines.MAPPER.writeValueAsString(e.batch()) + "\n");
    return new BadInput(
        e.getMessage() + "; its batch is in " + file + "; a lower learning-rate may help", e);
  }

  /** The metrics of the steps that are done, to be gone on with. */
  private Writer metrics(int done) throws IOException {
    Path file = folder.resolve(METRICS);
    List<String> lines =
        done > 0 && Files.exists(file)
            ? Files.readAllLines(file).stream().limit(done + 1L).toList()
            : List.of();
    AtomicFile.replace(file, partial -> Files.write(partial, lines));
    return Files.newBufferedWriter(file, StandardOpenOption.APPEND);
  }

  private static void tell(StepMetrics step, Writer metrics, Consumer<StepMetrics> listener)
      throws IOException {
    metrics.write(Trainer.JSON.writeValueAsString(step) + "\n");
    metrics.flush();
    listener.accept(step);
  }

  private void finish(Llama model, Path partial) throws IOException {
    if (recipe.lora() != null) {
      model.saveAdapter(partial.resolve(ADAPTER), start);
      model.merge();
    }
    model.save(partial);
    Files.writeString(partial.resolve(RECIPE), recipe.toYaml());
    Files.copy(folder.resolve(METRICS), partial.resolve(METRICS));
    ModelFolder.copyCompanions(start, partial);
    if (recipe.format() != null) {
      String template = ChatTemplate.of(recipe.format(), start).jinja();
      Files.writeString(partial.resolve("chat_template.jinja"), template);
      if (recipe.lora() != null) {
        Files.writeString(partial.resolve(ADAPTER).resolve("chat_template.jinja"), template);
      }
    }
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
