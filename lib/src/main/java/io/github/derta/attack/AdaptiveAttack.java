package io.github.derta.attack;

import io.github.derta.model.Decoding;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.Prompt;

/**
 * An attack that asks the model again and again, each time in the light of what it was answered,
 * before it settles on a prompt.
 */
public interface AdaptiveAttack extends Attack, AutoCloseable {

  /**
   * The end of a search.
   *
   * @param prompt what did best
   * @param response what the model wrote after it
   */
  record Found(Prompt prompt, String response) {}

  /** {@return what the search begins with} */
  @Override
  Prompt prompt(Question question);

  /** {@return whether it looks into the model, which must be one of this machine then} */
  boolean whiteBox();

  /**
   * Looks for a prompt that works. The same search, begun again, asks the same in the same order.
   *
   * @param question what is to be answered
   * @param target the attacked model
   * @param decoding how that chooses its words
   * @param search keeps all that is asked, and answers what was asked before
   * @return the prompt that did best, also where none worked
   * @throws io.github.derta.io.BadInput if the question cannot be asked this way, or a model gives
   *     no answer
   * @throws java.util.concurrent.CancellationException if the thread was interrupted
   */
  Found search(Question question, LanguageModel target, Decoding decoding, SearchLog.Search search);

  /** Closes models of its own. */
  @Override
  default void close() {}
}
