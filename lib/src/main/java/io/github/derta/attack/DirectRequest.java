package io.github.derta.attack;

import io.github.derta.model.Prompt;
import java.util.Map;

/** The question as it is: a control. */
public final class DirectRequest implements Attack {

  @Override
  public String name() {
    return "direct";
  }

  @Override
  public Map<String, Object> parameters() {
    return Map.of();
  }

  @Override
  public Prompt prompt(Question question) {
    return Prompt.chat(question.text());
  }
}
