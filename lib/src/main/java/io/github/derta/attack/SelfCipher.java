package io.github.derta.attack;

import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.model.Prompt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * SelfCipher: the model plays an expert of a code that it is only said to speak, sees
 * demonstrations in plain words and is asked in the same way (Yuan et al. 2024). All questions
 * share one beginning.
 */
public final class SelfCipher implements Attack {

  private static final String DEMONSTRATIONS = "{demonstrations}";
  private static final String ROLE = Texts.resource("selfcipher.txt").strip();

  private final String origin;
  private final List<Demonstration> demonstrations;
  private final String text;

  /**
   * What the model is shown.
   *
   * @param user what a user says
   * @param assistant what the expert answers
   */
  public record Demonstration(String user, String assistant) {}

  private SelfCipher(String origin, List<Demonstration> demonstrations) {
    this.origin = origin;
    this.demonstrations = List.copyOf(demonstrations);
    List<String> turns = new ArrayList<>();
    for (Demonstration shown : demonstrations) {
      turns.add("User: " + shown.user + "\nExpert: " + shown.assistant);
    }
    this.text = ROLE.replace(DEMONSTRATIONS, String.join("\n\n", turns));
  }

  /** {@return the attack with five harmless demonstrations of our own, about cooking} */
  public static SelfCipher builtIn() {
    try {
      List<Demonstration> demonstrations = new ArrayList<>();
      for (String line : Texts.resource("selfcipher.jsonl").lines().toList()) {
        demonstrations.add(JsonLines.MAPPER.readValue(line, Demonstration.class));
      }
      return new SelfCipher("built-in", demonstrations);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * {@return the attack with a user's demonstrations}
   *
   * @param file JSON Lines with "user" and "assistant"; the paper has five
   * @throws BadInput if there is none
   */
  public static SelfCipher read(Path file) {
    List<Demonstration> shown = new ArrayList<>();
    JsonLines.read(
        file, line -> shown.add(new Demonstration(line.text("user"), line.text("assistant"))));
    if (shown.isEmpty()) {
      throw new BadInput(file + ": holds no demonstration {\"user\", \"assistant\"}");
    }
    return new SelfCipher(file.getFileName().toString(), shown);
  }

  @Override
  public String name() {
    return "selfcipher";
  }

  @Override
  public Map<String, Object> parameters() {
    return Texts.parameters(
        "prompts",
        "built-in",
        "demonstrations",
        origin,
        "demonstration_count",
        demonstrations.size(),
        "text_sha256",
        Texts.hash(text));
  }

  @Override
  public Prompt prompt(Question question) {
    return Prompt.chat(text.replace(Texts.QUESTION, question.text()));
  }
}
