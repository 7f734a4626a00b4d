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
      Pattern.compile(
          ("\\s*(?:(?:<\\|start\\|>assistant)?<\\|channel\\|>analysis<\\|message\\|>|analysis(?=[A-Z]"
                  + "[\\s\\S]*assistantfinal)|<(?:%s)>|\\[THINK]|<\\|begin_of_thought\\|>"
                  + "|<\\|START_THINKING\\|>|\\u25C1think\\u25B7)")
              .formatted(NAMES),
          Pattern.CASE_INSENSITIVE);

  private static final Pattern END =
      Pattern.compile(
          ("(?:<\\|end\\|>)?(?:<\\|start\\|>assistant)?<\\|channel\\|>final<\\|message\\|>|assistantfinal"
                  + "|</(?:%s)>|\\[/THINK]|<\\|end_of_thought\\|>|<\\|END_THINKING\\|>|\\u25C1/think\\u25B7")
              .formatted(NAMES),
          Pattern.CASE_INSENSITIVE);

  /** Marks that some models put around the answer. */
  private static final Pattern AROUND =
      Pattern.compile(
          "^\\s*(?:<answer>|<\\|begin_of_solution\\|>|<\\|START_RESPONSE\\|>)?\\s*"
              + "|\\s*(?:</answer>|<\\|end_of_solution\\|>|<\\|END_RESPONSE\\|>)\\s*$");

  /**
   * {@return thought and answer of a response}
   *
   * @param response what a model wrote; its template may have begun the thought
   */
  public static Reasoning of(String response) {
    Matcher begin = BEGIN.matcher(response);
    int from = begin.lookingAt() ? begin.end() : 0;
    Matcher end = END.matcher(response);
    int to = -1;
    int after = 0;
    while (end.find()) {
      to = end.start();
      after = end.end();
    }
    if (to < 0) {
      return from == 0
          ? new Reasoning("", response)
          : new Reasoning(response.substring(from).strip(), "");
    }
    return new Reasoning(
        response.substring(Math.min(from, to), to).strip(),
        AROUND.matcher(response.substring(after)).replaceAll(""));
  }
}
