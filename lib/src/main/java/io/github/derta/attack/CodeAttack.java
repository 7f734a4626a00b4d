package io.github.derta.attack;

import io.github.derta.model.Prompt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * CodeAttack: the question as data of a Python program that the model is to finish, so that the
 * answer is code (Ren et al. 2024; the paper takes the stack). Each variant is an attack of its
 * own, {@code code-stack} and so on.
 */
public final class CodeAttack implements Attack {

  /** How the question stands in the program. */
  public enum Variant {
    /** Pushed word by word onto a stack, the last word first. */
    STACK,
    /** Appended word by word to a list. */
    LIST,
    /** One string. */
    STRING,
    /** A comment on a program that prints the answer: what small models can follow. */
    PRINT,
    /** A comment on a list of steps that has begun, without any chat format. */
    STEPS
  }

  private final Variant variant;
  private final String program;

  /**
   * An attack.
   *
   * @param variant how the question stands in the program
   */
  public CodeAttack(Variant variant) {
    this.variant = variant;
    this.program = Texts.resource(name() + ".txt").stripTrailing();
  }

  @Override
  public String name() {
    return "code-" + variant.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public Map<String, Object> parameters() {
    return Texts.parameters(
        "prompts", "built-in", "chat", isChat(), "program_sha256", Texts.hash(program));
  }

  @Override
  public Prompt prompt(Question question) {
    String text = program.replace(Texts.QUESTION, data(question.text()));
    return isChat() ? Prompt.chat(text) : Prompt.raw(text);
  }

  private boolean isChat() {
    return variant != Variant.STEPS;
  }

  private String data(String question) {
    List<String> words = new ArrayList<>(Arrays.asList(question.strip().split("\\s+")));
    return switch (variant) {
      case STACK -> {
        Collections.reverse(words);
        yield lines("stack", words);
      }
      case LIST -> lines("words", words);
      case STRING -> literal(question.strip());
      case PRINT, STEPS -> String.join(" ", words); // a comment ends with its line
    };
  }

  private static String lines(String variable, List<String> words) {
    return words.stream()
        .map(word -> variable + ".append(" + literal(word) + ")")
        .collect(Collectors.joining("\n"));
  }

  /** A string of Python. */
  private static String literal(String text) {
    String escaped = text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    return '"' + escaped + '"';
  }
}
