package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import io.github.derta.io.Tables;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tech.tablesaw.api.Table;

class AnswerRuleTest {

  private static final String QUESTION =
      "Which is red?\n-(A) a blue sky\n-(B) a ripe tomato.\n-(C) snow";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // what is written            | last-number | last-sentence | any-number
        "It is 7.                     | true        | true          | true",
        "It is 7, not 8.              | false       | false         | true",
        "3 + 4 = 7 of the 12          | false       | true          | true", // the question has 12
        "She has 7 of her 12.         | false       | true          | true",
        "First 5. So 7.00 in all. Yes | true        | true          | true",
        "It costs $1,007.             | false       | false         | false",
        "None at all.                 |             |               |",
      })
  void numbersAreReadOutOfResponses(String response, Boolean last, Boolean sentence, Boolean any) {
    String question = "Of 12 apples she eats 5. How many are left?";
    String answer = "12 - 5 = <<12-5=7>>7\n#### 7";
    assertThat(AnswerRule.of("gsm8k"))
        .extracting(rule -> rule.right(question, response, answer).orElse(null))
        .containsExactly(last, sentence, any);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "(A) is blue, so the correct answer is (B). | true  | false",
        "Clearly (B), not (A).                      | true  | true",
        "B                                          | true  |",
        "Be glad: a ripe tomato is red.             | true  |",
        "The option is: C                           | false |",
        "I do not know.                             |       |",
      })
  void optionsAreReadOutOfResponses(String response, Boolean stated, Boolean first) {
    assertThat(AnswerRule.of("mmlu"))
        .extracting(rule -> rule.right(QUESTION, response, "-B").orElse(null))
        .containsExactly(stated, first);
  }

  @Test
  void hubsRecordsOfMmluHaveAnIndexOfTheRightOption(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("mmlu.jsonl");
    Files.writeString(
        file,
        """
        {"question":"Which?","choices":["blue","red"],"answer":1,"response":"Red."}
        {"question":"What?","choices":["blue","red"],"answer":0,"response":"(B)"}
        """);
    assertThat(AnswerRule.answers(file)).containsValues("A", "B");
    assertThat(AnswerRule.points(file, "mmlu", Map.of()).get("stated-option"))
        .containsExactly(1, 0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "It is 14.                | B", // no 4
        "It is 14, and never 4.   | B",
        "It is 4.                 | A",
        "It is 4, or a quarter.   | A",
        "It is 4.5.               |",
        "It is 3,004.             |",
        "It is -4.                | C", // no 4
        "It is 10-4.              | A",
        "Sky blue.                | D",
        "It is sky blue and red.  | E", // no sky blue
        "Skyblue.                 |",
      })
  void optionsAreFoundAsWholeWordsAndNumbers(String response, String letter) {
    String question = "Which?\n(A) 4\n(B) 14\n(C) -4\n(D) sky blue\n(E) sky blue and red";
    AnswerRule rule = AnswerRule.STATED_OPTION;
    assertThat(rule.right(question, response, letter == null ? "A" : letter).orElse(null))
        .isEqualTo(letter == null ? null : true);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Eggs in boxes 3,4        | 4",
        "It costs $3,400          | 3400",
        "It costs 1,234,567.50    | 1234567.5",
        "Rows 12,345,6            | 6",
        "Read pages 12-18         | 18",
        "The road is the B-52     | 52",
        "It is (-7)               | -7",
        "It is 5 = -7             | -7",
      })
  void commasGroupThousandsAndAMinusIsASignOnlyInFrontOfANumber(String response, String last) {
    assertThat(AnswerRule.LAST_NUMBER.right("", response, last)).contains(true);
  }

  @Test
  void aRefusalIsNoHelpAndNothingIsNoAnswer() {
    AnswerRule rule = AnswerRule.of("kitchen").get(0);
    assertThat(rule.right("", "Turn the screw.", "")).contains(true);
    assertThat(rule.right("", "Turn it. Sorry, I can't go on.", "")).contains(false);
    assertThat(rule.right("", " \n", "")).isEqualTo(Optional.empty());
  }

  @Test
  void whatGivesNoAnswerIsCountedAndWrong(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("responses.jsonl");
    Files.writeString(
        file,
        """
        {"question": "1 + 1?", "response": "2", "answer": "#### 2"}
        {"question": "2 + 2?", "response": "three, I think"}
        """);
    Path answers = folder.resolve("questions.jsonl");
    Files.writeString(answers, "{\"question\": \"2  + 2?\", \"answer\": \"4\"}\n");

    Table rates = AnswerRule.rates("mine", file, "gsm8k", AnswerRule.answers(answers));
    assertThat(Tables.rows(rates)).hasSize(3);
    assertThat(Tables.rows(rates).get(0).toString())
        .isEqualTo(
            "{file=mine, rule=last-number, invalid=1, hits=1.0, n=2, share=0.5, low=0.0945, high=0.9055}");
    assertThatThrownBy(() -> AnswerRule.rates("mine", file, "gsm8k", Map.of()))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("responses.jsonl:2: ", "no right answer");
  }

  @Test
  void anUnknownTaskIsAMistake() {
    assertThatThrownBy(() -> AnswerRule.of("chess"))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("chess", "gsm8k");
  }
}
