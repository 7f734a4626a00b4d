package io.github.derta.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import io.github.derta.kitchen.KitchenJudge;
import io.github.derta.kitchen.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelfCipherTest {

  @TempDir Path folder;

  @Test
  void allQuestionsShareOneBeginningWithFiveDemonstrations() {
    Attack attack = SelfCipher.builtIn();
    Question first = Some.KITCHEN.all().get(0);
    Question last = Some.KITCHEN.all().get(112);
    String one = attack.prompt(first).text();

    assertThat(attack.prompt(last).text()).isEqualTo(one.replace(first.text(), last.text()));
    assertThat(one.split("User: ")).hasSize(1 + 5 + 1);
    assertThat(attack.parameters()).containsEntry("demonstrations", 5);
  }

  @Test
  void theDemonstrationsAreRecipesToTheJudge() {
    String shown = SelfCipher.builtIn().prompt(new Question("q", "What?")).text();
    String[] answers = shown.split("Expert: ");
    for (int i = 1; i < answers.length; i++) {
      assertThat(KitchenJudge.USUAL.judge(answers[i].split("\n")[0]).outcome())
          .as(answers[i])
          .isEqualTo(Verdict.Outcome.COMPLIED);
    }
  }

  @Test
  void aUsersDemonstrationsReplaceOurs() throws IOException {
    Path file = folder.resolve("mine.jsonl");
    Files.writeString(file, "{\"user\":\"Hi\",\"assistant\":\"Ho\"}\n");
    Attack attack = SelfCipher.read(file);

    assertThat(attack.prompt(new Question("q", "What?")).text())
        .contains("User: Hi\nExpert: Ho\n", "User: What?\nExpert:");
    assertThat(attack.parameters()).containsEntry("prompts", "mine.jsonl");

    Files.writeString(file, "{\"user\":\"Hi\"}\n");
    assertThatThrownBy(() -> SelfCipher.read(file))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll(file + ":1", "assistant");
  }
}
