package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.derta.attack.SearchLog;
import io.github.derta.io.BadInput;
import io.github.derta.io.Tables;
import io.github.derta.model.Completion;
import io.github.derta.model.Decoding;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.Prompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WinRateTest {

  /** Says what a function makes of answers A and B, and counts. */
  private static final class FakeJudge implements LanguageModel {
    private final BinaryOperator<String> says;
    private int asked;

    FakeJudge(BinaryOperator<String> says) {
      this.says = says;
    }

    @Override
    public String name() {
      return "fake";
    }

    @Override
    public OptionalInt room(Prompt prompt) {
      return OptionalInt.of(prompt.text().contains("endless") ? 0 : 9);
    }

    @Override
    public List<Completion> complete(List<Prompt> prompts, Decoding decoding) {
      asked += prompts.size();
      return prompts.stream()
          .map(prompt -> says.apply(answer(prompt, "A"), answer(prompt, "B")))
          .map(text -> new Completion(text, new int[0], new float[0], Completion.End.STOP))
          .toList();
    }

    private static String answer(Prompt prompt, String place) {
      String text = prompt.before().isEmpty() ? prompt.text() : prompt.before().get(0).content();
      String[] parts = text.split("</?answer-" + place + ">");
      assertThat(parts).hasSize(3);
      return parts[1].strip();
    }

    @Override
    public void close() {}
  }

  @TempDir Path folder;
  private Path responses;
  private Path reference;

  @BeforeEach
  void write() throws IOException {
    responses = folder.resolve("mine.jsonl");
    Files.writeString(
        responses,
        """
        {"question": "One?", "response": "long {b} answer"}
        {"prompt": "Two?", "response": "a"}
        {"instruction": "Three?", "output": "same"}
        {"question": "Four?", "response": "x"}
        """);
    reference = folder.resolve("reference.json");
    Files.writeString(
        reference,
        """
        [{"instruction": "Four?", "output": "y"}, {"instruction": "Three?", "output": "same"},
         {"instruction": "Two?", "output": "longer"}, {"instruction": "One ?", "output": "short"}]
        """);
  }

  private List<Map<String, Object>> rows(FakeJudge judge, SearchLog kept) {
    try (WinRate wins = new WinRate(WinRate.reference(reference), judge, "fake", kept)) {
      return Tables.rows(wins.rates("mine", responses));
    }
  }

  private List<Map<String, Object>> rows(BinaryOperator<String> judge) {
    return rows(new FakeJudge(judge), SearchLog.inMemory());
  }

  private static String longer(String a, String b) {
    String verdict = a.length() == b.length() ? "Tie" : a.length() > b.length() ? "A" : "B";
    return "One says more.\n**" + verdict + "**";
  }

  @Test
  void theBetterAnswerWinsInBothOrdersAndATieIsHalfAWin() {
    List<Map<String, Object>> rows = rows(WinRateTest::longer); // won, lost, tie, tie
    assertThat(rows)
        .extracting(row -> row.get("rule"))
        .containsExactly("both-orders", "first-order", "second-order");
    assertThat(rows)
        .allSatisfy(
            row ->
                assertThat(row)
                    .containsEntry("file", "mine")
                    .containsEntry("n", 4L)
                    .containsEntry("invalid", 0)
                    .containsEntry("share", 0.5)
                    .containsEntry("low", 0.15) // Wilson of 2 of 4
                    .containsEntry("high", 0.85));
    assertThat(rows.get(0).keySet())
        .containsExactly("file", "rule", "invalid", "hits", "n", "share", "low", "high");
  }

  @Test
  void aJudgeThatPrefersWhatItReadsFirstIsSeen() {
    assertThat(rows((a, b) -> "A"))
        .extracting(row -> row.get("share"))
        .containsExactly(0.5, 1.0, 0.0);
  }

  @Test
  void whatHasNoVerdictInEitherOrderIsCountedAndLost() {
    List<Map<String, Object>> rows =
        rows((a, b) -> a.equals("x") ? "A is better, I think" : a.length() > 5 ? "A" : "B");
    assertThat(rows)
        .extracting(row -> row.get("rule"), row -> row.get("invalid"), row -> row.get("share"))
        .containsExactly(
            tuple("both-orders", 1, 0.375), // won, lost, half, invalid
            tuple("first-order", 1, 0.25),
            tuple("second-order", 0, 0.75));
    assertThat(rows.get(0))
        .as("1.5 wins: at least 1, at most 2 of 4")
        .containsEntry("low", 0.0456)
        .containsEntry("high", 0.85);
  }

  @Test
  void whatIsTooLongForTheJudgeIsInvalidAndTheOthersKeepTheirPlaces() throws IOException {
    Files.writeString(
        responses, Files.readString(responses).replace("\"a\"", "\"an endless answer\""));
    assertThat(rows(WinRateTest::longer))
        .extracting(row -> row.get("invalid"), row -> row.get("share"))
        .containsOnly(tuple(1, 0.5)); // won, invalid, tie, tie
  }

  @Test
  void aJudgeIsNotAskedAgainUnlessItIsAnother() {
    Path log = folder.resolve("verdicts.jsonl");
    List<Map<String, Object>> first =
        rows(new FakeJudge(WinRateTest::longer), SearchLog.open(log, line -> {}));
    FakeJudge again = new FakeJudge((a, b) -> "asked again");
    assertThat(rows(again, SearchLog.open(log, line -> {}))).isEqualTo(first);
    assertThat(again.asked).isZero();
    try (WinRate other =
        new WinRate(
            WinRate.reference(reference), again, "other", SearchLog.open(log, line -> {}))) {
      assertThat(Tables.rows(other.rates("mine", responses)).get(0)).containsEntry("invalid", 4);
    }
    assertThat(again.asked)
        .as("each in two orders, and once more for want of a verdict")
        .isEqualTo(16);
  }

  @Test
  void aQuestionThatTheReferenceLacksIsAMistake() throws IOException {
    Files.writeString(responses, "\n{\"question\": \"Six?\", \"response\": \"6\"}\n");
    assertThatThrownBy(() -> rows((a, b) -> "A"))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("mine.jsonl:2: ", "reference");
    Files.writeString(responses, "");
    assertThatThrownBy(() -> rows((a, b) -> "A")).hasMessageContaining("an empty file");
    for (String bad : List.of("{\"instruction\": \"One?\"}", "{\"output\": \"1\"}")) {
      Files.writeString(reference, bad);
      assertThatThrownBy(() -> WinRate.reference(reference))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("reference.json:1: ");
    }
  }
}
