package io.github.derta.attack;

import io.github.derta.model.Prompt;
import java.util.Map;

/**
 * An attack with the prompts of the paper's public repository, as they are.
 *
 * @param name the attack's name
 * @param chat whether prompts go into the model's chat format; not those of CompletingAttack
 * @param prompts the prompts
 */
record PublishedAttack(String name, boolean chat, PerQuestion prompts) implements Attack {

  @Override
  public Map<String, Object> parameters() {
    return Texts.parameters(
        "prompts", prompts.origin(),
        "chat", chat,
        "prompts_sha256", Texts.hash(prompts.texts()));
  }

  @Override
  public Prompt prompt(Question question) {
    String text = prompts.of(question);
    return chat ? Prompt.chat(text) : Prompt.raw(text);
  }
}
