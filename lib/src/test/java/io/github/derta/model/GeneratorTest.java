package io.github.derta.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.github.derta.io.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GeneratorTest {

  private final Checkpoint checkpoint = Checkpoint.named("mistral-window-f32");
  private final Llama llama = Llama.load(checkpoint.folder());
  private final Generator generator = llama.generator();

  @AfterEach
  void close() {
    generator.close();
    llama.close();
  }

  @Test
  void rowsOfUnequalLengthGiveWhatEachGivesAlone() {
    List<int[]> prompts = List.of(tokens(3), tokens(17), tokens(1), tokens(9));
    assertSameTogetherAndAlone(prompts, Decoding.greedy(40));
  }

  @Test
  void aSharedBeginningChangesNothing() {
    int[] beginning = tokens(20);
    List<int[]> prompts = new ArrayList<>();
    for (int more : new int[] {1, 4, 2}) {
      int[] prompt = Arrays.copyOf(beginning, 20 + more);
      Arrays.fill(prompt, 20, 20 + more, 7 * more);
      prompts.add(prompt);
    }
    prompts.add(beginning);
    assertSameTogetherAndAlone(prompts, Decoding.greedy(20));
  }

  @Test
  void theSameSeedDrawsTheSameWhateverTheBatch() {
    List<int[]> prompts = List.of(tokens(5), tokens(2), tokens(8), tokens(5));
    Decoding sampling = new Decoding(30, 1.5, 0.9, 11, List.of());
    var one = generator.generate(prompts, sampling, 1);
    var all = generator.generate(prompts, sampling, 4);
    for (int i = 0; i < prompts.size(); i++) {
      assertThat(all.get(i).ids()).containsExactly(one.get(i).ids());
    }
    assertThat(all.get(0).ids()).isNotEqualTo(all.get(3).ids());
    var other = generator.generate(prompts, new Decoding(30, 1.5, 0.9, 12, List.of()), 4);
    assertThat(other.get(0).ids()).isNotEqualTo(all.get(0).ids());
  }

  @Test
  void logProbsAreThoseOfScoringTheSameTokens() {
    int[] prompt = tokens(6);
    var generated = generator.generate(List.of(prompt), Decoding.greedy(12), 1).get(0);
    int[] whole = IntStream.concat(Arrays.stream(prompt), Arrays.stream(generated.ids())).toArray();
    try (Pass pass = llama.evaluate(Checkpoint.ofText(whole))) {
      float[] logProbs = pass.logProbs();
      assertThat(Arrays.copyOfRange(logProbs, 5, logProbs.length))
          .containsExactly(generated.logProbs(), within(1e-4f));
    }
  }

  @Test
  void generationEndsWhereTheContextDoes() {
    var generated = generator.generate(List.of(tokens(120)), Decoding.greedy(64), 1).get(0);
    assertThat(generated.ids()).hasSize(8);
    assertThat(generated.end()).isEqualTo(Completion.End.LENGTH);
  }

  @Test
  void anEndTokenEndsItsRowAlone(@TempDir Path folder) throws IOException {
    Checkpoint ending = Checkpoint.named("llama-tied-f32");
    int end = ending.greedy().get(0)[5];
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(ending.folder().resolve(file), folder.resolve(file));
    }
    String generation = "{\"eos_token_id\": " + end + "}";
    Files.writeString(folder.resolve("generation_config.json"), generation);
    try (Llama model = Llama.load(folder);
        Generator stopping = model.generator()) {
      var generated = stopping.generate(ending.prompts(), Decoding.greedy(64), 3);
      for (int i = 0; i < generated.size(); i++) {
        int[] expected = upTo(end, ending.greedy().get(i));
        assertThat(generated.get(i).ids()).containsExactly(expected);
      }
      assertThat(generated.get(0).end()).isEqualTo(Completion.End.STOP);
      assertThat(generated.get(0).ids()).hasSizeLessThan(7);
    }
  }

  @Test
  void bf16GeneratesNearlyTheSameLogProbs() {
    try (Llama half = Llama.load(checkpoint.folder(), Compute.BF16, Device.cpu());
        Generator other = half.generator()) {
      List<int[]> prompts = List.of(tokens(6));
      var exact = generator.generate(prompts, Decoding.greedy(1), 1).get(0);
      var rounded = other.generate(prompts, Decoding.greedy(1), 1).get(0);
      assertThat(rounded.logProbs()[0]).isCloseTo(exact.logProbs()[0], within(0.1f));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "model.embed_tokens.weight, from model.embed_tokens on",
    "model.layers.0.self_attn.v_proj.weight, from model.layers.0 on",
    "model.layers.1.mlp.up_proj.weight, from model.layers.1 on",
    "model.norm.weight, from lm_head on"
  })
  void numbersThatAreNotFiniteEndARunAndNameTheLayer(String weight, String message) {
    try (Llama broken = Llama.load(checkpoint.folder())) {
      broken.parameters().get(weight).muli(Float.NaN);
      try (Generator other = broken.generator();
          Pass pass = broken.evaluate(checkpoint.batch())) {
        List<ThrowingCallable> uses =
            List.of(
                () -> other.generate(List.of(tokens(3), tokens(5)), Decoding.greedy(9), 2),
                () -> other.generate(List.of(tokens(3)), Decoding.sampling(9, 1, 3), 1),
                () -> other.meanLogLikelihoods(List.of(tokens(3)), tokens(2)),
                pass::logProbs,
                () -> pass.nextLogProbs(4),
                () -> pass.probabilities(tokens(2)));
        for (ThrowingCallable use : uses) {
          assertThatThrownBy(use)
              .isInstanceOf(BadInput.class)
              .hasMessageContaining("logits are NaN or infinite, " + message);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-39, 1e-6, -1, 1e4, Double.NaN})
  void aTemperatureOutOfRangeIsRefused(double temperature) {
    assertThatThrownBy(() -> Decoding.sampling(9, temperature, 1))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(
            "temperature is " + temperature + ", must be 0 (greedy) or from 1e-5");
  }

  @Test
  void anInterruptEndsIt() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> generator.generate(List.of(tokens(3)), Decoding.greedy(9), 1))
        .isInstanceOf(CancellationException.class);
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void promptsThatDoNotFitAreNamed() {
    assertRefused(new int[0], "prompt 2: no token");
    assertRefused(new int[] {3, -1}, "prompt 2: id -1 at position 2 is outside the vocabulary");
    assertRefused(new int[128], "prompt 2: 128 tokens leave no room in the model's context of 128");
  }

  private void assertRefused(int[] prompt, String message) {
    assertThatThrownBy(() -> generator.generate(List.of(tokens(2), prompt), Decoding.greedy(9), 2))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(message);
  }

  private void assertSameTogetherAndAlone(List<int[]> prompts, Decoding decoding) {
    var together = generator.generate(prompts, decoding, prompts.size());
    for (int i = 0; i < prompts.size(); i++) {
      var alone = generator.generate(List.of(prompts.get(i)), decoding, 1).get(0);
      assertThat(together.get(i).ids()).containsExactly(alone.ids());
      assertThat(together.get(i).logProbs()).containsExactly(alone.logProbs(), within(1e-4f));
    }
  }

  private static int[] tokens(int length) {
    return IntStream.range(0, length).map(i -> (i * i * 7 + 3 * i + length) % 64).toArray();
  }

  private static int[] upTo(int end, int[] ids) {
    int length = 1;
    while (length < ids.length && ids[length - 1] != end) {
      length++;
    }
    return Arrays.copyOf(ids, length);
  }
}
