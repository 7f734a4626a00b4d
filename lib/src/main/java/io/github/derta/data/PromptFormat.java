package io.github.derta.data;

import java.util.function.UnaryOperator;

/**
 * How a question becomes a prompt and an answer the text behind it. The beginning-of-sequence token
 * is never part of a format of ours: {@link TokenRows} puts it in front where the tokenizer wants
 * one and the prompt does not begin with it.
 *
 * @param name as scripts write it
 * @param template makes the prompt of a question
 * @param lead what stands between prompt and answer, a space or nothing
 * @param end the token, written out, that ends an answer
 */
public record PromptFormat(String name, UnaryOperator<String> template, String lead, String end) {

  /** Training in the public code: {@code [INST] q [\INST] r<|end_of_text|>}, backslash and all. */
  public static final PromptFormat PAPER =
      new PromptFormat("paper", q -> "[INST] " + q + " [\\INST]", " ", "<|end_of_text|>");

  /** Evaluation in the public code, which is not what it trains on. */
  public static final PromptFormat PAPER_EVALUATION =
      new PromptFormat(
          "paper-evaluation", q -> "[INST] \n" + q + "\n\n [\\INST]", " ", "<|end_of_text|>");

  /**
   * @param question a question
   * @return the prompt, up to where the answer's {@link #lead} begins
   */
  public String prompt(String question) {
    return template.apply(question);
  }

  /**
   * @param text an answer
   * @return the text to learn
   */
  public String answer(String text) {
    return lead + text + end;
  }

  @Override
  public String toString() {
    return name;
  }
}
