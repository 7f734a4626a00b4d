package io.github.derta.view;

import io.github.derta.data.Labels;
import io.github.derta.data.TokenRow;
import io.github.derta.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import org.owasp.encoder.Encode;

/**
 * A training row token by token, with the label below each: the prompt is grey, a label that is the
 * token itself is underlined, a refusal label is filled, a dropped one is hollow.
 */
public final class TokenView {

  private enum Mark {
    PROMPT("", "opacity:0.55"),
    NEXT_TOKEN("same", "border-bottom:2px solid #009E73"),
    REFUSAL("", "background:#D55E00;color:#FFFFFF"),
    DROPPED("○", "border:1px dashed currentColor");

    private final String label;
    private final String style;

    Mark(String label, String style) {
      this.label = label;
      this.style = style;
    }
  }

  private record Token(String text, Mark mark, String label) {}

  private final List<Token> tokens;

  private TokenView(List<Token> tokens) {
    this.tokens = tokens;
  }

  /**
   * {@return the view of a row}
   *
   * @param row a row
   * @param labels its labels, as {@link Labels#of} gives them
   * @param tokenizer the model's
   */
  public static TokenView of(TokenRow row, int[] labels, Tokenizer tokenizer) {
    List<Token> tokens = new ArrayList<>();
    for (int i = 0; i < row.ids().length; i++) {
      Mark mark = mark(row, labels[i], i);
      String label =
          mark == Mark.REFUSAL ? tokenizer.decode(new int[] {labels[i]}, false) : mark.label;
      tokens.add(new Token(tokenizer.decode(new int[] {row.ids()[i]}, false), mark, label));
    }
    return new TokenView(List.copyOf(tokens));
  }

  private static Mark mark(TokenRow row, int label, int i) {
    if (i < row.firstLabel()) {
      return Mark.PROMPT;
    }
    if (label == Labels.NONE) {
      return Mark.DROPPED;
    }
    return row.rto() ? Mark.REFUSAL : Mark.NEXT_TOKEN;
  }

  /** {@return the same with blocks in place of letters; labels and positions stay} */
  public TokenView redacted() {
    return new TokenView(
        tokens.stream()
            .map(t -> new Token(t.text().replaceAll("[^\\s<|>]", "█"), t.mark(), t.label()))
            .toList());
  }

  /** {@return an HTML element; each label is a {@code ruby} text, which survives without styles} */
  public String toHtml() {
    StringBuilder html =
        new StringBuilder("<div style=\"line-height:2.6;font-family:monospace;color:inherit\">\n");
    for (Token token : tokens) {
      html.append("<ruby style=\"ruby-position:under;margin:0 1px\"><span style=\"padding:0 2px;")
          .append("border-radius:3px;" + token.mark().style + "\">")
          .append(Encode.forHtmlContent(visible(token.text())))
          .append("</span><rt style=\"font-size:65%;opacity:0.8\">")
          .append(Encode.forHtmlContent(token.label()))
          .append("</rt></ruby>\n");
    }
    return html.append("</div>\n").toString();
  }

  /** {@return one line a token: mark, token, label} */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Token token : tokens) {
      text.append("%-10s %-16s %s%n".formatted(token.mark(), visible(token.text()), token.label()));
    }
    return text.toString();
  }

  private static String visible(String token) {
    return token.replace("\n", "⏎").replace(' ', '·');
  }
}
