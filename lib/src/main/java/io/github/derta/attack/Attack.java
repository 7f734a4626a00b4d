package io.github.derta.attack;

import io.github.derta.model.Prompt;
import java.util.Map;

/** One way of asking a question that a model should refuse. */
public interface Attack {

  /** {@return its name in commands, tables and run folders, such as {@code code-stack}} */
  String name();

  /** {@return its settings with their values, in a fixed order, printed with every run} */
  Map<String, Object> parameters();

  /**
   * {@return what the model is given; what it writes after that is the response}
   *
   * @param question what is to be answered
   * @throws io.github.derta.io.BadInput if the question cannot be asked this way
   */
  Prompt prompt(Question question);
}
