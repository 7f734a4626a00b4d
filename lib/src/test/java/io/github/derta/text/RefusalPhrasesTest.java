package io.github.derta.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

class RefusalPhrasesTest {

  private final RefusalPhrases sorry = RefusalPhrases.of(List.of("sorry"));

  @ParameterizedTest
  @CsvFileSource(resources = "refusals.txt", delimiter = '|', quoteCharacter = '\u0001')
  void findsRefusalsAndLeavesWhatOnlyLooksLikeOne(String kind, String written) {
    String text = written.replace('~', '\n').replace("{shy}", "\u00AD");
    assertThat(RefusalPhrases.REFUSALS.first(text).isPresent()).isEqualTo(kind.equals("R"));
  }

  @Test
  void givesTheFirstAndOfThoseTheLongest() {
    RefusalPhrases.Match match =
        RefusalPhrases.SORRY.first("Well, I\u2019m sorry. Sorry!").orElseThrow();
    assertThat(match.start()).isEqualTo(6);
    assertThat(match.end()).isEqualTo(15);
    assertThat(match.phrase().text()).isEqualTo("I'm sorry");
  }

  @Test
  void findsAllWithoutOverlap() {
    assertThat(RefusalPhrases.SORRY.all("SorrySorry I'm sorry"))
        .extracting(RefusalPhrases.Match::start)
        .containsExactly(0, 5, 11);
  }

  @Test
  void foldsTheCaseOfAnyLetterAndCountsInCodePoints() {
    RefusalPhrases phrases = RefusalPhrases.of(List.of("\u00C9cht \uD801\uDC00"));
    assertThat(phrases.first("x \u00E9CHT\t\uD801\uDC28!").map(RefusalPhrases.Match::end))
        .contains(9);
  }

  @Property
  void aSinglePhraseIsFoundWhereASubstringSearchFindsIt(@ForAll("nearSorry") String text) {
    int expected = text.toLowerCase(Locale.ROOT).indexOf("sorry");
    assertThat(sorry.first(text).map(RefusalPhrases.Match::start))
        .isEqualTo(expected < 0 ? Optional.empty() : Optional.of(expected));
  }

  @Test
  void everyBuiltInPhraseNamesItsSourceAndFindsItself() {
    assertThat(RefusalPhrases.REFUSALS.phrases())
        .hasSizeGreaterThan(20)
        .allSatisfy(
            phrase -> {
              assertThat(phrase.source()).isNotBlank();
              assertThat(RefusalPhrases.REFUSALS.first(phrase.text()).orElseThrow().phrase().text())
                  .isEqualTo(phrase.text());
            });
  }

  @Test
  void aPhraseWithoutAWordIsAMistake() {
    assertThatThrownBy(() -> RefusalPhrases.of(List.of(" \u00A0")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("has no word");
    assertThatThrownBy(() -> RefusalPhrases.of(List.of())).isInstanceOf(BadInput.class);
  }

  @Provide
  Arbitrary<String> nearSorry() {
    return Arbitraries.of(
            "s", "S", "o", "O", "r", "rr", "y", "Y", "sorry", " ", "\uD83D\uDE00", ".")
        .list()
        .ofMaxSize(12)
        .map(parts -> String.join("", parts));
  }
}
