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
    return !rounded(device) && ratio(device, 2048, 1536) < 1 ? BF16 : F32;
  }

  /**
   * Whether products of bf16 are slower here than 32-bit products, eight times where PyTorch has
   * only loops for them, nearly twice on some processors with AVX512-BF16: then rounded numbers are
   * multiplied in 32 bits, with the same result but for the order of the sums.
   */
  private static boolean rounded(Device device) {
    return !device.isGpu() && Cpu.RATIO > 1.3;
  }

  private static final class Cpu {
    static final double RATIO = ratio(Device.cpu(), 256, 576);
  }

  /** Time of a product of 32-bit numbers in bf16, over that in 32 bits. */
  private static double ratio(Device device, int rows, int columns) {
    try (Ops ops = new Ops(device);
        NDManager manager = NDManager.newBaseManager(device, "PyTorch")) {
      NDArray x = manager.randomUniform(-1, 1, new Shape(rows, 576));
      NDArray weight = manager.randomUniform(-1, 1, new Shape(columns, 576));
      NDArray f32 = manager.create(new Shape(0));
      NDArray bf16 = ops.call("to_bf16", new NDList(f32));
      NDList inF32 = new NDList(x, weight, f32);
      NDList inBf16 = new NDList(x, weight, bf16);
      time(ops, inF32); // the first calls are a warm-up
      time(ops, inBf16);
      long ofF32 = Long.MAX_VALUE;
      long ofBf16 = Long.MAX_VALUE;
      for (int i = 0; i < 12; i++) { // in turn, so that a busy moment does not decide
        ofF32 = Math.min(ofF32, time(ops, inF32));
        ofBf16 = Math.min(ofBf16, time(ops, inBf16));
      }
      return (double) ofBf16 / ofF32;
    }
  }

  private static long time(Ops ops, NDList factors) {
    long start = System.nanoTime();
    try (NDManager scope = factors.get(0).getManager().newSubManager()) {
      NDArray y = ops.call("project", factors);
      y.attach(scope);
      y.sum().getFloat(); // waits for a GPU
    }
    return System.nanoTime() - start;
  }

  /**
   * A tensor of this type, as the operations want it; Java has no bf16, so it never asks for its
   * type.
   *
   * @param kept whether weights do not change, so that, if need be, they are rounded only once
   */
  NDArray like(NDManager manager, Ops ops, boolean kept) {
    boolean rounded = this != F32 && rounded(manager.getDevice());
    NDArray like = manager.zeros(new Shape(!rounded ? 0 : kept && this == BF16 ? 2 : 1));
    return this == F32 ? like : ops.call("to_bf16", new NDList(like));
  }
}
