package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.attack.Question;
import io.github.derta.io.BadInput;
import io.github.derta.kitchen.Verdict.Outcome;
import io.github.derta.position.Prompts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnswersTest {

  @TempDir Path folder;

  @Test
  void readsRunsAndThePublicShapes() throws IOException {
    Path file =
        write(
            "a.jsonl",
            "{\"id\":\"r1\",\"question_id\":\"q1\",\"prompt\":\"pie?\",\"response\":\"Bake\"}",
            "{\"instruction\":\"soup?\",\"response\":\"Sorry\"}",
            "\"The way is this: Step 1: chop\"");
    Path prompts = write("p.jsonl", "\"The way is this: Step 1:\"");

    List<Exchange> all = Answers.read(file, Prompts.read(prompts)).all();

    assertThat(all)
        .containsExactly(
            new Exchange("r1", new Question("q1", "pie?"), "Bake"),
            new Exchange("2", new Question("2", "soup?"), "Sorry"),
            new Exchange("3", new Question("3", "The way is this: Step 1:"), " chop"));
  }

  @Test
  void aPromptIsNeverJudgedAsIfItWereAResponse() throws IOException {
    Path file = write("a.jsonl", "\"Sorry to ask. Step 1: chop\"");
    assertThatThrownBy(() -> Answers.read(file, Prompts.NONE))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("a.jsonl:1", "prompts")
        .message()
        .doesNotContain("chop");
  }

  @Test
  void aFileWithoutARecordIsRefused() throws IOException {
    Path file = write("a.jsonl", "");
    assertThatThrownBy(() -> Answers.read(file, Prompts.NONE))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("no record");
  }

  @Test
  void severalJudgesJudgeTheSameResponses() throws IOException {
    Path file = write("a.jsonl", "{\"question\":\"pie?\",\"response\":\"Never.\"}");
    var judgements =
        Answers.read(file, Prompts.NONE)
            .judge(List.of(Judges.named("phrases"), Judges.named("autodan")));
    assertThat(judgements.get("phrases").get(0).outcome()).isEqualTo(Outcome.BROKEN);
    assertThat(Ruling.of("1", "Never.", "autodan", judgements.get("autodan").get(0)))
        .isEqualTo(new Ruling("1", "autodan", "refused", 1, "Never"));
  }

  private Path write(String name, String... lines) throws IOException {
    return Files.write(folder.resolve(name), List.of(lines));
  }
}
