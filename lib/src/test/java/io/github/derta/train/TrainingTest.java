package io.github.derta.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.Device;
import io.github.derta.data.Batches;
import io.github.derta.io.BadInput;
import io.github.derta.model.Batch;
import io.github.derta.model.Compute;
import io.github.derta.model.Llama;
import io.github.derta.model.Pass;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTest {

  private static final String LORA =
      "{rank: 4, alpha: 8, dropout: 0.2, targets: [q_proj, down_proj]}";

  @TempDir Path folder;

  @BeforeEach
  void writeModelAndRows() throws IOException {
    Tiny.model(folder.resolve("tiny"));
    Tiny.rows(folder.resolve("rows.jsonl"), 32);
  }

  private Training training(String... settings) {
    return Training.of(Tiny.recipe(folder, settings)).home(folder.resolve("home"));
  }

  private AbstractThrowableAssert<?, ?> assertRefused(Training training) {
    return assertThatThrownBy(training::run).isInstanceOf(BadInput.class);
  }

  private Path only(String subfolder) throws IOException {
    try (Stream<Path> runs = Files.list(folder.resolve("home/trained"))) {
      return runs.toList().get(0).resolve(subfolder);
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void lossFallsAndTheResultIsAModelFolder() throws IOException {
    List<StepMetrics> seen = new ArrayList<>();
    Trained trained =
        training("epochs=6", "validation=" + folder.resolve("rows.jsonl")).listen(seen::add).run();
    assertThat(seen).hasSize(25);
    assertThat(seen.get(24).loss()).isLessThan(0.8 * seen.get(1).loss());
    assertThat(seen.get(24).validation().rtoLoss()).isLessThan(seen.get(0).validation().rtoLoss());
    assertThat(Arrays.stream(seen.get(24).validation().refusal()).sum())
        .isGreaterThan(Arrays.stream(seen.get(0).validation().refusal()).sum());
    assertThat(names(trained.folder()))
        .containsExactly(
            "config.json", "metrics.jsonl", "model.safetensors", "recipe.yaml", "tokenizer.json");
    assertThat(trained.metrics()).hasSameSizeAs(seen);
    assertThat(Recipe.load(trained.folder().resolve("recipe.yaml").toString()))
        .isEqualTo(trained.recipe());
  }

  @Test
  void methodIsNotTrainedTwiceAndOutIsFilledOnAHit() {
    Trained first = training().run();
    Path out = folder.resolve("out");
    Trained again =
        training().listen(step -> assertThat(step).as("a step").isNull()).out(out).run();
    assertThat(first.cached()).isFalse();
    assertThat(again.cached()).isTrue();
    assertThat(again.folder()).isEqualTo(out);
    assertThat(out.resolve("model.safetensors"))
        .hasSameBinaryContentAs(first.folder().resolve("model.safetensors"));
    assertThat(training("seed=1").run().cached()).isFalse();
  }

  @Test
  void aFileOfRowsIsOneMethods() throws IOException {
    assertRefused(training("method=vanilla")).hasMessageContaining("10 of 32 rows are RTO rows");
    training().run();
    assertRefused(training("method=rto")).hasMessageContaining("trained as method derta before");
    Files.copy(folder.resolve("rows.jsonl"), folder.resolve("rows-derta.jsonl"));
    assertThat(training("data=" + folder.resolve("rows-{method}.jsonl")).run().cached()).isTrue();
  }

  @Test
  void validationThatIsNamedLaterIsMeasured() {
    assertThat(training().run().metrics().get(0).validation()).isNull();
    Trained measured = training("validation=" + folder.resolve("rows.jsonl")).run();
    assertThat(measured.metrics().get(0).validation().rtoLoss()).isPositive();
  }

  @Test
  void onlyTheFirstRowsAreUsedIfAsked() {
    assertThat(training("rows=5").rows()).isEqualTo(training().rows().subList(0, 5));
    assertThat(training("rows=99").rows()).hasSize(32);
    assertThat(training("rows=5").id()).isNotEqualTo(training().id());
  }

  @Test
  void rowsThatEndInAMarkOfAnotherModelAreRefused() throws IOException {
    Path tokenizer = folder.resolve("tiny/tokenizer.json");
    String end =
        "[{\"id\": 1, \"content\": \"</s>\", \"single_word\": false, \"lstrip\": false, \"rstrip\":"
            + " false, \"normalized\": false, \"special\": true}]";
    Files.writeString(
        tokenizer,
        Files.readString(tokenizer).replace("\"added_tokens\": []", "\"added_tokens\": " + end));
    String rows = Files.readString(folder.resolve("rows.jsonl"));
    Files.writeString(
        folder.resolve("rows.jsonl"), rows.replace("\",\"safe\"", "<|end_of_text|>\",\"safe\""));
    assertRefused(training()).hasMessageContaining("--format NAME --model DIR");
  }

  @Test
  void sameSeedGivesTheSameBytes() {
    assertThat(training().home(folder.resolve("a")).run().folder().resolve("model.safetensors"))
        .hasSameBinaryContentAs(
            training().home(folder.resolve("b")).run().folder().resolve("model.safetensors"));
  }

  @Test
  void autoIsDecidedByTheProcessorAndWrittenIntoTheRecipe() {
    String faster = Compute.faster(Device.cpu()) == Compute.F32 ? "f32" : "bf16";
    assertThat(training("dtype=auto", "epochs=1").run().recipe().dtype()).isEqualTo(faster);
    assertThat(training("dtype=" + faster, "epochs=1").run().cached()).isTrue();
  }

  @Test
  void interruptEndsWithACheckpointFromWhichResumeGoesOn() throws IOException {
    Path undisturbed = training().home(folder.resolve("a")).run().folder();
    Training interrupted = training("keep=2").listen(TrainingTest::interruptAtSeven);
    assertThatThrownBy(interrupted::run)
        .isInstanceOf(CancellationException.class)
        .hasMessage("stopped after step 7 of 12; resume goes on from there");
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(names(only("checkpoints"))).containsExactly("step-000006", "step-000007");
    List<Integer> steps = new ArrayList<>();
    Trained resumed = training().resume().listen(step -> steps.add(step.step())).run();
    assertThat(steps).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    assertThat(resumed.folder().resolve("model.safetensors"))
        .hasSameBinaryContentAs(undisturbed.resolve("model.safetensors"));
    assertThat(resumed.metrics()).hasSize(13);
    assertThat(only("checkpoints")).doesNotExist();
  }

  @Test
  void interruptInTheLastStepLosesNothing() {
    for (String set : List.of("keep=2", "lora=" + LORA)) {
      Training training =
          training(set)
              .listen(
                  step -> {
                    if (step.step() == 12) {
                      Thread.currentThread().interrupt();
                    }
                  });
      assertThat(training.run().folder().resolve("model.safetensors")).exists();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(training(set).run().cached()).isTrue();
    }
  }

  private static void interruptAtSeven(StepMetrics step) {
    if (step.step() == 7) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void upstreamLossIsTheMeanOfThePartsMeans() {
    Recipe recipe = Tiny.recipe(folder, "loss=upstream", "drop=0", "accumulation=8");
    StepMetrics[] first = new StepMetrics[1];
    Training.of(recipe.with("epochs=1", "batch=8"))
        .home(folder.resolve("home"))
        .listen(step -> first[0] = step.step() == 1 ? step : first[0])
        .run();
    TrainingData data = TrainingData.of(recipe, folder.resolve("tiny"));
    try (Llama model = Llama.load(folder.resolve("tiny"))) {
      var batch = Batches.of(data.rows(), data.labels(), 8, 0).get(0);
      double sum = 0;
      for (int row = 0; row < 8; row++) {
        Batch alone = new Batch(new int[][] {batch.ids()[row]}, new int[][] {batch.labels()[row]});
        try (Pass pass = model.evaluate(alone)) {
          sum += pass.loss();
        }
      }
      assertThat(first[0].loss()).isCloseTo(sum / 8, within(1e-5));
    }
  }

  @Test
  void emptyDataIsRefused() throws IOException {
    Files.writeString(folder.resolve("rows.jsonl"), "");
    assertRefused(training()).hasMessageContaining("rows.jsonl: an empty file");
  }

  @Test
  void rowsWithoutLabelsAreRefused() {
    assertRefused(training("block=2"))
        .hasMessageContaining("no row has a label; the prompts fill the block of 2 tokens");
  }

  @Test
  void recipeForAnotherSortOfModelIsUsedWithAWarning() {
    PrintStream before = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true));
    try {
      Training training = training("network.type=mistral");
      assertThat(training.resolved().network().type()).isEqualTo("llama");
    } finally {
      System.setErr(before);
    }
    assertThat(said.toString()).contains("was made for a model of type mistral", "is llama");
  }

  @Test
  void modelThatIsNotThereIsRefused() {
    assertRefused(training("model=" + folder.resolve("nowhere")))
        .hasMessageContaining("nowhere: no such folder");
  }

  @Test
  void refusalTokenMustBeOneToken() {
    assertRefused(training("refusal=w1 w2")).hasMessageContaining("exactly one is needed");
  }

  @Test
  void theLargeRecipesAskForMemoryAndNothingElse() {
    for (String name : List.of("llama3-70b", "mixtral-8x7b")) {
      assertRefused(Training.of(Recipe.load(name)))
          .hasMessageStartingWith("does not fit here: needs ");
    }
    String tiny = folder.resolve("tiny").toString();
    String rows = folder.resolve("rows.jsonl").toString();
    Recipe lora = Recipe.load("llama3-70b").with("model=" + tiny, "data=" + rows, "rank=4");
    Trained trained = Training.of(lora).home(folder.resolve("home")).run();
    assertThat(trained.folder().resolve("adapter/adapter_config.json")).exists();
  }

  @Test
  void adaptersAreLearnedResumedAndKeptBesideTheMergedModel() throws IOException {
    String lora = "lora=" + LORA;
    Trained whole = training(lora).home(folder.resolve("a")).out(folder.resolve("out")).run();
    assertThatThrownBy(training(lora).listen(TrainingTest::interruptAtSeven)::run)
        .isInstanceOf(CancellationException.class);
    assertThat(names(only("checkpoints/step-000007")))
        .containsExactly(
            "adapter_config.json",
            "adapter_model.safetensors",
            "moments.safetensors",
            "state.json");
    Trained resumed = training(lora).resume().run();
    String weights = "adapter/adapter_model.safetensors";
    assertThat(resumed.folder().resolve(weights))
        .hasSameBinaryContentAs(whole.folder().resolve(weights));
    Path tiny = folder.resolve("tiny");
    Path adapter = folder.resolve("out/adapter");
    Batch batch = new Batch(new int[][] {{5, 9, 30, 7}}, new int[][] {{5, 9, 30, 7}});
    try (Llama merged = Llama.load(folder.resolve("out"));
        Llama added = Llama.load(tiny, adapter, Compute.F32, Device.cpu());
        Llama start = Llama.load(tiny);
        Pass one = merged.evaluate(batch);
        Pass other = added.evaluate(batch);
        Pass before = start.evaluate(batch)) {
      assertThat(one.loss()).isEqualTo(other.loss()).isNotCloseTo(before.loss(), within(1e-2));
    }
  }

  @Test
  void layersComputedOnceMoreComeToTheSameBytes() {
    Path kept = training("lora=" + LORA).run().folder();
    Path again = training("lora=" + LORA, "checkpointing=true").run().folder();
    assertThat(again).isNotEqualTo(kept);
    assertThat(again.resolve("model.safetensors"))
        .hasSameBinaryContentAs(kept.resolve("model.safetensors"));
  }

  @Test
  void weightsInBf16AreLearnedAndResumed() {
    String dtype = "dtype=bf16-weights";
    Trained whole = training(dtype, "epochs=6").home(folder.resolve("a")).run();
    List<StepMetrics> steps = whole.metrics();
    List<StepMetrics> wide = training("dtype=bf16", "epochs=6").run().metrics();
    assertThat(steps.get(24).loss()).isCloseTo(wide.get(24).loss(), withinPercentage(5));
    assertThat(steps.get(24).loss()).isLessThan(0.8 * steps.get(1).loss());
    Training interrupted = training(dtype, "epochs=6").listen(TrainingTest::interruptAtSeven);
    assertThatThrownBy(interrupted::run).isInstanceOf(CancellationException.class);
    assertThat(training(dtype, "epochs=6").resume().run().folder().resolve("model.safetensors"))
        .hasSameBinaryContentAs(whole.folder().resolve("model.safetensors"));
  }

  @Test
  void preferencesAreLearnedByAdaptersToo() throws IOException {
    Tiny.pairs(folder.resolve("pairs.jsonl"), 16);
    List<StepMetrics> seen = new ArrayList<>();
    training(
            "data=" + folder.resolve("pairs.jsonl"),
            "method=dpo",
            "dpo={beta: 0.1}",
            "epochs=8",
            "lora=" + LORA)
        .listen(seen::add)
        .run();
    assertThat(seen).hasSize(17);
    assertThat(seen.get(1).loss()).isCloseTo(Math.log(2), within(1e-6));
    assertThat(seen.get(16).loss()).isLessThan(0.6);
  }

  @Test
  void resumedPreferencesAreComparedWithWhatTheStartSaidBefore() throws IOException {
    Tiny.pairs(folder.resolve("pairs.jsonl"), 16);
    String[] dpo = {
      "data=" + folder.resolve("pairs.jsonl"), "method=dpo", "dpo={beta: 0.1}", "epochs=8"
    };
    Path undisturbed = training(dpo).home(folder.resolve("a")).run().folder();
    assertThatThrownBy(training(dpo).listen(TrainingTest::interruptAtSeven)::run)
        .isInstanceOf(CancellationException.class);
    Path reference = only("checkpoints/reference.json");
    FileTime said = FileTime.fromMillis(0);
    Files.setLastModifiedTime(reference, said);
    List<FileTime> found = new ArrayList<>();
    Trained resumed = training(dpo).resume().listen(step -> found.add(modified(reference))).run();
    assertThat(found).hasSize(17).containsOnly(said);
    assertThat(reference).doesNotExist();
    assertThat(resumed.folder().resolve("model.safetensors"))
        .hasSameBinaryContentAs(undisturbed.resolve("model.safetensors"));
  }

  private static FileTime modified(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void rowsInPlaceOfPairsAreRefused() {
    assertRefused(training("method=dpo", "dpo={beta: 0.1}"))
        .hasMessageContaining("rows.jsonl")
        .hasMessageContaining("preference pairs (chosen, rejected)");
  }

  @Test
  void anUnfinishedRunIsNotDeletedUnasked() {
    assertThatThrownBy(training().listen(TrainingTest::interruptAtSeven)::run)
        .isInstanceOf(CancellationException.class);
    assertRefused(training())
        .hasMessageContaining(
            "an unfinished run of this training stands at step 7; --resume continues it, --restart begins anew");
    assertThat(training().restart().run().metrics()).hasSize(13);
  }

  @Test
  void checkpointOfAnotherRunIsRefused() throws IOException {
    assertThatThrownBy(training().listen(TrainingTest::interruptAtSeven)::run)
        .isInstanceOf(CancellationException.class);
    Path state = only("checkpoints/step-000007/state.json");
    Files.writeString(
        state, Files.readString(state).replaceFirst("\"run\" : \"\\w+\"", "\"run\": \"other\""));
    assertRefused(training().resume())
        .hasMessageContaining("a checkpoint of another recipe, other rows or another start model");
  }

  @Test
  void lossThatIsNoNumberEndsTheRunAndItsBatchIsKept() throws IOException {
    Path weights = folder.resolve("tiny/model.safetensors");
    try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
      file.seek(file.length() - 4);
      file.writeInt(Integer.reverseBytes(Float.floatToIntBits(Float.MAX_VALUE)));
    }
    assertRefused(training())
        .hasMessageContaining("step 1: the loss is NaN")
        .hasMessageContaining("logits are NaN or infinite, from lm_head on")
        .hasMessageContaining("diverged.json");
    assertThat(only("diverged.json")).content().contains("\"input_ids\":[[", "\"labels\":[[");
  }

  @Test
  void outThatCannotBeWrittenOrHoldsOtherThingsIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertRefused(training().out(file.resolve("out"))).hasMessageContaining("cannot be written");
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(other.resolve("thesis.txt"), "");
    assertRefused(training().out(other)).hasMessageContaining("something else");
    assertThat(other.resolve("thesis.txt")).exists();
  }

  @Test
  void runOfTheSameProcessWaitsForAStoppedOne() throws Exception {
    CountDownLatch atSeven = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Training stopped =
        training()
            .listen(
                step -> {
                  if (step.step() == 7) {
                    atSeven.countDown();
                    awaitQuietly(goOn);
                    Thread.currentThread().interrupt();
                  }
                });
    Thread cell = new Thread(() -> assertThatThrownBy(stopped::run).hasMessageContaining("step 7"));
    cell.start();
    atSeven.await();
    List<Integer> steps = new ArrayList<>();
    FutureTask<Trained> again =
        new FutureTask<>(() -> training().resume().listen(s -> steps.add(s.step())).run());
    Thread second = new Thread(again);
    second.start();
    while (second.getState() != Thread.State.WAITING) {
      assertThat(again.isDone()).isFalse();
      Thread.sleep(10);
    }
    goOn.countDown();
    assertThat(again.get().metrics()).hasSize(13);
    assertThat(steps).startsWith(0, 1).hasSize(13);
    cell.join();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void secondProcessIsTurnedAway() throws IOException {
    training().run();
    try (FileChannel channel = FileChannel.open(only("lock"), StandardOpenOption.WRITE)) {
      channel.lock();
      assertRefused(training()).hasMessageContaining("another process is training this");
    }
  }
}
