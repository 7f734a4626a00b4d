package io.github.derta.model;

import io.github.derta.io.BadInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Many threads ask one model. Greedy requests that wait at the same time go together if they are
 * alike; one that draws goes alone, for a row's draws depend on its place in the batch.
 */
final class GenerationQueue implements AutoCloseable {

  private final LocalModel model;
  private final Queue<Job> waiting = new ConcurrentLinkedQueue<>();
  private final ExecutorService worker = Executors.newSingleThreadExecutor();

  private record Job(int[] ids, Decoding decoding, CompletableFuture<Completion> answer) {

    boolean goesWith(Job other) {
      return decoding.temperature() == 0 && decoding.equals(other.decoding);
    }
  }

  GenerationQueue(LocalModel model) {
    this.model = model;
  }

  CompletableFuture<Completion> add(int[] ids, Decoding decoding) {
    Job job = new Job(ids, decoding, new CompletableFuture<>());
    waiting.add(job);
    worker.execute(() -> runWithOthers(job));
    return job.answer;
  }

  private void runWithOthers(Job first) {
    if (waiting.remove(first)) { // or it has gone with another
      List<Job> jobs = new ArrayList<>(List.of(first));
      waiting.stream().filter(first::goesWith).limit(model.batch() - 1).forEach(jobs::add);
      waiting.removeAll(jobs);
      run(jobs);
    }
  }

  private void run(List<Job> jobs) {
    try {
      List<int[]> prompts = jobs.stream().map(Job::ids).toList();
      List<Completion> completions = model.completeIds(prompts, jobs.get(0).decoding);
      for (int i = 0; i < jobs.size(); i++) {
        jobs.get(i).answer.complete(completions.get(i));
      }
    } catch (RuntimeException e) {
      if (e instanceof BadInput && jobs.size() > 1) { // one that does not fit must not fail others
        jobs.forEach(job -> run(List.of(job)));
      } else {
        jobs.forEach(job -> job.answer.completeExceptionally(e));
      }
    }
  }

  @Override
  public void close() {
    worker.shutdownNow();
    waiting.forEach(job -> job.answer.cancel(false));
    try {
      worker.awaitTermination(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
