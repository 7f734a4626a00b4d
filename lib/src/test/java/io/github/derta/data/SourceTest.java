package io.github.derta.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceTest {

  @TempDir Path folder;

  @Test
  void alpacasInputGoesOnALineOfItsOwn() throws IOException {
    Path file =
        file(
            """
            [{"instruction": "Sort.", "input": "b a", "output": "a b"},
             {"instruction": "Hi?", "input": "", "output": "Hello"}]
            """);

    assertThat(Source.helpful(List.of(file)).items())
        .containsExactly(new HelpfulPair("Sort.\nb a", "a b"), new HelpfulPair("Hi?", "Hello"));
  }

  @Test
  void chatsOfOneQuestionAreRowsAndLongerOnesAreSkipped() throws IOException {
    Path file =
        file(
            """
            {"messages": [{"role": "system", "content": "Cook."}, {"role": "user", "content": "Pie?"},
             {"role": "assistant", "content": "Bake."}]}
            {"messages": [{"role": "user", "content": "Pie?"}, {"role": "assistant", "content": "Bake."},
             {"role": "user", "content": "Tea?"}, {"role": "assistant", "content": "Boil."}]}
            {"messages": [{"role": "user", "content": "Tea?"}]}
            """
                .replace(",\n", ","));
    Source<HelpfulPair> source = Source.helpful(List.of(file));

    assertThat(source.items()).containsExactly(new HelpfulPair("Cook.\n\nPie?", "Bake."));
    assertThat(source.skipped())
        .isEqualTo(
            Map.of(
                "several turns, of which a row has room for one", 1,
                "empty question or answer", 1));
  }

  @Test
  void preferencesServeAsPairsAsTriplesAndAsTheyAre() throws IOException {
    Path file = file("prompt,chosen,rejected\nPie?,Bake.,Burn.\nTea?,Boil.,\n");

    assertThat(Source.helpful(List.of(file)).items())
        .containsExactly(
            new HelpfulPair("Pie?", "Bake.", "Burn.", false), new HelpfulPair("Tea?", "Boil."));
    assertThat(Source.safety(List.of(file)).items())
        .containsExactly(new SafetyTriple("Pie?", "Burn.", "Bake."));
    assertThat(Source.preferences(file).items())
        .containsExactly(new Preference("Pie?", "Bake.", "Burn."));
    Path messages =
        file(
            "{\"prompt\":[],\"chosen\":[{\"role\":\"assistant\",\"content\":\"x\"}],\"rejected\":[]}");
    assertThatThrownBy(() -> Source.preferences(messages))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll(":1: ", "BuildData.java --method dpo");
  }

  @Test
  void beaverTailsResponsesToOnePromptAreJoinedEachOnce() throws IOException {
    Path file =
        file(
            """
            {"prompt": "p", "response": "harm 1", "is_safe": false}
            {"prompt": "p", "response": "harm 2", "is_safe": false}
            {"prompt": "other", "response": "safe 0", "is_safe": true}
            {"prompt": "p", "response": "safe 1", "is_safe": true}
            {"prompt": "p", "response": "safe 2", "is_safe": true}
            """);
    Source<SafetyTriple> source = Source.safety(List.of(file));

    assertThat(source.items())
        .containsExactly(
            new SafetyTriple("p", "harm 1", "safe 1"), new SafetyTriple("p", "harm 2", "safe 2"));
    assertThat(source.skipped())
        .isEqualTo(Map.of("no response of the other kind to the same prompt", 1));
  }

  @Test
  void twoRecordsOfOneIdAreRefusedWithBothLines() throws IOException {
    Path file =
        file(
            """
            {"id": 7, "instruction": "a", "output": "b"}
            {"instruction": "without", "output": "b"}
            {"instruction": "without", "output": "b"}
            {"id": 7, "instruction": "c", "output": "d"}
            """);

    assertThatThrownBy(() -> Source.helpful(List.of(file)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(":4: id 7 stands in line 1 already");
  }

  @Test
  void heldOutQuestionsStandInAnyOfFourFields() throws IOException {
    assertThat(Source.questions(file("{\"question\": \"a\"}\n{\"id\": 1, \"prompt\": \"b\"}\n")))
        .containsExactly("a", "b");
    assertThatThrownBy(() -> Source.questions(file("{\"dish\": \"a\"}\n")))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll(":1: ", "\"dish\"", "question", "AdvBench");
  }

  @Test
  void halfACharacterIsRefusedWithItsLine() throws IOException {
    Path file = file("{\"instruction\": \"a \\ud800 b\", \"output\": \"c\"}\n");
    assertThatThrownBy(() -> Source.helpful(List.of(file)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(":1: field \"instruction\" holds half a character");
  }

  @Test
  void anEmptyRejectedAnswerIsNone() throws IOException {
    Path file = file("{\"instruction\": \"q\", \"output\": \"a\", \"rejected\": \" \"}\n");

    assertThat(Source.helpful(List.of(file)).items()).containsExactly(new HelpfulPair("q", "a"));
    assertThat(Source.helpful(List.of(file)).skipped()).isEmpty();
  }

  @Test
  void emptyAnswersAreSkippedAndCounted() throws IOException {
    Path file =
        file(
            """
            {"instruction": "q", "output": " ", "safe_response": "no"}
            {"instruction": "q", "output": "harm", "safe_response": "no"}
            """);
    Source<SafetyTriple> source = Source.safety(List.of(file));

    assertThat(source.items()).hasSize(1);
    assertThat(source.skipped()).isEqualTo(Map.of("empty question or answer", 1));
  }

  @Test
  void malformedRecordsAreErrorsThatNameFileLineAndField() throws IOException {
    String good = "{\"instruction\": \"q\", \"output\": \"a\"}\n";

    assertThatThrownBy(() -> Source.helpful(List.of(file(good + "{\"instruction\": \"q\"}"))))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(":2: field \"output\" is missing");
    assertThatThrownBy(() -> Source.helpful(List.of(file(good + "{oops"))))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(":2: not JSON");
    assertThatThrownBy(
            () -> Source.rows(file("{\"prefix\": \"p\", \"text\": \"t\", \"safe\": \"yes\"}")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("\"true\" (an RTO row) or \"false\" is needed");
    assertThatThrownBy(() -> Source.safety(List.of(file("{\"prompt\":\"p\",\"is_safe\":1}"))))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("\"is_safe\"");
  }

  @Test
  void invalidUtf8IsAnError() throws IOException {
    Path file = folder.resolve("latin1.jsonl");
    String line = "{\"instruction\": \"café\", \"output\": \"a\"}";
    Files.write(file, line.getBytes(StandardCharsets.ISO_8859_1));

    assertThatThrownBy(() -> Source.helpful(List.of(file)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(":1: not JSON: Invalid UTF-8");
  }

  @Test
  void anAnswerOfFiveMegabytesIsRead() throws IOException {
    String answer = "word ".repeat(1 << 20);
    Path file = file("{\"instruction\": \"q\", \"output\": \"" + answer + "\"}\n");

    assertThat(Source.helpful(List.of(file)).items().get(0).answer()).isEqualTo(answer);
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("data.json"), text);
  }
}
