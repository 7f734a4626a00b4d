package io.github.derta.attack;

import io.github.derta.io.JsonLines;
import io.github.derta.model.Prompt;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * SelfCipher: the model plays an expert of a code that it is only said to speak, sees
 * demonstrations in plain words and is asked in the same way (Yuan et al. 2024). All questions
 * share one beginning.
 */
public final class SelfCipher {

  private SelfCipher() {}

  /** {@return the attack with five harmless demonstrations of our own, about cooking} */
  public static Attack builtIn() {
    return of("built-in", Texts.records("selfcipher.jsonl"));
  }

  /**
   * {@return the attack with a user's demonstrations}
   *
   * @param file JSON Lines with "user" and "assistant"; the paper has five
   * @throws io.github.derta.io.BadInput if there is none
   */
  public static Attack read(Path file) {
    return of(file.getFileName().toString(), Texts.records(file));
  }

  private static Attack of(String origin, List<JsonLines.Line> demonstrations) {
    String shown =
        demonstrations.stream()
            .map(line -> "User: " + line.text("user") + "\nExpert: " + line.text("assistant"))
            .collect(Collectors.joining("\n\n"));
    String text = Texts.resource("selfcipher.txt").strip().replace("{demonstrations}", shown);
    Map<String, Object> parameters =
        Texts.parameters(
            "prompts",
            origin,
            "demonstrations",
            demonstrations.size(),
            "text_sha256",
            Texts.hash(text));
    return new PromptAttack(
        "selfcipher",
        parameters,
        question -> Prompt.chat(text.replace(Texts.QUESTION, question.text())));
  }
}
