package io.github.derta.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JailbreakChatTest {

  @TempDir Path folder;

  @Test
  void questionIGetsTemplateIModN() throws IOException {
    Path file =
        write(
            "{\"name\":\"a\",\"template\":\"A: {question}\"}", "{\"template\":\"{question} (B)\"}");
    Questions questions = Some.questions("one?", "two?", "three?");
    Attack attack = JailbreakChat.read(file, questions);

    assertThat(questions.first(3))
        .extracting(question -> attack.prompt(question).text())
        .containsExactly("A: three?", "one? (B)", "A: two?");
    assertThat(attack.parameters())
        .containsEntry("templates", List.of("a", "line 2"))
        .containsEntry("prompts", "templates.jsonl");
  }

  @Test
  void aTemplateWithoutAPlaceForTheQuestionIsRefusedWithItsLine() throws IOException {
    Path file = write("{\"template\":\"{question}\"}", "{\"template\":\"[INSERT PROMPT HERE]\"}");

    assertThatThrownBy(() -> JailbreakChat.read(file, Some.KITCHEN))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll(file + ":2", "{question}");
    Path empty = write();
    assertThatThrownBy(() -> JailbreakChat.read(empty, Some.KITCHEN))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("holds no record");
  }

  @Test
  void ourOwnTemplatesAllComeInTurn() {
    Attack attack = JailbreakChat.builtIn(Some.KITCHEN);
    List<?> names = (List<?>) attack.parameters().get("templates");

    assertThat(names).hasSizeBetween(6, 10).doesNotHaveDuplicates();
    for (int i = 0; i < names.size(); i++) {
      Question question = Some.KITCHEN.first(113).get(i);
      String text = attack.prompt(question).text();
      assertThat(text).contains(question.text()).doesNotContain("{question}");
      assertThat(attack.prompt(Some.KITCHEN.first(113).get(i + names.size())).text())
          .hasSameSizeAs(
              text.replace(question.text(), Some.KITCHEN.first(113).get(i + names.size()).text()));
    }
  }

  @Test
  void aQuestionOfAnotherSourceIsRefused() {
    Attack attack = JailbreakChat.builtIn(Some.KITCHEN);

    assertThatThrownBy(() -> attack.prompt(new Question("other", "What?")))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("other", "kitchen");
  }

  private Path write(String... lines) throws IOException {
    return Files.write(folder.resolve("templates.jsonl"), List.of(lines));
  }
}
