package io.github.derta.data;

/**
 * A harmless question with a good answer.
 *
 * @param question what is asked
 * @param answer the answer to learn
 * @param rejected a worse answer for DPO, or null where there is none
 * @param cut whether the answer goes on beyond this text; then no end is learned behind it
 */
public record HelpfulPair(String question, String answer, String rejected, boolean cut) {

  /**
   * A pair without a worse answer.
   *
   * @param question what is asked
   * @param answer the whole answer to learn
   */
  public HelpfulPair(String question, String answer) {
    this(question, answer, null, false);
  }
}
