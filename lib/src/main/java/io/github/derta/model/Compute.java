package io.github.derta.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.derta.io.BadInput;
import java.util.List;

/** The type in which matrix products run; norms and sums are 32-bit either way. */
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
   * {@return the type; for {@code auto} the faster one by {@link #measure}}
   *
   * @param name one of {@link #NAMES}
   * @param device where the products run
   * @throws BadInput if the name is none of these
   */
  public static Compute parse(String name, Device device) {
    return switch (name) {
      case "auto" -> measure(device);
      case "f32" -> F32;
      case "bf16" -> BF16;
      case "bf16-weights" -> BF16_WEIGHTS;
      default ->
          throw new BadInput(
              "dtype \"" + name + "\": one of " + String.join(", ", NAMES) + " is needed");
    };
  }

  /**
   * Times one product in both types: with AVX512-BF16, AMX or on a GPU bf16 is about twice as fast,
   * on other processors it may be slower.
   *
   * @param device where the products run
   * @return the faster type
   */
  public static Compute measure(Device device) {
    try (Ops ops = new Ops(device);
        NDManager manager = NDManager.newBaseManager(device, "PyTorch")) {
      NDArray x = manager.randomUniform(-1, 1, new Shape(2048, 576));
      NDArray head = manager.randomUniform(-1, 1, new Shape(1536, 576));
      time(ops, x, head, F32); // the first calls are a warm-up
      time(ops, x, head, BF16);
      long f32 = Long.MAX_VALUE;
      long bf16 = Long.MAX_VALUE;
      for (int i = 0; i < 12; i++) { // in turn, so that a busy moment does not decide
        f32 = Math.min(f32, time(ops, x, head, F32));
        bf16 = Math.min(bf16, time(ops, x, head, BF16));
      }
      return bf16 < f32 ? BF16 : F32;
    }
  }

  private static long time(Ops ops, NDArray x, NDArray head, Compute compute) {
    long start = System.nanoTime();
    try (NDManager scope = x.getManager().newSubManager()) {
      NDArray like = compute.like(scope, ops);
      NDArray y = ops.call("project", new NDList(x, head, like));
      y.attach(scope);
      y.sum().getFloat(); // waits for a GPU
    }
    return System.nanoTime() - start;
  }

  /** An empty tensor of this type; Java has no bf16, so it never asks for its type. */
  NDArray like(NDManager manager, Ops ops) {
    NDArray empty = manager.create(new Shape(0));
    return this == F32 ? empty : ops.call("to_bf16", new NDList(empty));
  }
}
