package io.github.derta.eval;

import io.github.derta.attack.AdaptiveAttack;
import io.github.derta.attack.AdaptiveAttack.Found;
import io.github.derta.io.BadInput;
import io.github.derta.io.Progress;
import io.github.derta.model.Decoding;
import io.github.derta.model.EndpointModel;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.LocalModel;
import io.github.derta.model.Rethinking;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Asks a model what its folder lacks. The same again continues where the last one ended. */
public final class AttackRun {

  /** More prompts than these in a row without a single answer are not the prompts' fault. */
  private static final int BAD_PROMPTS = 8;

  private final RunFolder folder;
  private final List<List<Ask>> attacks;
  private final Consumer<String> notices;
  private long answered;
  private int unanswered;
  private boolean writing;

  /**
   * A run.
   *
   * @param folder where answers go and are looked for; its plan is that of these attacks
   * @param attacks the prompts of each attack
   * @param notices is told what is to be asked, and of what has no answer
   */
  public AttackRun(RunFolder folder, List<List<Ask>> attacks, Consumer<String> notices) {
    this.folder = folder;
    this.attacks = attacks;
    this.notices = notices;
  }

  /**
   * Asks, attack by attack, and keeps each answer as soon as it is there. A prompt that has none
   * does not hold up the others.
   *
   * @param model the model
   * @param decoding how it chooses its words
   * @param batch most prompts in a call
   * @throws BadInput if a server does not continue an answer that an attack begins, or nothing is
   *     answered
   * @throws CancellationException if the thread was interrupted
   */
  public void ask(LanguageModel model, Decoding decoding, int batch) {
    Set<String> there =
        folder.results().answers().stream().map(Answer::id).collect(Collectors.toSet());
    if (model instanceof EndpointModel server
        && attacks.stream()
            .flatMap(List::stream)
            .anyMatch(ask -> !there.contains(ask.id()) && !ask.prompt().prefill().isEmpty())) {
      server.requirePrefill();
    }
    answered = System.nanoTime();
    for (List<Ask> asks : attacks) {
      List<Ask> open = asks.stream().filter(ask -> !there.contains(ask.id())).toList();
      String name = asks.get(0).attack().name();
      notices.accept(
          "%s: %d to ask, %d answered before"
              .formatted(name, open.size(), asks.size() - open.size()));
      try (Progress progress = Progress.of(name, open.size(), " answers", 1, notices)) {
        if (asks.get(0).attack() instanceof AdaptiveAttack adaptive) {
          open.forEach(ask -> search(adaptive, ask, model, decoding, progress));
          continue;
        }
        for (int i = 0; i < open.size(); i += batch) {
          ask(model, decoding, open.subList(i, Math.min(open.size(), i + batch)), progress);
        }
      }
    }
  }

  private void search(
      AdaptiveAttack attack, Ask ask, LanguageModel model, Decoding decoding, Progress progress) {
    try {
      Found found =
          attack.search(ask.question(), model, decoding, folder.searches().search(ask.id()));
      writing = true;
      keep(ask.found(model.name(), found, sinceLast()));
      writing = false;
      progress.add(1);
    } catch (BadInput e) {
      if (writing || stillSilent(0, 1)) {
        throw e;
      }
      notices.accept(ask.id() + ": " + e.getMessage());
    }
    stopIfInterrupted();
  }

  private void keep(Answer answer) {
    folder.add(answer);
    unanswered = 0;
  }

  private double sinceLast() {
    long before = answered;
    answered = System.nanoTime();
    return (answered - before) / 1e9;
  }

  private void ask(LanguageModel model, Decoding decoding, List<Ask> asks, Progress progress) {
    int[] answers = new int[1];
    try {
      model.complete(
          asks.stream().map(Ask::prompt).toList(),
          decoding,
          (i, completion) -> {
            writing = true;
            keep(asks.get(i).answered(model.name(), completion, sinceLast()));
            writing = false;
            answers[0]++;
            progress.add(1);
          });
    } catch (BadInput e) {
      boolean local = model instanceof LocalModel || model instanceof Rethinking;
      if (!writing && local && asks.size() > 1) {
        // One prompt that does not fit takes all of its batch with it.
        asks.forEach(one -> ask(model, decoding, List.of(one), progress));
      } else if (writing || !local && stillSilent(answers[0], asks.size())) {
        throw e;
      } else {
        notices.accept(asks.get(0).attack().name() + ": " + e.getMessage());
      }
    }
    stopIfInterrupted();
  }

  /** Whether too many prompts, of one attack or of several, had no answer one after the other. */
  private boolean stillSilent(int answers, int asked) {
    unanswered += answers == 0 ? asked : 0;
    return unanswered > BAD_PROMPTS;
  }

  /**
   * Judges what has no judgement by that judge yet.
   *
   * @param judges each judges every answer
   * @throws CancellationException if the thread was interrupted
   */
  public void judge(List<? extends Judge> judges) {
    Run run = folder.results();
    for (Judge judge : judges) {
      Set<String> judged =
          run.rulings().stream()
              .filter(ruling -> ruling.judge().equals(judge.name()))
              .map(Ruling::id)
              .collect(Collectors.toSet());
      List<Answer> open =
          run.answers().stream().filter(answer -> !judged.contains(answer.id())).toList();
      Judges.judge(
          judge.name(),
          open,
          some -> {
            List<Ruling> rulings = Ruling.all(judge, some);
            folder.add(rulings);
            return rulings;
          });
      Judges.warn(
          judge.name(),
          folder.results().rulings().stream()
              .filter(ruling -> ruling.judge().equals(judge.name()))
              .toList());
    }
  }

  private static void stopIfInterrupted() {
    if (Thread.interrupted()) {
      throw new CancellationException("stopped; the same command continues from here");
    }
  }
}
