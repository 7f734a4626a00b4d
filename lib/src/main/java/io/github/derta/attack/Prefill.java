package io.github.derta.attack;

import io.github.derta.io.BadInput;
import io.github.derta.model.Prompt;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The question with the first words of an answer given: a control. The answers are of the model
 * under attack ({@code prefill-own-10}: on-policy) or of another ({@code prefill-10}: off-policy).
 * Depth is counted in words, which every model and endpoint takes; {@code DepthCurve} counts
 * tokens.
 */
public final class Prefill implements Attack {

  private static final Pattern WORD = Pattern.compile("\\S+");

  private final int depth;
  private final PerQuestion answers;
  private final boolean onPolicy;

  /**
   * A control.
   *
   * @param depth how many words are given, at least 1
   * @param answers whose words
   * @param onPolicy whether they are the attacked model's own
   * @throws BadInput if the depth is less than 1
   */
  public Prefill(int depth, PerQuestion answers, boolean onPolicy) {
    if (depth < 1) {
      throw new BadInput("prefill depth is " + depth + ", must be at least 1; 0 is direct");
    }
    this.depth = depth;
    this.answers = answers;
    this.onPolicy = onPolicy;
  }

  @Override
  public String name() {
    return (onPolicy ? "prefill-own-" : "prefill-") + depth;
  }

  @Override
  public Map<String, Object> parameters() {
    return Texts.parameters(
        "depth",
        depth,
        "unit",
        "words",
        "policy",
        onPolicy ? "on" : "off",
        "answers",
        answers.origin(),
        "answers_sha256",
        Texts.hash(answers.texts()));
  }

  /** {@inheritDoc} An answer of no more words than the depth cannot be begun and not ended. */
  @Override
  public Prompt prompt(Question question) {
    String answer = answers.of(question);
    int end =
        WORD.matcher(answer)
            .results()
            .skip(depth - 1L)
            .mapToInt(MatchResult::end)
            .findFirst()
            .orElse(answer.length());
    if (answer.substring(end).isBlank()) {
      throw new BadInput(
          "%s: the answer to %s has no more than %d words".formatted(name(), question.id(), depth));
    }
    return Prompt.chat(question.text()).prefilled(answer.substring(0, end).stripLeading());
  }
}
