package io.github.derta.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.derta.io.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The matmul dtype; norms and sums are 32-bit either way. With bf16, logits are rounded as in
 * transformers, to an eighth between 16 and 32: log-probabilities of the same tokens move by one or
 * two such steps with the order of sums, as between generation and evaluation.
 */
public enum Compute {
  /** 32-bit products. */
  F32,
  /** Products of 16-bit brain floats of 32-bit weights, as PyTorch's autocast has them. */
  BF16,
  /** The same, and matrices are kept in that type, too: half the memory. */
  BF16_WEIGHTS;

  /** The names that {@link #parse} knows. */
  public static final List<String> NAMES = List.of("auto", "f32", "bf16", "bf16-weights");

  /**
   * {@return the type; for {@code auto} that of {@link #faster}}
   *
   * @param name one of {@link #NAMES}
   * @param device where the products run
   * @throws BadInput if the name is none of these
   */
  public static Compute parse(String name, Device device) {
    return switch (name) {
      case "auto" -> faster(device);
      case "f32" -> F32;
      case "bf16" -> BF16;
      case "bf16-weights" -> BF16_WEIGHTS;
      default ->
          throw new BadInput(
              "dtype \"" + name + "\": one of " + String.join(", ", NAMES) + " is needed");
    };
  }

  /**
   * {@return bf16 on a GPU and on a processor with AMX, where it is about twice as fast; else f32}
   *
   * @param device where the products run
   */
  public static Compute faster(Device device) {
    return rounded(device) ? F32 : BF16;
  }

  /**
   * Whether numbers are rounded to bf16 and multiplied in 32 bits, with the same result but for the
   * order of the sums: on processors without AMX, where PyTorch's own products of bf16 are slower,
   * eight times where it has only loops for them, nearly twice with AVX512-BF16 (measured on an
   * Intel Xeon). By the processor's flags, not by a stopwatch: the same machine decides the same
   * each time.
   */
  private static boolean rounded(Device device) {
    return !device.isGpu() && !AMX;
  }

  private static final boolean AMX = amx();

  private static boolean amx() {
    Path flags = Path.of("/proc/cpuinfo"); // Linux; no other system runs on such processors here
    try (Stream<String> lines = Files.exists(flags) ? Files.lines(flags) : Stream.empty()) {
      return lines.anyMatch(line -> line.startsWith("flags") && line.contains(" amx_bf16"));
    } catch (IOException e) {
      return false;
    }
  }

  /** An empty tensor of the matmul dtype; Java has no bf16, so it never asks for its dtype. */
  NDArray like(NDManager manager, Ops ops) {
    NDArray empty = manager.zeros(new Shape(0));
    return this == F32 ? empty : ops.call("to_bf16", new NDList(empty));
  }

  /**
   * What the operations have to know of this type, by the names in ops.py.
   *
   * @param kept whether weights do not change, so that they are rounded once if at all
   */
  Map<String, NDArray> shared(NDManager manager, Ops ops, boolean kept) {
    Map<String, NDArray> shared = new LinkedHashMap<>();
    shared.put("compute", like(manager, ops));
    if (this != F32 && rounded(manager.getDevice())) {
      shared.put("emulated", manager.zeros(new Shape(0)));
      if (kept && this == BF16) {
        shared.put("rounded", manager.zeros(new Shape(0)));
      }
    }
    return shared;
  }
}
