package io.github.derta.attack;

import java.util.List;

/** Writes PAIR's prompts. Sees the question, and of its own streams prompts, responses, scores. */
interface PairAttacker extends AutoCloseable {

  /**
   * One prompt and what came of it.
   *
   * @param prompt what the target was asked
   * @param response what it wrote
   * @param score from 1 to 10, by the inner judge
   */
  record Try(String prompt, String response, int score) {}

  /** Its name in settings. */
  String name();

  /** Where its prompts come from, {@code built-in} for our own. */
  String origin();

  /** Of all texts that it goes by. */
  String hash();

  /**
   * The next prompt of each stream.
   *
   * @param question what is to be answered
   * @param streams what each has tried so far, none at the beginning
   * @param search keeps what a model is asked
   */
  List<String> prompts(Question question, List<List<Try>> streams, SearchLog.Search search);

  @Override
  default void close() {}
}
