package io.github.derta.position;

import io.github.derta.io.BadInput;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * How a file is gone through.
 *
 * @param onBad receives each bad record; what it throws ends the file
 * @param onBytes receives the number of bytes of each block read
 */
public record ScanOptions(Consumer<BadInput> onBad, LongConsumer onBytes) {

  /** The first bad record ends the file. */
  public static final ScanOptions STRICT =
      new ScanOptions(
          mistake -> {
            throw mistake;
          },
          bytes -> {});

  /**
   * {@return these options with that answer}
   *
   * @param bad receives each bad record, and reading goes on
   */
  public ScanOptions skippingBad(Consumer<BadInput> bad) {
    return new ScanOptions(bad, onBytes);
  }

  /**
   * {@return these options with that listener}
   *
   * @param bytes receives the number of bytes of each block read
   */
  public ScanOptions tellingBytes(LongConsumer bytes) {
    return new ScanOptions(onBad, bytes);
  }

  ScanOptions alsoOnBad(Consumer<BadInput> also) {
    return new ScanOptions(onBad.andThen(also), onBytes);
  }
}
