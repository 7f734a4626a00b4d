package io.github.derta.model;

import ai.djl.pytorch.jni.IValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * Continues token ids, many rows at once: batched by length, padded on the left, what all prompts
 * begin with encoded once, rows that have ended taken out.
 *
 * <p>It generates with the weights that the model had when this was made. Not for use by several
 * threads at once.
 */
public final class Generator implements AutoCloseable {

  /** A common beginning of fewer tokens is not worth a call of its own. */
  private static final int SHARED_TOKENS = 8;

  /** Most tokens that are scored together, padding included. */
  private static final int SLOTS = 2048;

  private final ModelConfig config;
  private final Decoder decoder;

  Generator(ModelConfig config, Decoder decoder) {
    this.config = config;
    this.decoder = decoder;
  }

  /**
   * Tokens that a model wrote.
   *
   * @param ids their ids, the end token included if there was one
   * @param logProbs natural logarithm of each token's probability at temperature 1
   * @param end why they end there
   */
  public record Generated(int[] ids, float[] logProbs, Completion.End end) {}

  /** Hears how far generation is. */
  @FunctionalInterface
  public interface Watch {

    /**
     * Called after each step of generation.
     *
     * @param newTokens tokens since the last call
     * @param endedRows rows that have ended since the last call
     */
    void advanced(int newTokens, int endedRows);
  }

  /**
   * Continues prompts.
   *
   * @param prompts token ids; rows may differ in length
   * @param decoding how to choose; its stop texts need a tokenizer and are not seen here
   * @param batch how many rows go together
   * @return new tokens for each prompt, in order
   * @throws io.github.derta.io.BadInput if a prompt is empty, fills the context, or holds an id
   *     outside the vocabulary
   * @throws CancellationException if the thread was interrupted
   */
  public List<Generated> generate(List<int[]> prompts, Decoding decoding, int batch) {
    return generate(prompts, decoding, batch, ids -> -1, (tokens, ended) -> {});
  }

  List<Generated> generate(
      List<int[]> prompts, Decoding decoding, int batch, ToIntFunction<int[]> cut, Watch watch) {
    List<GenerationRow> rows = rows(prompts, decoding);
    if (rows.isEmpty()) {
      return List.of();
    }
    List<GenerationRow> byLength = new ArrayList<>(rows);
    byLength.sort(Comparator.comparingInt(row -> row.prompt.length));
    int shared = sharedBeginning(prompts);
    IValue beginning = shared == 0 ? null : encode(prompts.get(0), shared);
    try {
      for (int from = 0; from < rows.size(); from += batch) {
        int to = Math.min(rows.size(), from + batch);
        new GenerationBatch(decoder, byLength.subList(from, to), shared, beginning)
            .run(decoding, config.endIds(), cut, watch);
      }
    } finally {
      if (beginning != null) {
        beginning.close();
      }
    }
    return rows.stream().map(GenerationRow::generated).toList();
  }

  /**
   * How probable the same tokens are behind each prompt. Memory does not grow with the prompts.
   *
   * @param prompts token ids; rows may differ in length
   * @param continuation the tokens, one at least
   * @return for each prompt the mean of their log-probabilities
   * @throws io.github.derta.io.BadInput if a prompt is empty, does not fit the context with the
   *     tokens, or holds an id outside the vocabulary
   * @throws CancellationException if the thread was interrupted
   */
  double[] meanLogLikelihoods(List<int[]> prompts, int[] continuation) {
    double[] means = new double[prompts.size()];
    if (prompts.isEmpty()) {
      return means;
    }
    List<int[]> rows = new ArrayList<>();
    for (int[] prompt : prompts) {
      String what = "prompt " + (rows.size() + 1);
      Vocabulary.checkPrompt(what, prompt, config);
      int[] row = Arrays.copyOf(prompt, prompt.length + continuation.length);
      System.arraycopy(continuation, 0, row, prompt.length, continuation.length);
      Vocabulary.checkPrompt(what + " with what follows", row, config);
      rows.add(Arrays.copyOf(row, row.length - 1));
    }
    List<Integer> byLength = new ArrayList<>(IntStream.range(0, rows.size()).boxed().toList());
    byLength.sort(Comparator.comparingInt(i -> rows.get(i).length));
    int shared = sharedBeginning(prompts);
    try (IValue beginning = shared == 0 ? null : encode(prompts.get(0), shared)) {
      for (int from = 0, to; from < rows.size(); from = to) {
        if (Thread.interrupted()) {
          throw new CancellationException("scoring was interrupted");
        }
        to = from + 1;
        while (to < rows.size() && (to + 1 - from) * rows.get(byLength.get(to)).length <= SLOTS) {
          to++;
        }
        List<GenerationRow> some =
            byLength.subList(from, to).stream()
                .map(i -> new GenerationRow(rows.get(i), 0, null))
                .toList();
        float[] logProbs =
            new GenerationBatch(decoder, some, shared, beginning).endings(continuation);
        for (int i = 0; i < logProbs.length; i++) {
          means[byLength.get(from + i / continuation.length)] += logProbs[i] / continuation.length;
        }
      }
    }
    return means;
  }

  private List<GenerationRow> rows(List<int[]> prompts, Decoding decoding) {
    SplittableRandom seeds = new SplittableRandom(decoding.seed());
    List<GenerationRow> rows = new ArrayList<>();
    for (int[] prompt : prompts) {
      Vocabulary.checkPrompt("prompt " + (rows.size() + 1), prompt, config);
      int limit = Math.min(decoding.maxNewTokens(), config.maxPositions() - prompt.length);
      rows.add(new GenerationRow(prompt, limit, seeds.split()));
    }
    return rows;
  }

  /** The ids that end a completion. */
  List<Integer> endIds() {
    return config.endIds();
  }

  /** The most tokens of a prompt and its completion. */
  int context() {
    return config.maxPositions();
  }

  /** How many tokens all prompts begin with; each keeps at least one of its own. */
  private static int sharedBeginning(List<int[]> prompts) {
    int[] first = prompts.get(0);
    int shared = prompts.size() == 1 ? 0 : first.length - 1;
    for (int[] prompt : prompts) {
      int differ = Arrays.mismatch(first, prompt);
      int same = differ < 0 ? prompt.length : differ;
      shared = Math.min(shared, Math.min(same, prompt.length - 1));
    }
    return shared < SHARED_TOKENS ? 0 : shared;
  }

  private IValue encode(int[] prompt, int length) {
    IValue cache = decoder.allocate(1, length, length, null);
    long[][] ids = {Arrays.stream(prompt).limit(length).asLongStream().toArray()};
    long[][] slots = {IntStream.range(0, length).asLongStream().toArray()};
    Decoder.Places places = new Decoder.Places(slots, false);
    decoder.generate(ids, 0, places, cache, Decoding.greedy(1), new float[1][1]);
    return cache;
  }

  @Override
  public void close() {
    decoder.close();
  }
}
