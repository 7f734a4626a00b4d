package io.github.derta.model;

/**
 * What a model is to go on from.
 *
 * @param text raw text in which special tokens are recognised, or what the user says in a chat
 * @param chat whether the text is put into the model's chat format
 * @param prefill the first words of the answer, given to the model; not part of its completion
 */
public record Prompt(String text, boolean chat, String prefill) {

  /**
   * A text to go on from, as it stands.
   *
   * @param text the text
   * @return a prompt outside any chat format
   */
  public static Prompt raw(String text) {
    return new Prompt(text, false, "");
  }

  /**
   * A question in the model's chat format.
   *
   * @param question what the user says
   * @return a prompt that ends where the answer begins
   */
  public static Prompt chat(String question) {
    return new Prompt(question, true, "");
  }

  /**
   * The same with an answer begun.
   *
   * @param words the first words of the answer
   * @return a prompt that ends after them
   */
  public Prompt prefilled(String words) {
    return new Prompt(text, chat, words);
  }
}
