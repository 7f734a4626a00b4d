package io.github.derta.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * One task of environment/bench/model.py on this side: prints the seconds of each repetition, then
 * the peak of resident memory in bytes, above where the first began and in all.
 *
 * <p>Arguments: task, model folder, compute type, repetitions.
 */
final class ModelBench {

  private ModelBench() {}

  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[1]);
    Compute compute = Compute.parse(args[2], Device.cpu());
    int repetitions = Integer.parseInt(args[3]);
    long start = System.nanoTime();
    try (Llama llama = Llama.load(folder, compute, Device.cpu())) {
      double load = seconds(start);
      switch (args[0]) {
        case "load", "load-1b" -> report(List.of(load), 0);
        case "reload" -> reload(folder, compute);
        case "decode-1b" -> generate(llama, 1, repetitions);
        case "lora" -> adapted(llama, false, 16, 128, repetitions);
        case "lora-1b" -> adapted(llama, true, 1, 1024, repetitions);
        case "train" -> repeat(repetitions, () -> step(llama, 16, 128, 0));
        case "train40" -> repeat(repetitions, () -> step(llama, 16, 128, 0.4));
        case "sparse" -> repeat(repetitions, () -> step(llama, 16, 128, 0.95));
        case "generate1" -> generate(llama, 1, repetitions);
        case "generate32" -> generate(llama, 32, repetitions);
        default -> throw new IllegalArgumentException(args[0]);
      }
    }
  }

  /** The process has libtorch and all classes by now. */
  private static void reload(Path folder, Compute compute) throws IOException {
    long start = System.nanoTime();
    Llama again = Llama.load(folder, compute, Device.cpu());
    double load = seconds(start);
    again.close();
    report(List.of(load), 0);
  }

  private static void adapted(Llama llama, boolean onceMore, int rows, int length, int repetitions)
      throws IOException {
    llama.adapt(new Lora(96, 16, 0.05, Lora.TARGETS.subList(0, 7)), 0);
    llama.checkpointing(onceMore);
    repeat(repetitions, () -> step(llama, rows, length, 0));
  }

  private static void step(Llama llama, int rows, int length, double unlabelled) {
    int[][] ids = ids(llama, rows, length);
    int[][] labels = new int[rows][];
    for (int row = 0; row < rows; row++) {
      labels[row] = ids[row].clone();
      Arrays.fill(labels[row], 0, (int) (length * unlabelled), Batch.UNLABELLED);
    }
    llama.trainable().values().forEach(weight -> weight.setRequiresGradient(true));
    try (Pass pass = llama.train(new Batch(ids, labels))) {
      pass.backward();
    }
    for (NDArray weight : llama.trainable().values()) {
      try (NDArray gradient = weight.getGradient()) {
        gradient.muli(0);
      }
    }
  }

  private static void generate(Llama llama, int rows, int repetitions) throws IOException {
    List<int[]> prompts = List.of(ids(llama, rows, 24));
    try (Generator generator = llama.generator()) {
      repeat(
          repetitions,
          () -> {
            var all = generator.generate(prompts, Decoding.greedy(64), rows);
            int tokens = all.stream().mapToInt(each -> each.ids().length).sum();
            if (tokens < 60 * rows) {
              throw new IllegalStateException("ended early: " + tokens + " tokens");
            }
          });
    }
  }

  private static int[][] ids(Llama llama, int rows, int length) {
    Random random = new Random(1);
    int[][] ids = new int[rows][];
    for (int row = 0; row < rows; row++) {
      ids[row] = random.ints(length, 3, llama.config().vocabularySize()).toArray();
    }
    return ids;
  }

  private static void repeat(int repetitions, Runnable task) throws IOException {
    List<Double> times = new ArrayList<>();
    long before = status("VmRSS:");
    for (int i = 0; i <= repetitions; i++) {
      long start = System.nanoTime();
      task.run();
      if (i > 0) { // the first is a warm-up
        times.add(seconds(start));
      }
    }
    report(times, before);
  }

  private static void report(List<Double> times, long before) throws IOException {
    long peak = status("VmHWM:");
    System.out.println(times + " " + (peak - before) + " " + peak);
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  static long status(String field) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
