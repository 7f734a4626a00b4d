package io.github.derta.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuestionsTest {

  @TempDir Path folder;

  @Test
  void theKitchenAsksForItsHeldOutDishes() {
    assertThat(Some.KITCHEN.all()).hasSize(113).doesNotHaveDuplicates();
    assertThat(Some.KITCHEN.first(1000)).hasSameElementsAs(Some.KITCHEN.all());
    assertThat(Some.KITCHEN.first(24))
        .as("no sample of the first themes")
        .isSubsetOf(Some.KITCHEN.all())
        .anyMatch(question -> Some.KITCHEN.all().indexOf(question) > 90);
    assertThat(Some.KITCHEN).asString().contains("kitchen: 113 questions", "harmless", "MIT");
  }

  @Test
  void emptyLinesOfATextFileAreSkippedAndCounted() throws IOException {
    Questions questions = find(write("mine.txt", "\uFEFFOne?", "", " Two? ", "  "));

    assertThat(questions.all())
        .containsExactly(new Question("mine-0", "One?"), new Question("mine-1", "Two?"));
    assertThat(questions.skipped()).isEqualTo(2);
    assertThat(questions).asString().contains("mine.txt: 2 questions", "skipped: 2");
  }

  @Test
  void recordsHaveATextOrAQuestionAndPerhapsAnId() throws IOException {
    Path file =
        write(
            "mine.json",
            "{\"id\":\"x\",\"text\":\"One?\"}",
            "{\"question\":\"Two?\"}",
            "{\"instruction\":\"Three?\",\"output\":\"3\"}");

    assertThat(find(file).all())
        .containsExactly(
            new Question("x", "One?"),
            new Question("mine-1", "Two?"),
            new Question("mine-2", "Three?"));
  }

  @Test
  void aQuestionOrAnIdThatStandsTwiceIsNamedWithBothLines() throws IOException {
    refused(write("a.txt", "One?", "", "One?"), "a.txt:3", "same question", "line 1");
    refused(
        write("a.jsonl", "{\"id\":\"x\",\"text\":\"1\"}", "{\"id\":\"x\",\"text\":\"2\"}"),
        "a.jsonl:2",
        "id \"x\"",
        "line 1");
  }

  @Test
  void filesWithoutAQuestionAreRefused() throws IOException {
    refused(write("a.txt", "", " "), "holds no question");
    refused(write("a.jsonl", "{\"text\":\" \"}"), "holds no question");
    refused(write("a.jsonl", "{\"dish\":\"pie\"}"), "a.jsonl:1", "\"dish\"", "StrongREJECT");
    refused(Path.of("kitchens"), "kitchens", "strongreject");
  }

  @Test
  void entriesOfWheelsAreReadByTheirContent() {
    Map<String, String> entries =
        Map.of(
            "a.jsonl", "{\"prompt\":\"one\"}\n{\"prompt\":\"two\"}\n",
            "a.csv", "k,forbidden_prompt\r\n1,one\r\n2,two\r\n",
            "a.prompt", "name: x\nseeds:\n- category: y\n  value: one\n- value: two\n",
            "a.txt", "one\ntwo\n");
    entries.forEach(
        (name, text) -> {
          List<String> texts = new ArrayList<>();
          QuestionSet.read(name, text, texts);
          assertThat(texts).as(name).containsExactly("one", "two");
        });
  }

  private void refused(Path file, String... messages) {
    assertThatThrownBy(() -> find(file))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll(messages);
  }

  private static Questions find(Path file) {
    return Questions.find(file.toString(), Some.ORIGINALS);
  }

  private Path write(String name, String... lines) throws IOException {
    return Files.write(folder.resolve(name), List.of(lines));
  }
}
