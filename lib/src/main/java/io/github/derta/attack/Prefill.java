package io.github.derta.attack;

import io.github.derta.io.BadInput;
import io.github.derta.model.Prompt;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The question with the first words of an answer given: a control. The answers are of the model
 * under attack ({@code prefill-own-10}: on-policy) or of another ({@code prefill-10}: off-policy).
 * Depth is counted in words, which every model and endpoint takes.
 */
public final class Prefill {

  private static final Pattern WORD = Pattern.compile("\\S+");

  private Prefill() {}

  /**
   * {@return the control; an answer of no more words than the depth cannot be begun and is a {@link
   * BadInput} when its prompt is asked for}
   *
   * @param depth how many words are given, at least 1
   * @param answers whose words
   * @param onPolicy whether they are the attacked model's own
   * @param raw whether questions hold a chat format already
   * @throws BadInput if the depth is less than 1
   */
  public static Attack of(int depth, PerQuestion answers, boolean onPolicy, boolean raw) {
    if (depth < 1) {
      throw new BadInput("prefill depth is " + depth + ", must be at least 1; 0 is direct");
    }
    Map<String, Object> parameters =
        Texts.parameters(
            "depth",
            depth,
            "unit",
            "words",
            "policy",
            onPolicy ? "on" : "off",
            "prompts",
            answers.origin(),
            "answers_sha256",
            Texts.hash(answers.texts()));
    return new PromptAttack(
        (onPolicy ? "prefill-own-" : "prefill-") + depth,
        parameters,
        question -> {
          String words = begin(answers.of(question), depth, question);
          return raw
              ? Prompt.raw(question.text()).prefilled(words)
              : Prompt.chat(question.text()).prefilled(words.stripLeading());
        });
  }

  /** The first words of an answer that has more. */
  static String begin(String answer, int depth, Question question) {
    int end =
        WORD.matcher(answer)
            .results()
            .skip(depth - 1L)
            .mapToInt(MatchResult::end)
            .findFirst()
            .orElse(answer.length());
    if (answer.substring(end).isBlank()) {
      throw new BadInput(
          "the answer to " + question.id() + " has no more than the " + depth + " words to give");
    }
    return answer.substring(0, end);
  }
}
