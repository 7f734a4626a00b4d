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

  /** Tokens beside each other. */
  private static final int COLUMNS = 10;

  // GitHub drops style, JupyterLab's style sheet overrides align: both are needed.
  private static final String CELL =
      "<td align=\"center\" style=\"text-align:center;vertical-align:top;padding:2px 4px;"
          + "min-width:0;border:none\">";

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

  /**
   * {@return an HTML table of tokens over their labels} No {@code ruby}, which JupyterLab takes out
   * of a notebook that is not trusted; without styles the labels still tell the rows apart.
   */
  public String toHtml() {
    StringBuilder html = new StringBuilder("<table style=\"color:inherit;background:none\">\n<tr>");
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      html.append(i > 0 && i % COLUMNS == 0 ? "</tr>\n<tr>" : "").append(CELL);
      html.append("<code style=\"padding:0 2px;border-radius:3px;white-space:nowrap;")
          .append(token.mark().style + "\">")
          .append(Encode.forHtmlContent(visible(token.text())))
          .append("</code><br><small>")
          .append(Encode.forHtmlContent(token.label()))
          .append("</small></td>");
    }
    return html.append("</tr>\n</table>\n").toString();
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
