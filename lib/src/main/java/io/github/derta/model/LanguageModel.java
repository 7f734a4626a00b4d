package io.github.derta.model;

import ai.djl.Device;
import java.util.List;
import java.util.OptionalInt;

/** Completes prompts: a local model, or an endpoint. */
public interface LanguageModel extends AutoCloseable {

  /**
   * Opens the model that a command line names.
   *
   * @param spec a folder, {@code smollm2}, or an endpoint as {@link Endpoint#parse} has it
   * @param dtype a local model's, as {@link Compute#parse} has it
   * @param device a local model's
   * @return the model, to be closed after use
   * @throws io.github.derta.io.BadInput if it is none of these
   */
  static LanguageModel open(String spec, String dtype, Device device) {
    return Endpoint.named(spec)
        ? EndpointModel.of(Endpoint.parse(spec))
        : LocalModel.load(
            ModelFolder.find(spec), Compute.parse(dtype, device), device, LocalModel.BATCH);
  }

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

  /**
   * {@return how many tokens of its context a prompt leaves, negative if it is too long; empty
   * where only a server knows}
   *
   * @param prompt what is to be gone on from
   */
  default OptionalInt room(Prompt prompt) {
    return OptionalInt.empty();
  }

  /** Hears of answers as they come. */
  @FunctionalInterface
  interface Answers {

    /**
     * Takes one answer; called by the thread that asks, never by two at once.
     *
     * @param prompt its prompt's place in the list, from 0
     * @param completion the answer
     */
    void accept(int prompt, Completion completion);
  }

  /**
   * Completes prompts and hands on each answer as it comes, so that none is lost if another prompt
   * has none.
   *
   * @param prompts what to go on from
   * @param decoding how to choose
   * @param answers takes a completion for each prompt, in any order
   * @throws io.github.derta.io.BadInput if a prompt has no answer, after all other answers
   */
  default void complete(List<Prompt> prompts, Decoding decoding, Answers answers) {
    List<Completion> completions = complete(prompts, decoding);
    for (int i = 0; i < completions.size(); i++) {
      answers.accept(i, completions.get(i));
    }
  }

  @Override
  void close();
}
