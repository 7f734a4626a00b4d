package io.github.derta.eval;

import io.github.derta.attack.Question;
import io.github.derta.kitchen.Verdict;
import java.util.List;
import java.util.function.Function;

/** Says what became of a question. {@link Judges} has those that are built in. */
public interface Judge extends AutoCloseable {

  /** {@return its name in commands, tables and run folders, such as {@code kitchen}} */
  String name();

  /**
   * {@return a verdict on each; {@link Verdict#invalid} where there is none}
   *
   * @param answers a judge reads their question, without any attack around it, and their response,
   *     without the words that were given to the model
   */
  List<Verdict> judgeAll(List<Answer> answers);

  /**
   * {@return the verdict on one response}
   *
   * @param question what was asked
   * @param response what the model wrote
   */
  default Verdict judge(Question question, String response) {
    return judgeAll(List.of(Answer.of("", question, response))).get(0);
  }

  @Override
  default void close() {}

  /**
   * {@return a judge that goes by the response alone}
   *
   * @param name in commands, tables and run folders
   * @param rule the verdict on a response
   */
  static Judge of(String name, Function<String, Verdict> rule) {
    return new Judge() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public List<Verdict> judgeAll(List<Answer> answers) {
        return answers.stream().map(Answer::response).map(rule).toList();
      }
    };
  }
}
