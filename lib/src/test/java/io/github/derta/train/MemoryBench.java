package io.github.derta.train;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.io.JsonLines;
import io.github.derta.model.Batch;
import io.github.derta.model.Compute;
import io.github.derta.model.Llama;
import io.github.derta.model.Lora;
import io.github.derta.model.ModelConfig;
import io.github.derta.model.Pass;
import io.github.derta.model.Safetensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.LongStream;

/**
 * One line of environment/bench/memory: forward and backward pass of a model with so many layers,
 * its weights all zero. Prints the peak of resident memory beyond that of the virtual machine, what
 * {@link Memory} estimates for it, their ratio, memory with the model loaded, and seconds a step.
 *
 * <p>Arguments: model folder, layers, compute type, rank of adapters or 0 for all weights, whether
 * layers are computed once more, rows, tokens a row.
 */
final class MemoryBench {

  private static final int STEPS = 3;

  private MemoryBench() {}

  public static void main(String[] args) throws IOException {
    Path folder = zeros(Path.of(args[0]), Integer.parseInt(args[1]));
    Compute compute = Compute.parse(args[2], Device.cpu());
    Engine.getEngine("PyTorch"); // loads the native code
    long before = status("VmRSS:");
    try (Llama llama = Llama.load(folder, compute, Device.cpu())) {
      int rank = Integer.parseInt(args[3]);
      if (rank > 0) {
        llama.adapt(new Lora(rank, rank, 0.05, Lora.TARGETS.subList(0, 7)), 0);
      }
      llama.checkpointing(Boolean.parseBoolean(args[4]));
      llama.trainable().values().forEach(weight -> weight.setRequiresGradient(true));
      long loaded = status("VmRSS:");
      Batch batch = batch(llama, Integer.parseInt(args[5]), Integer.parseInt(args[6]));
      double seconds = Double.MAX_VALUE;
      for (int i = 0; i < STEPS; i++) {
        long start = System.nanoTime();
        try (Pass pass = llama.train(batch)) {
          pass.backward();
        }
        for (NDArray weight : llama.trainable().values()) {
          try (NDArray gradient = weight.getGradient()) {
            gradient.muli(0);
          }
        }
        seconds = Math.min(seconds, (System.nanoTime() - start) / 1e9);
      }
      double peak = (status("VmHWM:") - before) / 1e9;
      double estimate = estimate(args) / 1e9;
      System.out.printf(
          Locale.ROOT,
          "%.2f %.2f %.2f %.2f %.2f%n",
          peak,
          estimate,
          estimate / peak,
          (loaded - before) / 1e9,
          seconds);
    }
  }

  /** Of the same step; there is no optimizer, so no moments. */
  private static long estimate(String[] args) {
    Recipe recipe =
        Recipe.load(args[3].equals("0") ? "kitchen" : "kitchen-lora")
            .with(
                "network.layers=" + args[1],
                "dtype=" + args[2],
                "checkpointing=" + args[4],
                "batch=" + args[5],
                "block=" + args[6]);
    Memory memory = Memory.of(recipe, Device.cpu());
    return memory.total() - memory.moments();
  }

  private static Path zeros(Path like, int layers) throws IOException {
    Path folder = Files.createTempDirectory("zeros");
    ObjectNode json = JsonLines.object(like.resolve("config.json"));
    Path config = folder.resolve("config.json");
    Files.writeString(config, json.put("num_hidden_layers", layers).toString());
    Path file = folder.resolve("model.safetensors");
    List<Safetensors.Tensor> tensors = new ArrayList<>();
    ModelConfig.load(folder)
        .tensors()
        .forEach(
            (name, shape) -> {
              int bytes = (int) LongStream.of(shape).reduce(2, (a, b) -> a * b);
              tensors.add(
                  new Safetensors.Tensor(name, shape, true, () -> ByteBuffer.allocate(2 * bytes)));
            });
    Safetensors.write(file, tensors);
    List.of(folder, config, file).forEach(path -> path.toFile().deleteOnExit());
    return folder;
  }

  private static Batch batch(Llama llama, int rows, int length) {
    Random random = new Random(1);
    int[][] ids = new int[rows][];
    for (int row = 0; row < rows; row++) {
      ids[row] = random.ints(length, 3, llama.config().vocabularySize()).toArray();
    }
    return new Batch(ids, ids);
  }

  private static long status(String field) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
