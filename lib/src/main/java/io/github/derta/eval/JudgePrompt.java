package io.github.derta.eval;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A text with places for what was asked and answered. */
record JudgePrompt(String template) {

  private static final String QUESTION = "{question}";
  private static final String RESPONSE = "{response}";

  /** A text beside this class. */
  static JudgePrompt of(String name) {
    try (InputStream in = JudgePrompt.class.getResourceAsStream(name)) {
      return new JudgePrompt(new String(in.readAllBytes(), StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
