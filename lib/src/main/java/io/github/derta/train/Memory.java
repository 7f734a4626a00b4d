package io.github.derta.train;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import io.github.derta.io.BadInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What a recipe needs at its widest step, estimated from the network's shape. Activations were
 * calibrated on SmolLM2; the rest is arithmetic.
 *
 * @param weights bytes of 32-bit weights, and of their copies in the type of the products
 * @param gradients bytes of 32-bit gradients
 * @param moments bytes of two 32-bit moments
 * @param activations bytes of what the backward pass needs, if every row fills the block
 */
public record Memory(long weights, long gradients, long moments, long activations) {

  /**
   * {@return what it needs}
   *
   * @param recipe a recipe
   */
  public static Memory of(Recipe recipe) {
    Recipe.Network network = recipe.network();
    long parameters = network.parameters();
    long trained = recipe.lora() == null ? parameters : adapters(recipe.lora(), network);
    int product = recipe.dtype().equals("f32") ? 4 : 2;
    long copies = product == 4 ? 0 : product * parameters;
    long rows = (recipe.batch() + recipe.accumulation() - 1) / recipe.accumulation();
    long experts = network.experts() == 0 ? 1 : 2; // a token visits two
    long perLayer =
        network.width() * (44L + 8 * product) + 4L * product * network.feedForward() * experts;
    long perToken = network.layers() * perLayer + (long) network.vocabulary() * product;
    return new Memory(
        4 * parameters + copies, 4 * trained, 8 * trained, rows * recipe.block() * perToken);
  }

  private static long adapters(Recipe.Lora lora, Recipe.Network network) {
    long keys = (long) network.width() * network.keyValueHeads() / network.heads();
    long attention = 6L * network.width() + 2 * keys; // q and o: 2 widths each, k and v: both
    long mlp = 3L * (network.width() + network.feedForward()) * Math.max(1, network.experts());
    return network.layers() * lora.rank() * (attention + mlp);
  }

  /** {@return all bytes} */
  public long total() {
    return weights + gradients + moments + activations;
  }

  /**
   * {@return how many bytes it has in all}
   *
   * @param device a device
   */
  public static long capacity(Device device) {
    if (device.isGpu()) {
      MemoryUsage usage = CudaUtils.getGpuMemory(device);
      return usage.getMax();
    }
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return system.getTotalMemorySize();
  }

  /**
   * {@return bytes in use: of the device, or of this process where it is the processor; 0 where the
   * system does not say}
   *
   * @param device a device
   */
  static long used(Device device) {
    if (device.isGpu()) {
      return CudaUtils.getGpuMemory(device).getCommitted();
    }
    Path statm = Path.of("/proc/self/statm");
    try {
      return Files.exists(statm) ? 4096 * Long.parseLong(Files.readString(statm).split(" ")[1]) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Refuses what cannot fit.
   *
   * @param device a device
   * @throws BadInput if it has less than is needed
   */
  public void require(Device device) {
    if (total() > capacity(device)) {
      throw new BadInput(
          verdict(device)
              + "; a larger accumulation, a smaller batch or block saves activations: "
              + this);
    }
  }

  /**
   * {@return one sentence on whether it fits there}
   *
   * @param device a device
   */
  public String verdict(Device device) {
    boolean fits = total() <= capacity(device);
    return "%s: needs %s, %s has %s"
        .formatted(
            fits ? "fits here" : "does not fit here",
            gigabytes(total()),
            device,
            gigabytes(capacity(device)));
  }

  private static String gigabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }

  @Override
  public String toString() {
    return "weights %s, gradients %s, moments %s, activations up to %s"
        .formatted(
            gigabytes(weights), gigabytes(gradients), gigabytes(moments), gigabytes(activations));
  }
}
