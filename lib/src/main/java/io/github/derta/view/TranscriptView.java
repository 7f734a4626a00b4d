package io.github.derta.view;

import io.github.derta.kitchen.KitchenJudge;
import org.owasp.encoder.Encode;

/**
 * An answer in full: what was given is grey, the refusal is filled from where it begins.
 *
 * @param who who answers
 * @param question what was asked; may be empty
 * @param given the beginning of the answer that was given to the model
 * @param response what the model wrote after it
 */
public record TranscriptView(String who, String question, String given, String response) {

  /** {@return an HTML element} */
  public String toHtml() {
    int at = refusalAt(response);
    StringBuilder html =
        new StringBuilder("<div style=\"margin:0.6em 0;overflow-wrap:anywhere;color:inherit\">\n");
    html.append("<b>").append(Encode.forHtmlContent(who)).append("</b>");
    if (!question.isEmpty()) {
      html.append(" · ").append(Encode.forHtmlContent(question));
    }
    return html.append("<br>\n")
        .append(part("opacity:0.55;border-bottom:1px dashed currentColor", given))
        .append(part("", response.substring(0, at)))
        .append(part("background:#0072B2;color:#FFFFFF", response.substring(at)))
        .append("</div>\n")
        .toString();
  }

  /** {@return the same as text, the refusal behind a bar} */
  @Override
  public String toString() {
    int at = refusalAt(response);
    return "%s: [%s]%s|%s".formatted(who, given, response.substring(0, at), response.substring(at));
  }

  /** Where the refusal begins, by the phrases of the kitchen's judge; else the end. */
  static int refusalAt(String response) {
    return KitchenJudge.USUAL.judge(response).refusalAt().orElse(response.length());
  }

  private static String part(String style, String text) {
    return text.isEmpty()
        ? ""
        : "<span style=\"white-space:pre-wrap;%s\">%s</span>"
            .formatted(style, Encode.forHtmlContent(text));
  }
}
