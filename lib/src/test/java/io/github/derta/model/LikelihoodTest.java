package io.github.derta.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.derta.io.BadInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LikelihoodTest {

  private static final int SHARED = 11;

  /** The mean over the continuation by a pass over the whole row, as training makes it. */
  private static double plain(Llama llama, int[] prompt, int[] continuation) {
    int[] ids = Arrays.copyOf(prompt, prompt.length + continuation.length);
    System.arraycopy(continuation, 0, ids, prompt.length, continuation.length);
    int[] labels = ids.clone();
    Arrays.fill(labels, 0, prompt.length, Batch.UNLABELLED);
    try (Pass pass = llama.evaluate(new Batch(new int[][] {ids}, new int[][] {labels}))) {
      return -pass.loss();
    }
  }

  private static List<int[]> prompts(Random random, int vocabulary, int n, int most) {
    int[] head = random.ints(SHARED, 3, vocabulary).toArray();
    List<int[]> prompts = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      int own = 1 + random.nextInt(most);
      int[] prompt = Arrays.copyOf(head, SHARED + own);
      for (int j = SHARED; j < prompt.length; j++) {
        prompt[j] = 3 + random.nextInt(vocabulary - 3);
      }
      prompts.add(prompt);
    }
    return prompts;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"llama-tied-f32", "llama3-scaled-f32", "mistral-window-f32", "mixtral-f32"})
  void togetherBehindASharedBeginningIsAsOneByOneAndAsAWholePass(String name) {
    try (Llama llama = Llama.load(Checkpoint.named(name).folder());
        Generator generator = llama.generator()) {
      Random random = new Random(1);
      int vocabulary = llama.config().vocabularySize();
      List<int[]> prompts = prompts(random, vocabulary, 9, 20);
      for (int n : List.of(1, 5)) {
        int[] continuation = random.ints(n, 3, vocabulary).toArray();
        double[] together = generator.meanLogLikelihoods(prompts, continuation);
        for (int i = 0; i < together.length; i++) {
          double alone = generator.meanLogLikelihoods(List.of(prompts.get(i)), continuation)[0];
          double whole = plain(llama, prompts.get(i), continuation);
          assertThat(together[i]).as("row " + i).isCloseTo(whole, within(1e-4));
          assertThat(alone).as("row " + i).isCloseTo(whole, within(1e-4));
        }
        assertThat(Arrays.stream(together).distinct().count()).isEqualTo(together.length);
      }
    }
  }

  @Test
  void moreRowsThanFitTogetherAreScoredInTurnAndKeepTheirOrder() {
    try (Llama llama = Llama.load(Checkpoint.named("llama-tied-f32").folder());
        Generator generator = llama.generator()) {
      List<int[]> prompts = prompts(new Random(2), llama.config().vocabularySize(), 130, 40);
      int[] continuation = {5, 6, 7};
      double[] scores = generator.meanLogLikelihoods(prompts, continuation);
      for (int i = 0; i < scores.length; i += 13) {
        assertThat(scores[i]).isCloseTo(plain(llama, prompts.get(i), continuation), within(1e-4));
      }
    }
  }

  @Test
  void aTextIsScoredBehindAChat(@TempDir Path folder) throws IOException {
    try (LocalModel model = TinyChat.in(folder, true)) {
      List<Prompt> chats = List.of(Prompt.chat("Who?"), Prompt.chat("Where is it?"));
      double[] scores = model.meanLogLikelihood(chats, "It is");
      try (Llama llama = Llama.load(folder.resolve("tiny"))) {
        for (int i = 0; i < scores.length; i++) {
          double plain =
              plain(llama, model.encode(chats.get(i)), model.encodeContinuation("It is"));
          assertThat(scores[i]).isCloseTo(plain, within(1e-4));
        }
      }
      assertThat(model.meanLogLikelihood(List.of(), "It is")).isEmpty();
      assertThatThrownBy(() -> model.meanLogLikelihood(chats, ""))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("one token at least");
      Prompt full = Prompt.raw("a ".repeat(TinyChat.CONTEXT));
      assertThatThrownBy(() -> model.meanLogLikelihood(List.of(chats.get(0), full), "It is"))
          .isInstanceOf(BadInput.class)
          .hasMessageContainingAll("prompt 2", "" + TinyChat.CONTEXT);
    }
  }

  @Test
  void anInterruptEndsScoring() {
    try (Llama llama = Llama.load(Checkpoint.named("llama-tied-f32").folder());
        Generator generator = llama.generator()) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(
              () -> generator.meanLogLikelihoods(List.of(new int[] {3, 4}), new int[] {5}))
          .isInstanceOf(CancellationException.class);
      assertThat(Thread.interrupted()).isFalse();
    }
  }
}
