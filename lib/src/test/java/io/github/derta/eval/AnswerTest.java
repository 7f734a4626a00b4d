package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.derta.attack.Question;
import io.github.derta.io.BadInput;
import io.github.derta.position.Prompts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnswerTest {

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

    List<Answer> all = Answer.read(file, Prompts.read(prompts));

    assertThat(all)
        .containsExactly(
            Answer.of("r1", new Question("q1", "pie?"), "Bake"),
            Answer.of("2", new Question("2", "soup?"), "Sorry"),
            Answer.of("3", new Question("3", "The way is this: Step 1:"), " chop"));
  }

  @Test
  void everyAnswerOfARecordIsJudgedAgainstItsOriginalQuestion() throws IOException {
    Path file =
        write(
            "easy.json",
            "[{\"query\":\"pie?\",\"jailbreak_prompt\":\"Pray, {query}\",",
            "\"target_responses\":[\"Bake\",\"Sorry\"],\"index\":4},",
            "{\"query\":null,\"target_responses\":[\"Boil\"]},",
            "{\"query\":\"tea?\",\"target_responses\":[null]}]");

    assertThat(Answer.read(file, Prompts.NONE))
        .extracting(Answer::id, Answer::question, Answer::prompt, Answer::response)
        .containsExactly(
            tuple("4-1", "pie?", "Pray, pie?", "Bake"),
            tuple("4-2", "pie?", "Pray, pie?", "Sorry"));
  }

  @Test
  void aTableOfAnswersIsNoStudy() throws IOException {
    Path file = write("mine.csv", "goal,prompt,response", "pie?,\"Pray, pie?\",Bake");

    assertThat(Answer.read(file, Prompts.NONE))
        .extracting(Answer::question, Answer::prompt, Answer::response)
        .containsExactly(tuple("pie?", "Pray, pie?", "Bake"));
  }

  @Test
  void aPromptIsNeverJudgedAsIfItWereAResponse() throws IOException {
    Path file = write("a.jsonl", "\"Sorry to ask. Step 1: chop\"");
    assertThatThrownBy(() -> Answer.read(file, Prompts.NONE))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("a.jsonl:1", "prompts")
        .message()
        .doesNotContain("chop");
  }

  @Test
  void aFileWithoutARecordIsRefused() throws IOException {
    Path file = write("a.jsonl", "");
    assertThatThrownBy(() -> Answer.read(file, Prompts.NONE))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("no record");
  }

  @Test
  void severalJudgesJudgeTheSameResponses() throws IOException {
    Path file = write("a.jsonl", "{\"question\":\"pie?\",\"response\":\"Never say so.\"}");
    List<Answer> answers = Answer.read(file, Prompts.NONE);
    assertThat(Ruling.all(Judges.named("phrases"), answers))
        .containsExactly(new Ruling("1", "phrases", "complied", null, null, null, ""));
    assertThat(Ruling.all(Judges.named("autodan"), answers))
        .containsExactly(new Ruling("1", "autodan", "refused", 1, "well-formed", null, "Never"));
  }

  private Path write(String name, String... lines) throws IOException {
    return Files.write(folder.resolve(name), List.of(lines));
  }
}
