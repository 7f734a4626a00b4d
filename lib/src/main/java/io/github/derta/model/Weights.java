package io.github.derta.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import io.github.derta.io.BadInput;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tensors of a model in one safetensors file or several shards, read one at a time. Values are
 * read by position and not through a memory map: Java 17 gives a map back only when the collector
 * likes, so a loaded model would be resident twice.
 *
 * <p>Not for use by several threads at once.
 */
public final class Weights implements AutoCloseable {

  private static final int BUFFER_VALUES = 1 << 22;

  private record Source(Path file, FileChannel channel, SafetensorsHeader.Entry entry) {}

  private final Path path;
  private final List<FileChannel> channels = new ArrayList<>();
  private final Map<String, Source> tensors = new LinkedHashMap<>();
  private ByteBuffer buffer;

  Weights(Path path) {
    this.path = path;
  }

  void add(Path file) {
    try {
      FileChannel channel = FileChannel.open(file);
      channels.add(channel);
      for (SafetensorsHeader.Entry entry : SafetensorsHeader.read(file, channel)) {
        Source before = tensors.put(entry.name(), new Source(file, channel, entry));
        if (before != null) {
          throw new BadInput(
              file + ": tensor \"" + entry.name() + "\" is also in " + before.file().getFileName());
        }
      }
    } catch (IOException e) {
      throw new BadInput(file + ": cannot be read (" + e.getMessage() + ")", e);
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
   * Copies a tensor into one of PyTorch through a small buffer, as 32-bit floats.
   *
   * @param name one of {@link #names()}
   * @param target as many values, 32-bit, on any device
   * @param ops operations, {@code fill} among them, of the target's device
   * @throws BadInput if there is no such tensor, its type is not F32, F16 or BF16, it holds fewer
   *     values, or one that is not finite
   */
  public void copyTo(String name, NDArray target, Ops ops) {
    SafetensorsHeader.Entry entry = floats(name).entry();
    DataType type = entry.dtype().equals("F16") ? DataType.FLOAT16 : DataType.FLOAT32;
    if (buffer == null) {
      buffer = ByteBuffer.allocateDirect(4 * BUFFER_VALUES).order(ByteOrder.LITTLE_ENDIAN);
    }
    for (long first = 0; first < target.size(); first += BUFFER_VALUES) {
      int count = (int) Math.min(BUFFER_VALUES, target.size() - first);
      int end = type.getNumOfBytes() * count;
      read(name, first, buffer.clear().limit(end).position(end - entry.width() * count));
      if (entry.dtype().equals("BF16")) {
        // Java knows no such type: each is the upper half of a 32-bit float.
        IntBuffer whole = buffer.rewind().asIntBuffer();
        ShortBuffer halves = buffer.position(end / 2).asShortBuffer();
        for (int i = 0; i < count; i++) {
          whole.put(i, halves.get(i) << 16);
        }
      }
      try (NDManager scope = target.getManager().newSubManager();
          IValue to = IValue.from((PtNDArray) target);
          IValue at = IValue.from(first)) {
        NDArray values = scope.create(buffer.rewind(), new Shape(count), type);
        try (IValue from = IValue.from((PtNDArray) values);
            IValue finite = ops.run("fill", to, at, from)) {
          if (!finite.toBoolean()) {
            throw new BadInput(
                "%s: tensor \"%s\" holds NaN or infinity; finite weights are needed"
                    .formatted(source(name).file(), name));
          }
        }
      }
    }
  }

  /**
   * Fills a buffer with consecutive values of a tensor.
   *
   * @param name one of {@link #names()}
   * @param first the first value to read, counted from 0 over the flattened tensor
   * @param target receives values of the tensor's own type, little-endian, from its position to its
   *     limit
   * @throws BadInput if there is no such tensor, its type is not F32, F16 or BF16, it does not hold
   *     that many values, or the file has been cut short since it was opened
   */
  public void read(String name, long first, ByteBuffer target) {
    Source source = floats(name);
    SafetensorsHeader.Entry entry = source.entry();
    long count = target.remaining() / entry.width();
    if (first < 0 || first + count > entry.size() || target.remaining() % entry.width() != 0) {
      throw new BadInput(
          "tensor \"%s\" has %d values, %d from value %d on were asked for"
              .formatted(name, entry.size(), count, first));
    }
    try {
      fill(source.channel(), entry.begin() + entry.width() * first, target);
    } catch (EOFException e) {
      throw new BadInput(source.file() + ": cut short since it was opened", e);
    } catch (IOException e) {
      throw new UncheckedIOException(source.file() + ": tensor \"" + name + "\"", e);
    }
  }

  /** Whether two tensors have the same type, shape and bytes. */
  boolean same(String one, String other) {
    SafetensorsHeader.Entry entry = floats(one).entry();
    if (!entry.dtype().equals(dtype(other)) || !Arrays.equals(entry.shape(), shape(other))) {
      return false;
    }
    ByteBuffer left = ByteBuffer.allocate(BUFFER_VALUES);
    ByteBuffer right = ByteBuffer.allocate(BUFFER_VALUES);
    int step = BUFFER_VALUES / entry.width();
    for (long first = 0; first < entry.size(); first += step) {
      int bytes = (int) Math.min(step, entry.size() - first) * entry.width();
      read(one, first, left.clear().limit(bytes));
      read(other, first, right.clear().limit(bytes));
      if (left.flip().mismatch(right.flip()) >= 0) {
        return false;
      }
    }
    return true;
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

  private Source floats(String name) {
    Source source = source(name);
    if (!Set.of("F32", "F16", "BF16").contains(source.entry().dtype())) {
      throw new BadInput(
          "%s: tensor \"%s\" is %s; weights must be F32, F16 or BF16"
              .formatted(source.file(), name, source.entry().dtype()));
    }
    return source;
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
      for (FileChannel channel : channels) {
        channel.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
