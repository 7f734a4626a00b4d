package io.github.derta.eval;

import io.github.derta.attack.Question;
import java.util.List;

/** Says what became of a question. {@link Judges} has those that are built in. */
public interface Judge extends AutoCloseable {

  /** {@return its name in commands, tables and run folders, such as {@code kitchen}} */
  String name();

  /**
   * {@return what it says; {@link Judgement#invalid} where it gives no verdict}
   *
   * @param question what was asked, without any attack around it
   * @param response what the model wrote, without any words that were put into its mouth
   */
  Judgement judge(Question question, String response);

  /**
   * {@return what it says of each; a judge that needs a model asks it all at once}
   *
   * @param exchanges what was asked and answered
   */
  default List<Judgement> judgeAll(List<Exchange> exchanges) {
    return exchanges.stream().map(one -> judge(one.question(), one.response())).toList();
  }

  @Override
  default void close() {}
}
