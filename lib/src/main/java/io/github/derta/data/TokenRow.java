package io.github.derta.data;

/**
 * A row in tokens.
 *
 * @param ids prompt and response, cut to the block
 * @param prompt how many of them are the prompt, the beginning-of-sequence token included
 * @param rto whether the response's labels are the refusal token
 * @param cut whether the block cut something off
 */
public record TokenRow(int[] ids, int prompt, boolean rto, boolean cut) {

  /**
   * Where labels begin. Nothing predicts a sequence's first token, so it never has one.
   *
   * @return the index of the first token with a label, {@code ids.length} if none has
   */
  public int firstLabel() {
    return Math.min(Math.max(prompt, 1), ids.length);
  }

  /** {@return how many tokens may have a label} */
  public int labels() {
    return ids.length - firstLabel();
  }
}
