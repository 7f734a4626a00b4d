package io.github.derta.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.derta.SmolLM2;
import io.github.derta.io.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SmolLM2 asked as a user asks it; environment/setup brings its weights. */
class LocalModelTest {

  private static LocalModel model;

  @BeforeAll
  static void load() {
    Path folder = SmolLM2.folder();
    model = LocalModel.load(folder, Compute.F32, Device.cpu(), LocalModel.BATCH);
  }

  @AfterAll
  static void close() {
    if (model != null) {
      model.close();
    }
  }

  @Test
  void aStopTextEndsACompletionWhichIsCutBeforeIt() {
    Prompt first = Prompt.raw("The capital of France is");
    Prompt second = Prompt.raw("One, two, three,");
    String text = model.complete(List.of(first), Decoding.greedy(24)).get(0).text();
    String stop = text.substring(text.length() / 2, text.length() / 2 + 3);
    List<Completion> stopped =
        model.complete(List.of(second, first), new Decoding(24, 0, 1, 0, List.of(stop)));

    assertThat(stopped.get(1).text()).isEqualTo(text.substring(0, text.indexOf(stop)));
    assertThat(stopped.get(1).end()).isEqualTo(Completion.End.STOP);
    assertThat(stopped.get(1).ids().length).isLessThan(24);
    assertThat(stopped.get(0).text()).doesNotContain(stop);
  }

  @Test
  void idsThatTheTokenizerDoesNotHaveAreAWarning(@TempDir Path folder) throws IOException {
    TinyChat.in(folder, false).close();
    Path config = folder.resolve("tiny/config.json");
    Files.writeString(config, Files.readString(config).replace(": 294,", ": 900,"));
    TinyChat.writeRandomWeights(folder.resolve("tiny"));
    try (LocalModel padded =
        LocalModel.load(folder.resolve("tiny"), Compute.F32, Device.cpu(), 1)) {
      String printed =
          Printed.err(
              () -> padded.complete(List.of(Prompt.raw("a")), Decoding.sampling(40, 100, 1)));
      assertThat(printed).startsWith("warning: tiny: wrote ids from 294 on, which its tokenizer");
    }
  }

  @Test
  void aClosedModelSaysSo() {
    LocalModel closed = LocalModel.load(SmolLM2.folder(), Compute.F32, Device.cpu(), 1);
    closed.close();
    assertThatThrownBy(() -> closed.complete(List.of(Prompt.raw("One")), Decoding.greedy(1)))
        .isInstanceOf(BadInput.class)
        .hasMessageEndingWith("is closed; load it again");
  }

  @Test
  void drawsDependOnTheSeedAndNotOnTheRowsBeside() {
    Prompt prompt = Prompt.chat("Name a colour.");
    Decoding one = Decoding.sampling(12, 1, 1);
    int[] alone = model.complete(List.of(prompt), one).get(0).ids();
    List<Completion> together =
        model.complete(List.of(prompt, Prompt.chat("Why is the sky blue?")), one);

    assertThat(together.get(0).ids()).containsExactly(alone);
    assertThat(model.complete(List.of(prompt), Decoding.sampling(12, 1, 2)).get(0).ids())
        .isNotEqualTo(alone);
  }

  @Test
  void aPromptLongerThanTheContextIsRefused() {
    Prompt endless = Prompt.raw("word ".repeat(9000));

    Assertions.assertThatThrownBy(() -> model.complete(List.of(endless), Decoding.greedy(1)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("8192");
  }
}
