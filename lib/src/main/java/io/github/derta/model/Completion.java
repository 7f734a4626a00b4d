package io.github.derta.model;

/**
 * What a model wrote after a prompt.
 *
 * @param text the text, without special tokens and without the stop text that ended it
 * @param ids its tokens, the end token included if there was one; empty if a server does not tell
 * @param logProbs natural logarithm of each token's probability at temperature 1; empty if unknown
 * @param end why it ends there
 */
public record Completion(String text, int[] ids, float[] logProbs, End end) {

  /** Why a completion ends. */
  public enum End {
    /** The model or a stop text ended it. */
    STOP,
    /** It was as long as allowed. */
    LENGTH,
    /** A server's content filter ended it. */
    FILTER
  }

  /** With a text before its own. */
  Completion behind(String begun) {
    return begun.isEmpty() ? this : new Completion(begun + text, ids, logProbs, end);
  }

  /** Without a beginning that a server repeats. */
  Completion without(String beginning) {
    return beginning.isEmpty() || !text.startsWith(beginning)
        ? this
        : new Completion(text.substring(beginning.length()), ids, logProbs, end);
  }
}
