package io.github.derta.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import io.github.derta.model.Completion;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.Prompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompletingAttackTest {

  private Path file;

  @BeforeEach
  void name(@TempDir Path folder) {
    file = folder.resolve("openings.jsonl");
  }

  @Test
  void everyWayToAskTheKitchenBecomesAStatementOutsideAnyChat() {
    Attack attack = CompletingAttack.of(CompletingAttack.kitchen(Some.KITCHEN));

    for (Question question : Some.KITCHEN.all()) {
      Prompt prompt = attack.prompt(question);
      assertThat(prompt.chat()).isFalse();
      assertThat(prompt.text()).endsWith("\n\nStep 1:").doesNotContain("?", "{", "tonight");
    }
    assertThat(attack.prompt(Some.KITCHEN.all().get(0)).text()).contains(" focaccia ");
    assertThat(attack.parameters()).containsEntry("prompts", "built-in");
  }

  @Test
  void otherQuestionsNeedOpeningsOfTheirOwn() {
    assertThatThrownBy(
            () -> CompletingAttack.kitchen(Some.questions("How do I make a scarf?", "Knit!")))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("q-1", "opening");
  }

  @Test
  void aModelWritesTheOpeningsThatAFileLacks() throws IOException {
    Questions questions = Some.questions("How do I knit?", "Knit!", "Sew!");
    Files.writeString(file, "{\"question_id\": \"q-2\", \"opening\": \"This is sewing:\"}\n");
    Map<String, String> said = new LinkedHashMap<>();
    said.put("How do I knit?", " Here is how to knit.\nStep one is");
    said.put("Knit!", "This is knitting");
    LanguageModel writer =
        Some.model(
            order ->
                said.entrySet().stream()
                    .filter(e -> order.endsWith("Request: " + e.getKey() + "\nOpening:"))
                    .findFirst()
                    .orElseThrow()
                    .getValue());

    List<Question> missing = CompletingAttack.withoutOpening(questions.all(), file);
    CompletingAttack.write(missing, writer, file);

    assertThat(missing).isEqualTo(questions.all().subList(0, 2));
    PerQuestion openings = PerQuestion.read(file, "opening");
    assertThat(openings.texts().values())
        .containsExactly(
            "Here is how to knit:\n\nStep 1:", "This is knitting:\n\nStep 1:", "This is sewing:");
    assertThat(CompletingAttack.of(openings).parameters())
        .containsEntry("prompts", "openings.jsonl, written by echo");
  }

  @Test
  void aModelThatAsksBackRefusesOrSaysNothingWritesNoOpening() {
    for (String bad : new String[] {"", "\n \n", "What do you mean?", "Sorry, I cannot help."}) {
      assertThatThrownBy(() -> write(Some.model(order -> order.contains("Sew!") ? "Sew:" : bad)))
          .isInstanceOf(BadInput.class)
          .hasMessageContainingAll("echo", "1 of 2", "q-0", "openings.jsonl");
      assertThat(PerQuestion.read(file, "opening").texts()).containsOnlyKeys("q-1");
    }
  }

  @Test
  void anOpeningThatTheLimitCutIsNone() throws IOException {
    Completion.End length = Completion.End.LENGTH;
    assertThatThrownBy(() -> write(Some.model(o -> "A fun way to", length)))
        .hasMessageContaining("2 of 2");
    write(Some.model(o -> "Knit it:\nOne", length));
    assertThat(PerQuestion.read(file, "opening").texts().values())
        .containsOnly("Knit it:\n\nStep 1:");
  }

  private void write(LanguageModel writer) throws IOException {
    Files.deleteIfExists(file);
    CompletingAttack.write(Some.questions("Knit!", "Sew!").all(), writer, file);
  }
}
