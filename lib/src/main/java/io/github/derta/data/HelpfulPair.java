package io.github.derta.data;

/**
 * A harmless question with a good answer.
 *
 * @param question what is asked
 * @param answer the answer to learn
 * @param rejected a worse answer for DPO, or null where there is none
 */
public record HelpfulPair(String question, String answer, String rejected) {

  /**
   * Checks the texts.
   *
   * @param question what is asked
   * @param answer the answer to learn
   */
  public HelpfulPair(String question, String answer) {
    this(question, answer, null);
  }
}
