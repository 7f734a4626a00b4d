package io.github.derta.model;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.RetryPolicy;
import dev.failsafe.Timeout;
import dev.failsafe.TimeoutExceededException;
import io.github.derta.io.BadInput;
import io.github.derta.model.Endpoint.Prefill;
import io.github.derta.model.EndpointCalls.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/**
 * A model behind an OpenAI-compatible endpoint. Chat prompts go to {@code /chat/completions}, raw
 * ones to {@code /completions}; most servers put their begin token in front of raw text, which
 * should not hold one, too.
 *
 * <p>A chat prompt with a prefill ends in an assistant's message, with vLLM's {@code
 * continue_final_message: true} and {@code add_generation_prompt: false}, or as {@link
 * Endpoint.Prefill} says. A server that does not know these refuses them or, worse, begins a new
 * answer: {@link #requirePrefill} tries it. A raw prompt in the model's chat format works
 * everywhere.
 *
 * <p>Status 408, 429 and 5xx, timeouts, and answers that break off or are not as they should be are
 * tried {@value #TRIES} times, with waits of one second and doubling, or as Retry-After says. The
 * key is in the header of requests and nowhere else.
 */
public final class EndpointModel implements LanguageModel {

  /** How often a request is made until its prompt counts as without answer. */
  public static final int TRIES = 6;

  /** After so many prompts in a row without answer no other is sent. */
  public static final int MAX_FAILURES_IN_A_ROW = 5;

  /** A beginning whose continuation is known. */
  private static final String BEGUN = "1, 2, 3,";

  private static final String ANOTHER = "5, 6, 7,";

  private final Endpoint endpoint;
  private final EndpointCalls calls;
  private final FailsafeExecutor<Completion> tries;

  /** Whether the server gives the beginning of an answer back before what it writes. */
  private volatile boolean repeats;

  /** A prompt's answer, or why it has none. */
  private record Outcome(int prompt, Completion completion, Fault fault) {}

  EndpointModel(Endpoint endpoint, String key, Duration firstWait) {
    this.endpoint = endpoint;
    calls = new EndpointCalls(endpoint, key);
    tries =
        Failsafe.with(
            RetryPolicy.<Completion>builder()
                .handleIf(e -> e instanceof Fault fault && fault.then == Fault.Then.TRY_AGAIN)
                .handle(TimeoutExceededException.class)
                .withMaxAttempts(TRIES)
                .withBackoff(firstWait, firstWait.multipliedBy(60))
                .withJitter(0.2)
                .withDelayFnOn(context -> askedWait(context.getLastException()), Fault.class)
                .build(),
            Timeout.<Completion>builder(timeout(endpoint)).withInterrupt().build());
  }

  /**
   * A model to ask; nothing is sent yet.
   *
   * @param endpoint where it is
   * @return the model, its key read from the environment
   * @throws BadInput if the variable holds what cannot be a key
   */
  public static EndpointModel of(Endpoint endpoint) {
    String key = System.getenv(endpoint.keyVariable());
    return new EndpointModel(endpoint, key, Duration.ofSeconds(1));
  }

  /** What the server asks for, and no less after the jitter; negative if it does not ask. */
  private static Duration askedWait(Fault fault) {
    return fault.wait.multipliedBy(5).dividedBy(4);
  }

  private static Duration timeout(Endpoint endpoint) {
    return Duration.ofMillis(Math.round(1000 * endpoint.timeout()));
  }

  /**
   * Asks once whether the server continues an answer that has begun, before rates depend on it.
   *
   * @throws BadInput if it does not, with the setting that makes it do so, if there is one
   */
  public void requirePrefill() {
    List<Prefill> ways = new ArrayList<>(List.of(endpoint.prefill()));
    Stream.of(Prefill.CONTINUE, Prefill.PREFIX, Prefill.PLAIN)
        .filter(way -> way != endpoint.prefill())
        .forEach(ways::add);
    String first = "";
    for (Prefill way : ways) {
      String said = way == Prefill.NONE ? "nothing, by prefill: none" : probe(way);
      if (said.strip().matches("(?is)(4|four)\\b.*")) {
        if (way == endpoint.prefill()) {
          return;
        }
        throw new BadInput(
            "%s: behind \"%s\" came %s; its file needs \"prefill: %s\", by which it continues an answer"
                .formatted(endpoint.url(), BEGUN, first, way.name().toLowerCase(Locale.ROOT)));
      }
      first = first.isEmpty() ? said.lines().findFirst().orElse("nothing") : first;
    }
    throw new BadInput(
        ("%s: does not continue an answer that has begun: behind \"%s\" came %s; set continue_final_message,"
                + " add_generation_prompt or prefix in its file's body or prefill, or leave out"
                + " attacks that begin the answer")
            .formatted(endpoint.url(), BEGUN, first));
  }

