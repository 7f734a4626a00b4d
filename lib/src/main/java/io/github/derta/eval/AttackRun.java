package io.github.derta.eval;

import io.github.derta.attack.Question;
import io.github.derta.io.Progress;
import io.github.derta.model.Completion;
import io.github.derta.model.Decoding;
import io.github.derta.model.LanguageModel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Asks a model what its folder lacks. The same again goes on where the last one ended. */
public final class AttackRun {

  private static final long SECOND = 1_000_000_000;

  private final RunFolder folder;
  private final List<List<Ask>> attacks;
  private final Consumer<String> notices;

  /**
   * A run.
   *
   * @param folder where answers go and are looked for; its plan is that of these attacks
   * @param attacks the prompts of each attack
   * @param notices is told what is done and what was done before
   */
  public AttackRun(RunFolder folder, List<List<Ask>> attacks, Consumer<String> notices) {
    this.folder = folder;
    this.attacks = attacks;
    this.notices = notices;
  }

  /**
   * Asks, attack by attack, and keeps each answer as soon as it is there.
   *
   * @param model the model
   * @param decoding how it chooses its words
   * @param batch prompts in a call
   * @param parallel calls at a time; 1 calls from this thread
   * @throws CancellationException if the thread was interrupted
   */
  public void ask(LanguageModel model, Decoding decoding, int batch, int parallel) {
    Set<String> there = folder.answers().stream().map(Answer::id).collect(Collectors.toSet());
    ExecutorService pool = Executors.newFixedThreadPool(parallel);
    try {
      for (List<Ask> asks : attacks) {
        List<Ask> open = asks.stream().filter(ask -> !there.contains(ask.id())).toList();
        String name = asks.get(0).attack().name();
        notices.accept(
            "%s: %d to ask, %d answered before"
                .formatted(name, open.size(), asks.size() - open.size()));
        try (Progress progress = Progress.of(name, open.size(), " answers", 1)) {
          Consumer<List<Ask>> call =
              some -> {
                folder.add(answers(model, some, decoding));
                progress.add(some.size());
              };
          List<List<Ask>> batches = batches(open, batch);
          if (parallel == 1) {
            batches.forEach(call.andThen(done -> stopIfInterrupted()));
          } else {
            inParallel(batches, call, pool);
          }
        }
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static List<Answer> answers(LanguageModel model, List<Ask> asks, Decoding decoding) {
    List<Completion> completions =
        model.complete(asks.stream().map(Ask::prompt).toList(), decoding);
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < asks.size(); i++) {
      answers.add(asks.get(i).answered(model.name(), completions.get(i).text()));
    }
    return answers;
  }

  private static List<List<Ask>> batches(List<Ask> asks, int size) {
    List<List<Ask>> batches = new ArrayList<>();
    for (int i = 0; i < asks.size(); i += size) {
      batches.add(asks.subList(i, Math.min(asks.size(), i + size)));
    }
    return batches;
  }

  /** After a failure no further call is begun, but those under way are waited for and kept. */
  private static void inParallel(
      List<List<Ask>> batches, Consumer<List<Ask>> call, ExecutorService pool) {
    AtomicBoolean failed = new AtomicBoolean();
    List<Future<?>> calls = new ArrayList<>();
    for (List<Ask> batch : batches) {
      calls.add(
          pool.submit(
              () -> {
                if (!failed.get()) {
                  try {
                    call.accept(batch);
                  } catch (RuntimeException | Error e) {
                    failed.set(true);
                    throw e;
                  }
                }
              }));
    }
    RuntimeException failure = null;
    for (Future<?> one : calls) {
      try {
        one.get();
      } catch (ExecutionException e) {
        failure =
            e.getCause() instanceof RuntimeException cause
                ? cause
                : new IllegalStateException(e.getCause());
      } catch (InterruptedException e) {
        failed.set(true);
        throw stopped();
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * Judges what has no judgement by that judge yet.
   *
   * @param judges each judges every answer
   * @throws CancellationException if the thread was interrupted
   */
  public void judge(List<? extends Judge> judges) {
    Map<String, Question> questions =
        attacks.stream().flatMap(List::stream).collect(Collectors.toMap(Ask::id, Ask::question));
    RunResults results = RunResults.read(folder.path());
    for (Judge judge : judges) {
      Set<String> judged =
          results.rulings().stream()
              .filter(ruling -> ruling.judge().equals(judge.name()))
              .map(Ruling::id)
              .collect(Collectors.toCollection(HashSet::new));
      List<Ruling> rulings = new ArrayList<>();
      long kept = System.nanoTime();
      try (Progress progress =
          Progress.of(judge.name(), results.answers().size() - judged.size(), " answers", 1)) {
        for (Answer answer : results.answers()) {
          if (!judged.contains(answer.id())) {
            Question question = questions.get(answer.id());
            Judgement judgement = judge.judge(question, answer.response());
            rulings.add(Ruling.of(answer, judge.name(), judgement));
            progress.add(1);
          }
          if (System.nanoTime() - kept > SECOND) { // a slow judge's are kept one by one
            folder.judged(rulings);
            rulings.clear();
            kept = System.nanoTime();
            stopIfInterrupted();
          }
        }
      } finally {
        folder.judged(rulings);
      }
    }
  }

  private static void stopIfInterrupted() {
    if (Thread.interrupted()) {
      throw stopped();
    }
  }

  private static CancellationException stopped() {
    return new CancellationException("stopped; the same command goes on from here");
  }
}
