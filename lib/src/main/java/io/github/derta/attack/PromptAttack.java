package io.github.derta.attack;

import io.github.derta.model.Prompt;
import java.util.Map;
import java.util.function.Function;

/** An attack that makes each prompt from its question alone; {@code prompts} does. */
record PromptAttack(String name, Map<String, Object> parameters, Function<Question, Prompt> prompts)
    implements Attack {

  @Override
  public Prompt prompt(Question question) {
    return prompts.apply(question);
  }
}
