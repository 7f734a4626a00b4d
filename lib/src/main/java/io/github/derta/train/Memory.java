package io.github.derta.train;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import io.github.derta.io.BadInput;
import io.github.derta.model.Lora;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What a recipe needs at its widest step, estimated from the network's shape. Activations and what
 * is not returned were calibrated on SmolLM2 (environment/bench/memory); the rest is arithmetic.
 *
 * @param weights bytes of weights and adapters, and of copies in the type of the products
 * @param gradients bytes of gradients
 * @param moments bytes of two 32-bit moments
 * @param activations bytes of what the backward pass needs, if every row fills the block
 * @param unreturned bytes that are free but not given back: with layers computed once more, the C
 *     library keeps what their weights' gradients took; a GPU's memory is used again
 */
public record Memory(
    long weights, long gradients, long moments, long activations, long unreturned) {

  /**
   * {@return what it needs}
   *
   * @param recipe a recipe
   * @param device where it runs
   */
  public static Memory of(Recipe recipe, Device device) {
    Recipe.Network network = recipe.network();
    Lora lora = recipe.lora();
    long parameters = network.parameters();
    int product = recipe.dtype().equals("f32") ? 4 : 2;
    int kept = recipe.dtype().equals("bf16-weights") ? 2 : 4;
    boolean onceMore = Boolean.TRUE.equals(recipe.checkpointing());
    long head = (long) network.vocabulary() * network.width();
    long copied = onceMore ? head + (parameters - head) / network.layers() : parameters;
    long trained = lora == null ? parameters : adapters(lora, network);
    long rows = (recipe.batch() + recipe.accumulation() - 1) / recipe.accumulation();
    rows *= recipe.dpo() == null ? 1 : 2; // of a pair
    long layer = perLayer(network, lora, product);
    long perToken =
        (onceMore ? 4L * network.width() * network.layers() + layer : network.layers() * layer)
            + (product + 4L) * network.vocabulary(); // logits, and what their product needs
    long activations = rows * recipe.block() * perToken;
    return new Memory(
        kept * parameters
            + (kept == product ? 0 : product * copied)
            + (lora == null ? 0 : 4 * trained),
        (lora == null ? kept : 4) * trained,
        8 * trained,
        activations + (lora == null ? 4 * head : 0), // the projection's gradient is made apart
        onceMore && !device.isGpu() ? 2 * product * trained : 0);
  }

  /** Bytes that a token leaves in a layer for the backward pass. */
  private static long perLayer(Recipe.Network network, Lora lora, int product) {
    long experts = network.experts() == 0 ? 1 : 2; // a token visits two
    long inner = network.feedForward() * experts;
    long layer = network.width() * (44L + 8 * product) + 4 * product * inner;
    // Each adapter masks the input of its projection, and has an inner one.
    long masked = (1L + product) * (6L * network.width() + inner);
    return lora == null ? layer : layer + masked + 7L * product * lora.rank();
  }

  private static long adapters(Lora lora, Recipe.Network network) {
    long keys = (long) network.width() * network.keyValueHeads() / network.heads();
    long widths = 0;
    for (String target : lora.targets()) {
      widths +=
          switch (target) {
            case "q_proj", "o_proj" -> 2L * network.width();
            case "k_proj", "v_proj" -> network.width() + keys;
            default ->
                (long) (network.width() + network.feedForward()) * Math.max(1, network.experts());
          };
    }
    return network.layers() * lora.rank() * widths;
  }

  /**
   * {@return one sentence on what a training writes to disk}
   *
   * @param recipe a recipe
   * @param copies how often the result is written: twice with a folder of one's own beside it
   */
  public static String disk(Recipe recipe, int copies) {
    Recipe.Network network = recipe.network();
    Lora lora = recipe.lora();
    int kept = recipe.dtype().equals("bf16-weights") ? 2 : 4;
    long adapters = lora == null ? 0 : adapters(lora, network);
    long result = kept * network.parameters() + 4 * adapters;
    long checkpoint = lora == null ? (kept + 8) * network.parameters() : 12 * adapters;
    return "result %s%s, checkpoints %s each, up to %d at a time"
        .formatted(
            gigabytes(result),
            copies == 1 ? "" : ", " + copies + " times",
            gigabytes(checkpoint),
            recipe.keep() + 1);
  }

  /** {@return all bytes} */
  public long total() {
    return weights + gradients + moments + activations + unreturned;
  }

  /**
   * {@return how many bytes it has in all}
   *
   * @param device a device
   */
  public static long capacity(Device device) {
    if (device.isGpu()) {
      return CudaUtils.getGpuMemory(device).getMax();
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
              + "; a larger accumulation, a smaller batch or block, or checkpointing=true saves"
              + " activations, dtype=bf16-weights weights: "
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
    String all =
        "weights %s, gradients %s, moments %s, activations up to %s"
            .formatted(
                gigabytes(weights),
                gigabytes(gradients),
                gigabytes(moments),
                gigabytes(activations));
    return unreturned == 0 ? all : all + ", free but not returned " + gigabytes(unreturned);
  }
}
