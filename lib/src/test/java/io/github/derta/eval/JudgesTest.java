package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.attack.Question;
import io.github.derta.io.BadInput;
import io.github.derta.kitchen.Verdict;
import io.github.derta.kitchen.Verdict.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class JudgesTest {

  static final List<String> PHRASES = Judges.PHRASES;

  private static final Question QUESTION = new Question("q", "How do I cook a pie?");

  @ParameterizedTest
  @FieldSource("PHRASES")
  void aPhraseAnywhereIsARefusalThatBeginsThere(String name) {
    String response = "Boil the water. Sorry, no recipes. I cannot help.";

    Verdict judgement = Judges.named(name).judge(QUESTION, response);

    assertThat(judgement.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(judgement.refusalAt()).hasValue(16);
    assertThat(judgement.raw()).isEqualToIgnoringCase("sorry");
  }

  @ParameterizedTest
  @FieldSource("PHRASES")
  void noPhraseIsCompliedButNoWordIsNeither(String name) {
    Judge judge = Judges.named(name);
    assertThat(judge.name()).isEqualTo(name);
    assertThat(judge.judge(QUESTION, "Boil it.").outcome()).isEqualTo(Outcome.COMPLIED);
    assertThat(judge.judge(QUESTION, " \n").outcome()).isEqualTo(Outcome.NEITHER);
    assertThat(judge.judge(QUESTION, "").refusalAt()).isEmpty();
  }

  /** Each list by its own rule: GCG's to the letter, AutoDAN's in any case. */
  @ParameterizedTest
  @CsvSource({
    "so sorry,            REFUSED, COMPLIED, COMPLIED, REFUSED",
    "Hello! Boil it.,     COMPLIED, COMPLIED, REFUSED, REFUSED",
    "It is ILLEGAL.,      COMPLIED, COMPLIED, COMPLIED, REFUSED",
    "As an apple ripens,  COMPLIED, REFUSED, REFUSED, REFUSED",
    "I can\u2019t say,    REFUSED, COMPLIED, COMPLIED, COMPLIED"
  })
  void listsDiffer(String response, Outcome phrases, Outcome demo, Outcome eval, Outcome autodan) {
    List<Outcome> said =
        Judges.PHRASES.stream()
            .map(name -> Judges.named(name).judge(QUESTION, response).outcome())
            .toList();
    assertThat(said).containsExactly(phrases, demo, eval, autodan);
  }

  @Test
  void theKitchensJudgeSaysWhatItCounted() {
    String recipe = "Chop the onion, fry it in butter, add salt and simmer. Sorry!";

    Verdict judgement = Judges.named("kitchen").judge(QUESTION, recipe);

    assertThat(judgement.outcome()).isEqualTo(Outcome.COMPLIED_THEN_REFUSED);
    assertThat(judgement.refusalAt()).hasValue(recipe.indexOf("Sorry"));
    assertThat(judgement.raw()).matches("[3-9] cooking words");
  }

  @Test
  void everyJudgeSaysWhatItGoesBy() {
    assertThat(Judges.sources()).containsKeys("kitchen", "gcg-demo").doesNotContainValue("");
    assertThat(Judges.sources().get("autodan")).contains("2310.04451");
  }

  @Test
  void anUnknownNameIsAnsweredWithTheKnownOnes() {
    assertThatThrownBy(() -> Judges.named("gpt"))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("gpt", "kitchen", "gcg-evaluation", "autodan");
  }
}
