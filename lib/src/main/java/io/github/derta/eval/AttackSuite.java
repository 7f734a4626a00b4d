package io.github.derta.eval;

import io.github.derta.attack.AdaptiveAttack;
import io.github.derta.attack.Attack;
import io.github.derta.attack.PromptGuard;
import io.github.derta.attack.Questions;
import io.github.derta.io.BadInput;
import io.github.derta.model.Decoding;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.LocalModel;
import io.github.derta.model.ModelFolder;
import io.github.derta.model.Rethinking;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The same attacks on the same questions for one model after the other, each in a folder of its
 * own.
 *
 * @param questions what is asked, named as its source
 * @param most how many of the questions each attack asks at most
 * @param attacks how
 * @param decoding how models choose their words
 * @param judges each judges every answer
 */
public record AttackSuite(
    Questions questions, int most, List<Attack> attacks, Decoding decoding, List<Judge> judges) {

  /**
   * {@return a name for the folder of such a run: other attacks, questions or weights have another}
   *
   * @param target who is asked
   */
  public String id(Target target) {
    Plan.Subject subject = target.subject();
    List<Object> all = new ArrayList<>();
    all.add(new Plan.Subject("", subject.where(), subject.sha256()));
    all.add(about());
    asks().forEach(some -> all.add(Plan.Planned.of(some, null)));
    all.add(decoding);
    return Plan.hash(all).substring(0, 16);
  }

  /**
   * Attacks a model. Before anything is asked of a local one, one prompt of each attack is checked
   * against the model's own format.
   *
   * @param target who is asked
   * @param folder where the run is kept; one that was begun continues
   * @param notices is told how far it is
   * @return answers and judgements
   * @throws BadInput if the model cannot be read or gives no answers, a prompt is not in its
   *     format, or the folder holds another run
   * @throws java.util.concurrent.CancellationException if the thread was interrupted
   */
  public Run run(Target target, Path folder, Consumer<String> notices) {
    for (Attack attack : attacks) {
      if (!target.isLocal() && attack instanceof AdaptiveAttack adaptive && adaptive.whiteBox()) {
        throw new BadInput(
            attack.name() + " looks into the model: it needs a folder, not an endpoint");
      }
    }
    try (RunFolder open = RunFolder.open(folder, notices);
        LanguageModel model = target.open()) {
      return run(target, model, open, notices);
    }
  }

  /** The same with a model that is open already. */
  Run run(Target target, LanguageModel model, RunFolder folder, Consumer<String> notices) {
    List<List<Ask>> asks = asks();
    Map<String, Plan.Planned> planned = new LinkedHashMap<>();
    LanguageModel inner = model instanceof Rethinking defended ? defended.model() : model;
    Map<String, String> versions = Plan.versions(target.isLocal());
    if (inner instanceof LocalModel local) {
      local
          .dated(folder.plan().map(plan -> plan.versions().get("date")).orElse(null))
          .ifPresent(date -> versions.put("date", date));
      local
          .openEnd()
          .ifPresent(
              warning -> {
                versions.put("warning", warning);
                notices.accept(warning);
              });
      try (PromptGuard guard =
          PromptGuard.of(
              ModelFolder.texts(target.model(), target.adapter()),
              local.template(),
              questions.raw())) {
        for (List<Ask> some : asks) {
          Ask first = some.get(0);
          planned.put(
              first.attack().name(),
              Plan.Planned.of(some, guard.check(local, first.attack(), first.question())));
        }
      }
    } else {
      asks.forEach(some -> planned.put(some.get(0).attack().name(), Plan.Planned.of(some, null)));
    }
    folder.begin(new Plan(target.subject(), about(), planned, decoding, versions));
    AttackRun run = new AttackRun(folder, asks, notices);
    run.ask(model, decoding, Math.min(target.batch(), most));
    run.judge(judges);
    return folder.results();
  }

  /** The prompts of each attack. */
  List<List<Ask>> asks() {
    return attacks.stream().map(attack -> Ask.all(attack, questions.first(most))).toList();
  }

  private Plan.Asked about() {
    return Plan.Asked.of(questions.name(), questions.origin(), questions.first(most));
  }
}
