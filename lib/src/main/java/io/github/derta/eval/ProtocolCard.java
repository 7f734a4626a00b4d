package io.github.derta.eval;

import io.github.derta.model.Decoding;
import io.github.derta.model.Prompt;
import io.github.derta.text.Redaction;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a reader must know to believe a rate, or to measure it again. */
public final class ProtocolCard {

  private final RunResults run;
  private final Redaction redaction;
  private final StringBuilder card = new StringBuilder();

  private ProtocolCard(RunResults run, Redaction redaction) {
    this.run = run;
    this.redaction = redaction;
  }

  /**
   * {@return the card, several lines}
   *
   * @param run the run
   * @param redaction hides the questions in the prompts that are shown
   */
  public static String of(RunResults run, Redaction redaction) {
    ProtocolCard card = new ProtocolCard(run, redaction);
    card.whoAndWhat();
    run.plan().attacks().forEach(card::attack);
    return card.card.toString();
  }

  private void whoAndWhat() {
    Plan plan = run.plan();
    Plan.Subject model = plan.model();
    line(
        "model",
        model.name() + ", " + (model.endpoint() == null ? model.compute() : model.endpoint()));
    if (model.sha256() != null) {
      model.sha256().forEach((file, hash) -> line("", file + " sha256 " + hash));
    }
    Plan.Asked asked = plan.questions();
    line("questions", "%s, n = %d, sha256 %s".formatted(asked.origin(), asked.n(), asked.sha256()));
    Decoding decoding = plan.decoding();
    line(
        "decoding",
        "at most %d new tokens, temperature %s, top-p %s, seed %d"
            .formatted(
                decoding.maxNewTokens(), decoding.temperature(), decoding.topP(), decoding.seed()));
    line(
        "judges",
        run.rulings().stream().map(Ruling::judge).distinct().collect(Collectors.joining(", ")));
    line("versions", plan.versions());
    int planned = plan.attacks().stream().mapToInt(Plan.Planned::n).sum();
    line("answers", "%d of %d in %.1f s".formatted(run.answers().size(), planned, run.seconds()));
  }

  private void attack(Plan.Planned attack) {
    line("attack", "%s %s, n = %d".formatted(attack.name(), attack.parameters(), attack.n()));
    Plan.Example example = attack.example();
    if (example.rendered() == null) {
      Prompt prompt = example.prompt();
      line("  prompt", prompt.chat() ? "in the server's chat format" : "without chat format");
      line("", redaction.apply(prompt.text() + prompt.prefill()));
    } else {
      line("  prompt", example.tokens().length + " tokens");
      line("", rendered(example));
    }
  }

  /** The chat format stays readable. */
  private String rendered(Plan.Example example) {
    String text = example.rendered();
    for (String hidden : new String[] {example.prompt().text(), example.prompt().prefill()}) {
      String stripped = hidden.strip(); // as many chat formats do
      if (!text.contains(stripped)) {
        return redaction.apply(example.rendered());
      }
      text = text.replace(stripped, redaction.apply(stripped));
    }
    return text;
  }

  private void line(String name, Object value) {
    String text = value.toString().replace("\n", "\n" + " ".repeat(11));
    card.append(String.format(Locale.ROOT, "%-10s %s%n", name, text));
  }
}
