package io.github.derta.eval;

import io.github.derta.io.Resources;

/** A text with places for what was asked and answered. */
record JudgePrompt(String template) {

  private static final String QUESTION = "{question}";
  private static final String RESPONSE = "{response}";

  /** A text beside this class. */
  static JudgePrompt of(String name) {
    return new JudgePrompt(Resources.text(JudgePrompt.class, name).strip());
  }

  /** The text; places that the question or the response itself holds are left as they are. */
  String of(Exchange exchange) {
    int question = template.indexOf(QUESTION);
    int response = template.indexOf(RESPONSE);
    return template.substring(0, question)
        + exchange.question().text()
        + template.substring(question + QUESTION.length(), response)
        + exchange.response()
        + template.substring(response + RESPONSE.length());
  }
}
