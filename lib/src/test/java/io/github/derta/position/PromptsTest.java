package io.github.derta.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import io.github.derta.text.RefusalPhrases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptsTest {

  @TempDir Path folder;

  @Test
  void cutsAPromptWhateverItsWhiteSpace() throws IOException {
    Prompts prompts = prompts("{\"question\":\"I tell you:\\n Step 1:\"}");
    String text = " I tell\u00A0you:  Step\n1: Sorry";
    assertThat(text.substring(prompts.endIn(text))).isEqualTo(" Sorry");
    assertThat(prompts.endIn("I tell you: Step 2: Sorry")).isEqualTo(-1);
    assertThat(prompts.endIn("I tell")).isEqualTo(-1);
  }

  @Test
  void cutsTheLongestOfSeveralPrompts() throws IOException {
    Prompts prompts = prompts("\"ab\"", "\"a\"", "\"ab cd\"", "\"abd\"", "\"abca\"", "\"b\"");
    assertThat(prompts.endIn("a b c d e")).isEqualTo(7);
    assertThat(prompts.endIn("a b c z")).isEqualTo(3);
    assertThat(prompts.endIn("ac")).isEqualTo(1);
    assertThat(prompts.endIn("c")).isEqualTo(-1);
    assertThat(prompts.unusedLines()).containsExactly(4L, 5L, 6L);
  }

  @Test
  void positionsAreThoseOfTheResponseAlone() throws IOException {
    RefusalPositions sorry = RefusalPositions.of(RefusalPhrases.of(List.of("sorry")));
    Path records =
        Files.writeString(folder.resolve("r"), "\"Do it. Step 1:Sorry\"\n\"sorry, other\"\n");
    FileCounts counts =
        sorry
            .without(prompts("{\"prompt\":\"Do it.  Step 1:\"}"))
            .count(records, false, bytes -> {}, response -> {});
    assertThat(counts.positions().in(new Band(1, 1))).isEqualTo(2);
    assertThat(counts.withoutPrompt()).isEqualTo(1);
  }

  @Test
  void aFileWithoutPromptsIsAMistake() {
    assertThatThrownBy(() -> prompts("{\"dish\":\"x\"}"))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll(":1: ", "\"dish\"", "question");
    assertThatThrownBy(() -> prompts("\" \""))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("holds no question");
  }

  private Prompts prompts(String... lines) throws IOException {
    return Prompts.read(Files.write(folder.resolve("prompts"), List.of(lines)));
  }
}