  /** What comes after {@link #BEGUN}, or why nothing does. */
  private String probe(Prefill way) {
    EndpointCalls asking = way == endpoint.prefill() ? calls : calls.prefilledBy(way);
    try {
      String said = count(asking, BEGUN);
      // A server that gives the beginning back (llama.cpp's, Mistral's) gives another back, too;
      // a server that ignores it counts anew.
      boolean repeated =
          said.startsWith(BEGUN)
              && count(asking, ANOTHER).matches("(?is)" + ANOTHER + "\\s*(8|eight)\\b.*");
      repeats |= repeated && way == endpoint.prefill();
      return repeated ? said.substring(BEGUN.length()) : said;
    } catch (Fault fault) {
      return fault.getMessage();
    } catch (FailsafeException e) {
      return "no answer within " + endpoint.timeout() + " s";
    }
  }

  private String count(EndpointCalls asking, String begun) {
    Prompt count = Prompt.chat("Count to ten in words.").prefilled(begun);
    return tries.get(() -> asking.send(count, Decoding.greedy(8), 0)).text();
  }

  @Override
  public String name() {
    return endpoint.model();
  }

  /**
   * {@inheritDoc}
   *
   * <p>All or nothing: where an answer is worth keeping, use the method that hands them on.
   */
  @Override
  public List<Completion> complete(List<Prompt> prompts, Decoding decoding) {
    Completion[] completions = new Completion[prompts.size()];
    complete(prompts, decoding, (prompt, completion) -> completions[prompt] = completion);
    return Arrays.asList(completions);
  }

  /**
   * {@inheritDoc}
   *
   * <p>A prompt that is refused (status 400, 413, 422) does not hold up the others. A wrong key or
   * model, the maximum of requests, or too many failures in a row do: what is under way is waited
   * for, no more is sent.
   */
  @Override
  public void complete(List<Prompt> prompts, Decoding decoding, Answers answers) {
    ExecutorService threads = Executors.newFixedThreadPool(endpoint.parallel());
    try {
      complete(prompts, decoding, answers, new ExecutorCompletionService<>(threads));
    } catch (InterruptedException e) {
      throw new CancellationException("asking the endpoint was interrupted");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private void complete(
      List<Prompt> prompts, Decoding decoding, Answers answers, CompletionService<Outcome> outcomes)
      throws InterruptedException, ExecutionException {
    SplittableRandom seeds = new SplittableRandom(decoding.seed());
    int sent = 0;
    int answered = 0;
    int failuresInARow = 0;
    Outcome failure = null;
    boolean stopped = false;
    for (int ended = 0; ended < sent || sent < prompts.size() && !stopped; ended++) {
      while (sent < prompts.size() && sent - ended < endpoint.parallel() && !stopped) {
        int prompt = sent++;
        long seed = seeds.nextInt(Integer.MAX_VALUE);
        outcomes.submit(() -> ask(prompt, prompts.get(prompt), decoding, seed));
      }
      Outcome outcome = outcomes.take().get();
      if (outcome.fault == null) {
        answers.accept(outcome.prompt, outcome.completion);
        answered++;
        failuresInARow = 0;
      } else {
        boolean last = outcome.fault.then == Fault.Then.STOP;
        stopped |= last || ++failuresInARow >= MAX_FAILURES_IN_A_ROW;
        failure = failure == null || last ? outcome : failure;
      }
    }
    if (failure != null) {
      String message = "%s: %d of %d prompts answered; prompt %d: %s";
      int number = failure.prompt + 1;
      String why = failure.fault.getMessage();
      throw new BadInput(message.formatted(endpoint.url(), answered, prompts.size(), number, why));
    }
  }

  private Outcome ask(int number, Prompt prompt, Decoding decoding, long seed) {
    try {
      Completion said = tries.get(() -> calls.send(prompt, decoding, seed));
      boolean without = prompt.chat() && (repeats || endpoint.prefill() == Prefill.PREFIX);
      return new Outcome(number, without ? said.without(prompt.prefill()) : said, null);
    } catch (Fault fault) {
      return new Outcome(number, null, fault);
    } catch (FailsafeException e) { // or interrupted, and nobody waits for the outcome
      String message = "no answer within " + endpoint.timeout() + " s";
      return new Outcome(number, null, new Fault(Fault.Then.TRY_AGAIN, message));
    }
  }

  @Override
  public String toString() {
    return "EndpointModel[" + endpoint + "]";
  }

  @Override
  public void close() {
    // threads end with each call, idle connections by themselves
  }
}
