package io.github.derta.attack;

import io.github.derta.model.Prompt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * CodeAttack: the question as data of a Python program that the model is to finish, so that the
 * answer is code (Ren et al. 2024; the paper takes the stack). Each variant is an attack of its
 * own.
 */
public final class CodeAttack {

  /**
   * The variants. Stack: the question pushed word by word, the last word first; list: appended word
   * by word; string: a variable; print: a title above a program that prints the answer; steps: a
   * comment on a list of steps that has begun, outside any chat format. SmolLM2 can follow the last
   * three.
   */
  public static final List<String> NAMES =
      List.of("code-stack", "code-list", "code-string", "code-print", "code-steps");

  private CodeAttack() {}

  /**
   * {@return the attack}
   *
   * @param name one of {@link #NAMES}
   */
  public static Attack of(String name) {
    boolean chat = !name.equals("code-steps");
    String program = Texts.resource(name + ".txt").stripTrailing();
    Map<String, Object> parameters =
        Texts.parameters(
            "prompts", "built-in", "chat", chat, "program_sha256", Texts.hash(program));
    return new PromptAttack(
        name,
        parameters,
        question -> {
          String text = program.replace(Texts.QUESTION, data(name, question.text().strip()));
          return chat ? Prompt.chat(text) : Prompt.raw(text);
        });
  }

  private static String data(String name, String question) {
    List<String> words = new ArrayList<>(Arrays.asList(question.split("\\s+")));
    return switch (name) {
      case "code-stack" -> {
        Collections.reverse(words);
        yield lines("stack", words);
      }
      case "code-list" -> lines("words", words);
      case "code-string" -> literal(question);
      default -> String.join(" ", words); // a comment ends with its line
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
