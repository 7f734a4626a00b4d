package io.github.derta.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import io.github.derta.model.Prompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrefillTest {

  private static final Question QUESTION = new Question("q", "How?");
  private static final PerQuestion ANSWERS =
      new PerQuestion("a test", Map.of("q", "First,  take\n- one egg "));

  @TempDir Path folder;

  @Test
  void theFirstWordsAreGivenWithTheSpaceBetweenThem() {
    assertThat(Prefill.of(3, ANSWERS, false, false).prompt(QUESTION))
        .isEqualTo(Prompt.chat("How?").prefilled("First,  take\n-"));
  }

  @Test
  void anAnswerThatWouldBeGivenWholeIsRefused() {
    assertThat(Prefill.of(4, ANSWERS, false, false).prompt(QUESTION).prefill()).endsWith("one");
    for (int depth : new int[] {5, 6}) {
      Attack attack = Prefill.of(depth, ANSWERS, false, false);
      assertThatThrownBy(() -> attack.prompt(QUESTION))
          .isInstanceOf(BadInput.class)
          .hasMessageContainingAll("answer to q", depth + " words");
    }
    assertThatThrownBy(() -> Prefill.of(0, ANSWERS, false, false)).isInstanceOf(BadInput.class);
  }

  @Test
  void theKitchensAnswersBeginTheKitchensQuestions() {
    Attack attack = Prefill.of(10, PerQuestion.kitchenAnswers(), false, false);

    for (Question question : Some.KITCHEN.all()) {
      assertThat(attack.prompt(question).prefill().split("\\s+")).hasSize(10);
    }
    assertThat(attack.parameters())
        .containsEntry("policy", "off")
        .containsEntry("unit", "words")
        .hasEntrySatisfying("prompts", who -> assertThat((String) who).contains("SmolLM2"));
  }

  @Test
  void theModelsOwnAnswersComeFromAFileWithOneForEachQuestion() throws IOException {
    Path file = folder.resolve("responses.jsonl");
    Files.writeString(file, "{\"question_id\":\"q\",\"response\":\"Take an egg\"}\n");
    Attack attack = Prefill.of(2, PerQuestion.read(file, "response"), true, false);

    assertThat(attack.name()).isEqualTo("prefill-own-2");
    assertThat(attack.prompt(QUESTION).prefill()).isEqualTo("Take an");
    assertThat(attack.parameters()).containsEntry("policy", "on");
    assertThatThrownBy(() -> attack.prompt(new Question("other", "")))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("responses.jsonl", "other");

    Files.writeString(file, Files.readString(file).repeat(2));
    assertThatThrownBy(() -> PerQuestion.read(file, "response"))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll(file + ":2", "for q");
  }
}
