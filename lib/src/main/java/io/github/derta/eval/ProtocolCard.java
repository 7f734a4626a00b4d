package io.github.derta.eval;

import io.github.derta.model.Decoding;
import io.github.derta.text.Redaction;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

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
    StringBuilder card = new StringBuilder();
    line(card, "model", plan.model().name() + ", " + plan.model().where());
    plan.model().sha256().forEach((file, hash) -> line(card, "", file + " sha256 " + hash));
    Plan.Asked asked = plan.questions();
    line(card, "questions", asked.origin() + ", n = " + asked.n() + ", sha256 " + asked.sha256());
    Decoding how = plan.decoding();
    String drawn =
        how.temperature() == 0
            ? "greedy"
            : "temperature %s, top-p %s, seed %d"
                .formatted(how.temperature(), how.topP(), how.seed());
    line(card, "decoding", "at most " + how.maxNewTokens() + " new tokens, " + drawn);
    line(
        card,
        "judges",
        run.rulings().stream().map(Ruling::judge).distinct().collect(Collectors.joining(", ")));
    line(card, "versions", plan.versions());
    line(
        card,
        "answers",
        String.format(
            Locale.ROOT, "%d of %d in %.1f s", run.answers().size(), run.planned(), run.seconds()));
    plan.attacks()
        .forEach(
            (name, attack) -> {
              line(card, "attack", name + " " + attack.parameters() + ", n = " + attack.n());
              line(card, "  prompt", prompt(attack, redaction));
            });
    return card.toString();
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

  private static void line(StringBuilder card, String name, Object value) {
    String text = value.toString().replace("\n", "\n" + " ".repeat(11));
    card.append(String.format(Locale.ROOT, "%-10s %s%n", name, text));
  }
}
