package io.github.derta.model;

import ai.djl.pytorch.jni.IValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * Rows that are generated together. The slots of each are: the shared beginning, padding, the rest
 * of its prompt, new tokens; so that all rows write the same slot.
 */
final class GenerationBatch {

  /** Steps in a native call: short enough for the stop button, long enough to hide the call. */
  private static final int STEPS = 8;

  private final Decoder decoder;
  private final List<GenerationRow> rows;
  private final int shared;
  private final IValue beginning;
  private final int longest;
  private final int slots;

  GenerationBatch(Decoder decoder, List<GenerationRow> rows, int shared, IValue beginning) {
    this.decoder = decoder;
    this.rows = new ArrayList<>(rows);
    this.shared = shared;
    this.beginning = beginning;
    longest = rows.stream().mapToInt(row -> row.prompt.length).max().orElseThrow();
    slots = longest + remaining();
  }

  private int remaining() {
    return rows.stream().mapToInt(GenerationRow::remaining).max().orElseThrow();
  }

  void run(
      Decoding decoding, List<Integer> endIds, ToIntFunction<int[]> cut, Generator.Watch watch) {
    Decoder.Places places = places();
    long[][] ids = prompts();
    int at = shared;
    try (IValue cache = decoder.allocate(rows.size(), longest, slots, beginning)) {
      while (!rows.isEmpty()) {
        if (Thread.interrupted()) {
          throw new CancellationException("generation was interrupted");
        }
        int steps = Math.min(STEPS, remaining());
        float[][] draws = rows.stream().map(row -> row.draws(steps)).toArray(float[][]::new);
        Decoder.Steps chosen = decoder.generate(ids, at, places, cache, decoding, draws);
        int made = chosen.ids().length / rows.size();
        for (int i = 0; i < rows.size(); i++) {
          long[] ofRow = Arrays.copyOfRange(chosen.ids(), i * made, (i + 1) * made);
          float[] logProbs = Arrays.copyOfRange(chosen.logProbs(), i * made, (i + 1) * made);
          decoder.checkFinite(logProbs, rows.get(i).tokens());
          rows.get(i).append(ofRow, logProbs, endIds, cut);
        }
        int before = rows.size();
        at += ids[0].length + steps - 1;
        places = keepRunning(places, cache);
        watch.advanced(before * steps, before - rows.size());
        ids = rows.stream().map(row -> new long[] {row.lastId()}).toArray(long[][]::new);
      }
    }
  }

  /** The log-probabilities of the labels that all rows end with; the last one is not in them. */
  float[] endings(int[] labels) {
    float[] logProbs = decoder.endings(prompts(), shared, places(), beginning, labels);
    for (int i = 0; i < rows.size(); i++) {
      int from = i * labels.length;
      decoder.checkFinite(
          Arrays.copyOfRange(logProbs, from, from + labels.length), rows.get(i).tokens());
    }
    return logProbs;
  }

  /** Takes rows that have ended out of the batch. */
  private Decoder.Places keepRunning(Decoder.Places places, IValue cache) {
    int[] running = IntStream.range(0, rows.size()).filter(i -> rows.get(i).running()).toArray();
    if (running.length == rows.size()) {
      return places;
    }
    rows.removeIf(row -> !row.running());
    if (running.length > 0) {
      decoder.select(cache, Arrays.stream(running).asLongStream().toArray());
    }
    long[][] kept = Arrays.stream(running).mapToObj(i -> places.slots()[i]).toArray(long[][]::new);
    return new Decoder.Places(kept, places.padded());
  }

  private Decoder.Places places() {
    long[][] places = new long[rows.size()][slots];
    boolean padded = false;
    for (int i = 0; i < rows.size(); i++) {
      int padding = longest - rows.get(i).prompt.length;
      padded |= padding > 0;
      for (int slot = 0; slot < slots; slot++) {
        boolean inPadding = slot >= shared && slot < shared + padding;
        places[i][slot] = inPadding ? -1 : slot < shared ? slot : slot - padding;
      }
    }
    return new Decoder.Places(places, padded);
  }

  /** What comes after the shared beginning, padded on the left. */
  private long[][] prompts() {
    long[][] ids = new long[rows.size()][longest - shared];
    for (int i = 0; i < ids.length; i++) {
      int[] prompt = rows.get(i).prompt;
      int padding = longest - prompt.length;
      for (int j = shared; j < prompt.length; j++) {
        ids[i][padding + j - shared] = prompt[j];
      }
    }
    return ids;
  }
}
