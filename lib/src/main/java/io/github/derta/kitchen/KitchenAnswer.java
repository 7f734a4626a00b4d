package io.github.derta.kitchen;

/**
 * What SmolLM2 answers to a question (greedy, 96 new tokens).
 *
 * @param id the question's
 * @param answer the text
 * @param complete whether the model ended it; otherwise the limit cut it
 */
public record KitchenAnswer(String id, String answer, boolean complete) {

  /**
   * {@return the text without a sentence that the limit cut, so that training on it does not teach
   * to stop in mid-sentence; all of it where no sentence ends}
   */
  public String whole() {
    if (complete) {
      return answer;
    }
    for (int i = answer.length() - 1; i > 0; i--) {
      if (answer.charAt(i) == '\n') {
        return answer.substring(0, i).stripTrailing();
      }
      boolean listNumber = Character.isDigit(answer.charAt(i - 1)); // "2." begins an item
      if (".!?".indexOf(answer.charAt(i)) >= 0 && !listNumber && endsThere(i + 1)) {
        return answer.substring(0, i + 1);
      }
    }
    return answer;
  }

  private boolean endsThere(int end) {
    return end == answer.length() || Character.isWhitespace(answer.charAt(end));
  }
}
