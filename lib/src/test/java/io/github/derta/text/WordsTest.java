package io.github.derta.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class WordsTest {

  @Test
  void whiteSpaceIsUnicodes() {
    Pattern whiteSpace = Pattern.compile("\\p{IsWhite_Space}");
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      boolean expected = whiteSpace.matcher(Character.toString(c)).matches();
      boolean inBasicPlane = c <= Character.MAX_VALUE && Words.isSpace((char) c);
      assertThat(inBasicPlane).as("U+%04X", c).isEqualTo(expected);
    }
  }

  @Property
  void countsWhatARegexSplits(@ForAll("spacedTexts") String text) {
    assertThat(Words.count(text))
        .isEqualTo(Pattern.compile("\\P{IsWhite_Space}+").matcher(text).results().count());
  }

  @Test
  void aWordHasOneNumberFromItsFirstToItsLastCharacter() {
    String text = " ab\u00A0\uD83D\uDE00c";
    assertThat(Words.at(text, 1)).isEqualTo(1);
    assertThat(Words.at(text, 2)).isEqualTo(1);
    assertThat(Words.at(text, 4)).isEqualTo(2);
    assertThat(Words.at(text, 6)).isEqualTo(2);
  }

  @Provide
  Arbitrary<String> spacedTexts() {
    return Arbitraries.strings()
        .withChars(" \t\n\u0085\u00A0\u2003\u3000\u200B\u001Cab\u00E9")
        .withChars('\uD83D', '\uDE00');
  }
}
