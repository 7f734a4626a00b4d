package io.github.derta.eval;

import static java.util.stream.Collectors.joining;

import io.github.derta.model.Decoding;
import io.github.derta.text.Redaction;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;

/** What a reader must know to believe a rate, or to measure it again. */
public final class ProtocolCard {

  private ProtocolCard() {}

  /**
   * {@return the card, a line for each entry}
   *
   * @param run the run
   * @param redaction hides questions and given words in the prompts that are shown
   */
  public static String of(Run run, Redaction redaction) {
    Plan plan = run.plan();
    Plan.Asked asked = plan.questions();
    Decoding how = plan.decoding();
    String drawn =
        how.temperature() == 0
            ? "greedy"
            : "temperature %s, top-p %s, seed %d"
                .formatted(how.temperature(), how.topP(), how.seed());
    String judges = run.rulings().stream().map(Ruling::judge).distinct().collect(joining(", "));
    String answered = "%d of %d in %.1f s";
    return line("model", plan.model().name() + ", " + plan.model().where())
        + lines(plan.model().sha256(), (file, hash) -> line("", file + " sha256 " + hash))
        + line("questions", asked.origin() + ", n = " + asked.n() + ", sha256 " + asked.sha256())
        + line("decoding", "at most " + how.maxNewTokens() + " new tokens, " + drawn)
        + line("judges", judges)
        + line("versions", plan.versions())
        + line("answers", format(answered, run.answers().size(), run.planned(), run.seconds()))
        + lines(
            plan.attacks(),
            (name, attack) ->
                line("attack", name + " " + attack.parameters() + ", n = " + attack.n())
                    + line("  prompt", prompt(attack, redaction)));
  }

  private static <T> String lines(Map<String, T> all, BiFunction<String, T, String> line) {
    return all.entrySet().stream()
        .map(e -> line.apply(e.getKey(), e.getValue()))
        .collect(joining());
  }

  /** The chat format stays readable. */
  private static String prompt(Plan.Planned attack, Redaction redaction) {
    String text = attack.prompt().text();
    String prefill = attack.prompt().prefill();
    if (attack.example() == null) {
      return (attack.prompt().chat() ? "in the server's chat format: " : "without chat format: ")
          + redaction.apply(text + prefill);
    }
    String rendered = attack.example().rendered();
    for (String part : List.of(text.strip(), prefill)) { // many chat formats strip a question
      if (!rendered.contains(part)) {
        return redaction.apply(attack.example().rendered());
      }
      rendered = rendered.replace(part, redaction.apply(part));
    }
    return attack.example().ids().size() + " tokens: " + rendered;
  }

  private static String line(String name, Object value) {
    return format("%-10s %s%n", name, value.toString().replace("\n", "\n" + " ".repeat(11)));
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
