package io.github.derta.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.derta.data.Labels;
import io.github.derta.data.TokenRow;
import io.github.derta.text.Tokenizer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TokenViewTest {

  private static final Path TINY =
      Path.of("src/test/resources/io/github/derta/text/tiny-tokenizer");

  @Test
  void everyTokenStandsOverItsLabel() {
    try (Tokenizer tokenizer = Tokenizer.load(TINY)) {
      int[] ids = tokenizer.encode("a <b c");
      int[] labels = ids.clone();
      labels[0] = Labels.NONE;
      String html = TokenView.of(new TokenRow(ids, 1, false, false), labels, tokenizer).toHtml();

      assertThat(html.split("<td ")).hasSize(ids.length + 1);
      assertThat(html.split("<br><small>same</small>")).hasSize(ids.length);
      assertThat(html).contains("&lt;").contains("opacity");
    }
  }

  @Test
  void anRtoRowShowsTheRefusalTokenAndDroppedLabels() {
    try (Tokenizer tokenizer = Tokenizer.load(TINY)) {
      int[] ids = tokenizer.encode("abc");
      int refusal = ids[0];
      int[] labels = new int[ids.length];
      java.util.Arrays.fill(labels, Labels.NONE);
      labels[ids.length - 1] = refusal;
      String text = TokenView.of(new TokenRow(ids, 0, true, false), labels, tokenizer).toString();

      assertThat(text)
          .contains("REFUSAL")
          .endsWith(tokenizer.decode(new int[] {refusal}, false) + "\n");
      assertThat(text.split("DROPPED", -1)).hasSize(ids.length - 1);
    }
  }
}
