package io.github.derta.text;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a model thinks before its answer, by the marks of DeepSeek R1 and Qwen3 ({@code <think>}),
 * Mistral, Cohere, Kimi, Seed, OpenThinker, gpt-oss and common prompts. Thoughts are no part of the
 * answer: they are judged apart.
 *
 * @param thought without its marks; empty if there is none
 * @param answer what comes after it; empty if the model did not come to an end with thinking
 */
public record Reasoning(String thought, String answer) {

  private static final String NAMES =
      "think|thinking|thought|reasoning|reflection|scratchpad|seed:think";

  private static final Pattern BEGIN =
      mark(
          "(?:<\\|start\\|>assistant)?<\\|channel\\|>analysis<\\|message\\|>|analysis(?=[A-Z])|<(?:%s)>"
              + "|\\[THINK]|<\\|begin_of_thought\\|>|<\\|START_THINKING\\|>|\u25C1think\u25B7");

  private static final Pattern END =
      mark(
          "(?:<\\|end\\|>)?(?:<\\|start\\|>assistant)?<\\|channel\\|>final<\\|message\\|>|assistantfinal"
              + "|</(?:%s)>|\\[/THINK]|<\\|end_of_thought\\|>|<\\|END_THINKING\\|>|\u25C1/think\u25B7");

  /** What ends a thought that the template has begun, and nothing else. */
  private static final Pattern END_ALONE =
      mark("</think>|\\[/THINK]|<\\|end_of_thought\\|>|<\\|END_THINKING\\|>|\u25C1/think\u25B7");

  /** Marks that some models put around the answer. */
  private static final Pattern AROUND =
      Pattern.compile(
          "^\\s*(?:<answer>|<\\|begin_of_solution\\|>|<\\|START_RESPONSE\\|>)?\\s*"
              + "|\\s*(?:</answer>|<\\|end_of_solution\\|>|<\\|END_RESPONSE\\|>)\\s*$");

  private static Pattern mark(String regex) {
    return Pattern.compile(regex.formatted(NAMES), Pattern.CASE_INSENSITIVE);
  }

  /**
   * {@return thought and answer of a response}
   *
   * @param response what a model wrote
   */
  public static Reasoning of(String response) {
    String text = response.stripLeading();
    Matcher begin = BEGIN.matcher(text);
    int from = begin.lookingAt() ? begin.end() : 0;
    Matcher end = (from > 0 ? END : END_ALONE).matcher(text);
    if (!end.find(from)) {
      return from == 0
          ? new Reasoning("", response)
          : new Reasoning(text.substring(from).strip(), "");
    }
    return from == 0 && BEGIN.matcher(text.substring(0, end.start())).find()
        ? new Reasoning("", response) // an answer that speaks of thoughts
        : new Reasoning(
            text.substring(from, end.start()).strip(),
            AROUND.matcher(text.substring(end.end())).replaceAll(""));
  }

  /**
   * {@return the mark by which a template has begun a thought, so that it stands before what a
   * model writes; empty if it has not}
   *
   * @param prompt as the model is given it
   */
  public static String begun(String prompt) {
    Matcher begin = BEGIN.matcher(prompt);
    String mark = "";
    while (begin.find()) {
      mark = prompt.substring(begin.end()).isBlank() ? prompt.substring(begin.start()) : "";
    }
    return mark;
  }
}
