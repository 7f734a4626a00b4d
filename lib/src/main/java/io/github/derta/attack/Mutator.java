package io.github.derta.attack;

import java.util.List;
import java.util.SplittableRandom;

/** Changes AutoDAN's prompts a little. */
interface Mutator extends AutoCloseable {

  /** Its name in settings. */
  String name();

  /** Of all that it goes by. */
  String hash();

  /**
   * The same in other words.
   *
   * @param templates each has one place for the question, and keeps it
   * @param random for its draws
   * @param search keeps what a model is asked
   */
  List<String> mutate(List<String> templates, SplittableRandom random, SearchLog.Search search);

  @Override
  default void close() {}
}
