package io.github.derta.text;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class RedactionTest {

  @Test
  void keepsRefusalsAndHidesTheRest() {
    assertThat(Redaction.on().apply("Mix it. I'm sorry, I can\u2019t go on."))
        .isEqualTo(
            "\u2588\u2588\u2588 \u2588\u2588\u2588 I'm sorry, I can\u2019t \u2588\u2588 \u2588\u2588\u2588");
  }

  @Test
  void hidesWhatIsGluedToARefusal() {
    assertThat(Redaction.on().apply("mix.Sorry!x"))
        .isEqualTo("\u2588\u2588\u2588\u2588Sorry!\u2588");
  }

  @Test
  void aCharacterOutsideTheBasicPlaneIsOneBlock() {
    assertThat(Redaction.on().apply("\uD83D\uDE00 a")).isEqualTo("\u2588 \u2588");
  }

  @Test
  void offShowsAll() {
    assertThat(Redaction.off().apply("mix it")).isEqualTo("mix it");
  }

  @Property
  void wordsAndTheirPositionsStay(@ForAll("texts") String text) {
    String redacted = Redaction.on().apply(text);
    assertThat(Words.count(redacted)).isEqualTo(Words.count(text));
    assertThat(redacted.codePointCount(0, redacted.length()))
        .isEqualTo(text.codePointCount(0, text.length()));
    assertThat(redacted).doesNotContain("secret");
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(
            "secret", "sorry", "I cannot", " ", "\u00A0", ".", "\uD83D\uDE00", "\u2019")
        .list()
        .ofMaxSize(15)
        .map(parts -> String.join("", parts));
  }
}
