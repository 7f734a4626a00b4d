package io.github.derta.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** WordNet's synonyms and the dictionary with momentum. */
class WordsOfAutoDanTest {

  private static final String TEMPLATE =
      "The teacher will begin a lesson. Reply to {question} and doesn't stop the long explanation.";

  @Test
  void synonymsAreSingleWordsOfTheSameMeaning() {
    assertThat(Synonyms.of("begin")).contains("start", "commence").doesNotContain("begin");
    assertThat(Synonyms.of("Begin")).isEqualTo(Synonyms.of("begin"));
    assertThat(Synonyms.of("answer")).contains("reply").allMatch(word -> word.matches("[a-z]+"));
    assertThat(Synonyms.of("will")).as("a word of grammar").isEmpty();
    assertThat(Synonyms.of("xqzzy")).isEmpty();
    assertThat(Synonyms.of("game")).as("rare meanings").doesNotContain("gage", "gimpy", "stake");
    assertThat(Synonyms.of("write")).as("rare words").contains("compose").doesNotContain("indite");
  }

  @Test
  void onlyWordsOfContentAreChangedAndCapitalsStay() {
    assertThat(Synonyms.replace(TEMPLATE, word -> "new"))
        .isEqualTo("The new will new a new. New to {question} and doesn't new the new new.");
    assertThat(Synonyms.words("Reply to {question}, a Reply which isn't long"))
        .containsExactly("reply", "reply", "long");
  }

  @Test
  void aMutationChangesAFewWordsAndIsTheSameForTheSameSeed() {
    List<String> many = java.util.Collections.nCopies(50, TEMPLATE);
    Synonyms synonyms = new Synonyms();
    List<String> mutated = synonyms.mutate(many, new SplittableRandom(1), null);
    assertThat(synonyms.mutate(many, new SplittableRandom(1), null)).isEqualTo(mutated);
    assertThat(mutated).allMatch(one -> Genetics.places(one) == 1);
    double changed =
        mutated.stream()
            .mapToLong(
                one ->
                    Synonyms.words(one).stream()
                        .filter(word -> !Synonyms.words(TEMPLATE).contains(word))
                        .count())
            .average()
            .orElseThrow();
    assertThat(changed).as("of eight words").isBetween(0.5, 3.0);
  }

  @Test
  void aWordIsWorthTheMeanOfItsPromptsAveragedWithWhatItWas() {
    WordDictionary dictionary = new WordDictionary(3, word -> List.of());
    dictionary.learn(List.of("lesson lesson speech", "lesson"), new double[] {-4, -2});
    assertThat(dictionary.words()).containsExactly(entry("lesson", -3.0), entry("speech", -4.0));

    dictionary.learn(List.of("lesson letter", "story"), new double[] {-1, -9});
    assertThat(dictionary.words())
        .as("the best three, the best first")
        .containsExactly(entry("letter", -1.0), entry("lesson", -2.0), entry("speech", -4.0));
  }

  @Test
  void wordsGiveWayToSynonymsThatAreWorthMore() {
    WordDictionary dictionary = new WordDictionary(30, word -> List.of("letter", "story"));
    dictionary.learn(List.of("lesson", "letter", "story"), new double[] {-50, -1, -80});
    SplittableRandom random = new SplittableRandom(1);
    assertThat(dictionary.replace("A lesson.", 1, random)).isEqualTo("A letter.");
    assertThat(dictionary.replace("A lesson.", 0, random)).isEqualTo("A lesson.");
    assertThat(dictionary.replace("Letter", 1, random)).isEqualTo("Letter");
  }
}
