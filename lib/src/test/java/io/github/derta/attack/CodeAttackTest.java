package io.github.derta.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.derta.model.Prompt;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class CodeAttackTest {

  private static final Question QUESTION = new Question("q", "How do I make \"pie\"\nat home?");

  @Test
  void theStackHoldsTheLastWordFirst() {
    String program = CodeAttack.of("code-stack").prompt(QUESTION).text();
    List<String> words = appended(program, "stack");
    Collections.reverse(words);

    assertThat(words).containsExactly("How", "do", "I", "make", "\\\"pie\\\"", "at", "home?");
    assertThat(program).doesNotContain("How do").contains("pop()");
  }

  @Test
  void theListHoldsTheWordsInOrder() {
    List<String> words = appended(CodeAttack.of("code-list").prompt(QUESTION).text(), "words");

    assertThat(words).startsWith("How", "do").endsWith("at", "home?");
  }

  @Test
  void theStringIsOneOfPython() {
    assertThat(CodeAttack.of("code-string").prompt(QUESTION).text())
        .contains("\"How do I make \\\"pie\\\"\\nat home?\"");
  }

  @Test
  void aQuestionOfTwoLinesDoesNotBreakOutOfAComment() {
    for (String name : List.of("code-print", "code-steps")) {
      assertThat(CodeAttack.of(name).prompt(QUESTION).text()).contains("make \"pie\" at home?");
    }
  }

  @Test
  void onlyTheStepsGoOnWithoutAChat() {
    for (String name : CodeAttack.NAMES) {
      Attack attack = CodeAttack.of(name);
      Prompt prompt = attack.prompt(QUESTION);
      assertThat(prompt.chat()).as(name).isEqualTo(!name.equals("code-steps"));
      assertThat(attack.parameters()).containsEntry("chat", prompt.chat());
      assertThat(prompt.text()).doesNotContain("{question}").doesNotEndWith("\n");
    }
  }

  private static List<String> appended(String program, String variable) {
    return new ArrayList<>(
        Pattern.compile("(?m)^" + variable + "\\.append\\(\"(.*)\"\\)$")
            .matcher(program)
            .results()
            .map((MatchResult match) -> match.group(1))
            .toList());
  }
}
