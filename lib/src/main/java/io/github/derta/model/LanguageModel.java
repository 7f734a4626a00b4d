package io.github.derta.model;

import java.util.List;

/** Completes prompts: a local model, or an endpoint. */
public interface LanguageModel extends AutoCloseable {

  /** {@return a name for tables and run folders} */
  String name();

  /**
   * Completes prompts, each as if it were alone.
   *
   * @param prompts what to go on from
   * @param decoding how to choose
   * @return a completion each, in the order of the prompts
   * @throws io.github.derta.io.BadInput if a prompt does not fit the model
   */
  List<Completion> complete(List<Prompt> prompts, Decoding decoding);

  @Override
  void close();
}
