package io.github.derta.eval;

import static java.util.stream.Collectors.joining;

import io.github.derta.model.Decoding;
import io.github.derta.text.Redaction;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;

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
    Formatter card = new Formatter(Locale.ROOT);
    card.format("model      %s, %s%n", plan.model().name(), plan.model().where());
    plan.model()
        .sha256()
        .forEach((file, hash) -> card.format("%11s%s sha256 %s%n", "", file, hash));
    card.format("questions  %s, n = %d, sha256 %s%n", asked.origin(), asked.n(), asked.sha256());
    card.format("decoding   at most %d new tokens, %s%n", how.maxNewTokens(), drawn);
    card.format("judges     %s%n", judges);
    card.format("versions   %s%n", plan.versions());
    card.format(
        "answers    %d of %d in %.1f s%n", run.answers().size(), run.planned(), run.seconds());
    plan.attacks()
        .forEach(
            (name, attack) -> {
              String parameters = indented(attack.parameters().toString());
              card.format("attack     %s %s, n = %d%n", name, parameters, attack.n());
              card.format("  prompt   %s%n", indented(prompt(attack, redaction)));
            });
    return card.toString();
  }

  private static String indented(String text) {
    return text.replace("\n", "\n" + " ".repeat(11));
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
}
