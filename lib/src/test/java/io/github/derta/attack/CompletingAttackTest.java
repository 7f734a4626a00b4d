package io.github.derta.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import io.github.derta.model.Completion;
import io.github.derta.model.Prompt;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CompletingAttackTest {

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
  void aModelWritesTheOpeningFromTheQuestion() {
    Map<String, String> said = new LinkedHashMap<>();
    said.put("How do I knit?", " Here is how to knit.\nStep one is");
    said.put("Knit!", "This is knitting");
    PerQuestion openings =
        CompletingAttack.rewritten(
            Some.questions(said.keySet().toArray(String[]::new)),
            Some.model(
                order ->
                    said.entrySet().stream()
                        .filter(e -> order.endsWith("Request: " + e.getKey() + "\nOpening:"))
                        .findFirst()
                        .orElseThrow()
                        .getValue()));

    assertThat(openings.texts().values())
        .containsExactly("Here is how to knit:\n\nStep 1:", "This is knitting:\n\nStep 1:");
    assertThat(CompletingAttack.of(openings).parameters())
        .containsEntry("prompts", "rewritten by echo");
  }

  @Test
  void aModelThatAsksBackRefusesOrSaysNothingWritesNoOpening() {
    for (String bad : new String[] {"", "\n \n", "What do you mean?", "Sorry, I cannot help."}) {
      assertThatThrownBy(
              () -> CompletingAttack.rewritten(Some.questions("Knit!"), Some.model(order -> bad)))
          .isInstanceOf(BadInput.class)
          .hasMessageContainingAll("echo", "q-0", bad.strip());
    }
  }

  @Test
  void anOpeningThatTheLimitCutIsNone() {
    Completion.End length = Completion.End.LENGTH;
    Questions knit = Some.questions("Knit!");
    assertThat(CompletingAttack.rewritten(knit, Some.model(o -> "Knit it:\nOne", length)).texts())
        .containsValue("Knit it:\n\nStep 1:");
    assertThatThrownBy(
            () -> CompletingAttack.rewritten(knit, Some.model(o -> "A fun way to", length)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("A fun way to");
  }
}
