package io.github.derta.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import io.github.derta.model.Prompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttacksTest {

  @TempDir Path folder;

  private final Attacks attacks = Attacks.on(Some.KITCHEN, Some.ORIGINALS);

  @Test
  void namesBecomeAttacksInTheirOrderEachOnce() {
    assertThat(attacks.named(List.of("direct", "prefill-10", "code", "direct", "code-list")))
        .extracting(Attack::name)
        .containsExactly(
            "direct",
            "prefill-10",
            "code-stack",
            "code-list",
            "code-string",
            "code-print",
            "code-steps");
  }

  @Test
  void everyAttackAsksTheQuestionItIsNamedFor() {
    List<String> all =
        List.of("code", "jailbreakchat", "selfcipher", "completing", "direct", "prefill-5");
    for (Attack attack : attacks.named(all)) {
      for (Question question : Some.KITCHEN.all()) {
        Prompt prompt = attack.prompt(question);
        assertThat(prompt.text()).as(attack.name()).doesNotContain("{question}", "{dish}");
        assertThat(prompt).as("repeated").isEqualTo(attack.prompt(question));
      }
      long texts =
          Some.KITCHEN.all().stream()
              .map(question -> attack.prompt(question).text())
              .distinct()
              .count();
      assertThat(texts).as(attack.name()).isEqualTo(Some.KITCHEN.all().size());
    }
  }

  @Test
  void aNameThatIsUnknownIsAnsweredWithAllNames() {
    for (String name : List.of("pairs", "prefill-0x", "prefill--1", "code-", "")) {
      assertThatThrownBy(() -> attacks.named(List.of("direct", name)))
          .isInstanceOf(BadInput.class)
          .hasMessageContainingAll("\"" + name + "\"", "code-stack", "jailbreakchat", "prefill-K");
    }
  }

  @Test
  void theModelsOwnAnswersHaveToBeGiven() throws IOException {
    assertThatThrownBy(() -> attacks.named(List.of("prefill-own-5")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("own answers");

    String id = Some.KITCHEN.all().get(0).id();
    Path file = folder.resolve("own.jsonl");
    Files.writeString(file, "{\"question_id\":\"" + id + "\",\"response\":\"a b c d e f g\"}");
    Attack own = attacks.ownAnswers(file).named(List.of("prefill-own-5")).get(0);
    assertThat(own.prompt(Some.KITCHEN.all().get(0)).prefill()).isEqualTo("a b c d e");
  }

  @Test
  void publishedPromptsDoNotGoWithOpeningsOfOnesOwn() {
    Attacks both = attacks.prompts("published").openings(Path.of("openings.jsonl"));
    assertThatThrownBy(() -> both.named(List.of("completing")))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("completing", "published prompts", "take one");
  }

  @Test
  void openingsOfAFileComeBeforeOurs() throws IOException {
    String id = Some.KITCHEN.all().get(0).id();
    Path file = folder.resolve("openings.jsonl");
    Files.writeString(file, "{\"question_id\":\"" + id + "\",\"opening\":\"Bread is\"}");

    Attack attack = attacks.openings(file).named(List.of("completing")).get(0);
    assertThat(attack.prompt(Some.KITCHEN.all().get(0))).isEqualTo(Prompt.raw("Bread is"));
  }

  @Test
  void publishedPromptsAreFoundByTheTextOfTheirQuestion() {
    Questions some = Some.questions("two?", "one?");
    List<String> asked = List.of("zero?", "one?", "two?");
    PerQuestion prompts = PerQuestion.published(some, asked, List.of("0", "1", "2"), "x.json");

    assertThat(some.all()).extracting(prompts::of).containsExactly("2", "1");
    assertThat(prompts.origin()).contains("published", "70bdb52", "x.json");
    assertThatThrownBy(
            () -> PerQuestion.published(Some.KITCHEN, asked, List.of("0", "1", "2"), "x.json"))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("kitchen", Some.KITCHEN.all().get(0).id());
  }

  @Test
  void onlyThePapersVariantOfCodeAttackIsPublished() {
    attacks.prompts("published");

    assertThatThrownBy(() -> attacks.named(List.of("code-list")))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("code-list", "code-stack");
    assertThatThrownBy(() -> attacks.prompts("mine"))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("\"mine\"", "built-in", "published");
  }
}
