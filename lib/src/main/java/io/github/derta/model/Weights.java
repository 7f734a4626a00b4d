package io.github.derta.model;

import io.github.derta.io.BadInput;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The tensors of a model in one safetensors file or several shards, read one at a time as 32-bit
 * floats. Values are read by position and not through a memory map: Java 17 gives a map back only
 * when the collector likes, so a loaded model would be resident twice.
 *
 * <p>Not for use by several threads at once.
 */
public final class Weights implements AutoCloseable {

  private static final int BLOCK_VALUES = 1 << 18;

  /** Where 16-bit floats are expanded, block by block. */
  private record Block(ByteBuffer bytes, short[] halves, int[] floatBits) {

    Block() {
      this(
          ByteBuffer.allocateDirect(2 * BLOCK_VALUES).order(ByteOrder.LITTLE_ENDIAN),
          new short[BLOCK_VALUES],
          new int[BLOCK_VALUES]);
    }
  }

  private record Source(Path file, FileChannel channel, SafetensorsHeader.Entry entry) {}

  private final Path path;
  private final Map<Path, FileChannel> channels = new LinkedHashMap<>();
  private final Map<String, Source> tensors = new LinkedHashMap<>();
  private Block block;

  Weights(Path path) {
    this.path = path;
  }

  void add(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file);
    channels.put(file, channel);
    for (SafetensorsHeader.Entry entry : SafetensorsHeader.read(file, channel).values()) {
      Source before = tensors.put(entry.name(), new Source(file, channel, entry));
      if (before != null) {
        throw new BadInput(
            file + ": tensor \"" + entry.name() + "\" is also in " + before.file().getFileName());
      }
    }
  }

  /**
   * The file or folder that was opened.
   *
   * @return its path
   */
  public Path path() {
    return path;
  }

  /**
   * The names of all tensors, in the order of their files and offsets.
   *
   * @return an unmodifiable view
   */
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  /**
   * The dimensions of a tensor.
   *
   * @param name one of {@link #names()}
   * @return its shape; empty for a single number
   * @throws BadInput if there is no such tensor
   */
  public long[] shape(String name) {
    return source(name).entry().shape().clone();
  }

  /**
   * The type in which the file keeps a tensor.
   *
   * @param name one of {@link #names()}
   * @return the format's name of it, such as {@code BF16}
   * @throws BadInput if there is no such tensor
   */
  public String dtype(String name) {
    return source(name).entry().dtype();
  }

  /**
   * All values of a tensor in memory of their own. (DJL makes such a buffer a tensor of the CPU
   * without a copy and keeps it, so it is never used twice.)
   *
   * @param name one of {@link #names()}
   * @return a direct little-endian buffer from position 0, 4 bytes a value, last dimension fastest
   * @throws BadInput if there is no such tensor, its type is not F32, F16 or BF16, or its values
   *     exceed 2 GiB as 32-bit floats (then {@link #read} takes it in parts)
   */
  public ByteBuffer f32(String name) {
    Source source = source(name);
    requireFloats(source);
    long size = source.entry().size();
    if (size > Integer.MAX_VALUE / 4) {
      throw new BadInput(
          source.file() + ": tensor \"" + name + "\" has " + size + " values, too many at once");
    }
    ByteBuffer values = ByteBuffer.allocateDirect((int) size * 4).order(ByteOrder.LITTLE_ENDIAN);
    read(name, 0, values);
    return values.flip();
  }

  /**
   * Fills a buffer with consecutive values of a tensor.
   *
   * @param name one of {@link #names()}
   * @param first the first value to read, counted from 0 over the flattened tensor
   * @param target receives 32-bit floats, little-endian, from its position to its limit
   * @throws BadInput if there is no such tensor, its type is not F32, F16 or BF16, it does not hold
   *     that many values, or the file has been cut short since it was opened
   */
  public void read(String name, long first, ByteBuffer target) {
    Source source = source(name);
    requireFloats(source);
    SafetensorsHeader.Entry entry = source.entry();
    long count = target.remaining() / 4;
    if (first < 0 || first + count > entry.size() || target.remaining() % 4 != 0) {
      throw new BadInput(
          "tensor \"%s\" has %d values, %d from value %d on were asked for"
              .formatted(name, entry.size(), count, first));
    }
    try {
      if (entry.dtype().equals("F32")) {
        fill(source.channel(), entry.begin() + 4 * first, target);
      } else {
        expand(source, first, target);
      }
    } catch (EOFException e) {
      throw new BadInput(source.file() + ": cut short since it was opened", e);
    } catch (IOException e) {
      throw new UncheckedIOException(source.file() + ": tensor \"" + name + "\"", e);
    }
  }

  /** Reads 16-bit floats block by block and writes them as 32-bit ones. */
  private void expand(Source source, long first, ByteBuffer target) throws IOException {
    block = block == null ? new Block() : block;
    short[] halves = block.halves();
    int[] floatBits = block.floatBits();
    int[] table = source.entry().dtype().equals("F16") ? HalfFloats.TABLE : null;
    IntBuffer to = target.order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    long position = source.entry().begin() + 2 * first;
    while (to.hasRemaining()) {
      int count = Math.min(BLOCK_VALUES, to.remaining());
      fill(source.channel(), position, block.bytes().clear().limit(2 * count));
      block.bytes().flip().asShortBuffer().get(halves, 0, count);
      if (table == null) {
        for (int i = 0; i < count; i++) {
          floatBits[i] = halves[i] << 16; // a bfloat16 is the upper half of a float
        }
      } else {
        for (int i = 0; i < count; i++) {
          floatBits[i] = table[halves[i] & 0xffff];
        }
      }
      to.put(floatBits, 0, count);
      position += 2L * count;
    }
    target.position(target.limit());
  }

  private static void fill(FileChannel channel, long position, ByteBuffer target)
      throws IOException {
    long offset = position - target.position();
    while (target.hasRemaining()) {
      if (channel.read(target, offset + target.position()) < 0) {
        throw new EOFException();
      }
    }
  }

  private static void requireFloats(Source source) {
    String dtype = source.entry().dtype();
    if (!Set.of("F32", "F16", "BF16").contains(dtype)) {
      throw new BadInput(
          "%s: tensor \"%s\" is %s; weights must be F32, F16 or BF16"
              .formatted(source.file(), source.entry().name(), dtype));
    }
  }

  private Source source(String name) {
    Source source = tensors.get(name);
    if (source == null) {
      throw new BadInput(path + ": no tensor \"" + name + "\"");
    }
    return source;
  }

  @Override
  public void close() {
    try {
      for (FileChannel channel : channels.values()) {
        channel.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The bits of the 32-bit float of each of the 65,536 IEEE half-precision floats. */
  private static final class HalfFloats {

    static final int[] TABLE = new int[1 << 16];

    static {
      for (int half = 0; half < TABLE.length; half++) {
        int exponent = half >> 10 & 0x1f;
        int fraction = half & 0x3ff;
        float magnitude =
            switch (exponent) {
              case 0 -> fraction * 0x1p-24f;
              case 31 -> Float.intBitsToFloat(0x7f800000 | fraction << 13);
              default -> Float.intBitsToFloat(exponent + 112 << 23 | fraction << 13);
            };
        TABLE[half] = (half & 0x8000) << 16 | Float.floatToRawIntBits(magnitude);
      }
    }
  }
}
