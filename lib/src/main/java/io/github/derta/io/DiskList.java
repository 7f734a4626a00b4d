package io.github.derta.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.RandomAccess;
import java.util.function.Function;

/**
 * A list whose elements lie in a temporary file, so that only 8 bytes of each are in memory. Grows
 * at its end; reading is safe from several threads once all is added. The file goes with {@link
 * #close} or with the process.
 *
 * @param <T> the elements, each below 2 GB when written
 */
public final class DiskList<T> extends AbstractList<T> implements RandomAccess, AutoCloseable {

  private static final int BUFFER = 1 << 20;

  private final Function<? super T, byte[]> write;
  private final Function<byte[], ? extends T> read;
  private final FileChannel file;
  private final OutputStream out;
  private long[] ends = new long[1024];
  private int size;

  /**
   * Adds one at the end.
   *
   * @param write an element's bytes
   * @param read the element of these bytes
   */
  public DiskList(Function<? super T, byte[]> write, Function<byte[], ? extends T> read) {
    this.write = write;
    this.read = read;
    try {
      Path path = Files.createTempFile("derta", ".list");
      file =
          FileChannel.open(
              path,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
      out = new BufferedOutputStream(Channels.newOutputStream(file), BUFFER);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * {@return an empty list whose elements are kept as JSON}
   *
   * @param <T> a record
   * @param type its class
   */
  public static <T extends Record> DiskList<T> ofRecords(Class<T> type) {
    return new DiskList<>(
        value -> io(() -> JsonLines.MAPPER.writeValueAsBytes(value)),
        bytes -> io(() -> JsonLines.MAPPER.readValue(bytes, type)));
  }

  @Override
  public synchronized boolean add(T value) {
    byte[] bytes = write.apply(value);
    long start = size == 0 ? 0 : ends[size - 1];
    run(() -> out.write(bytes));
    if (size == ends.length) {
      ends = Arrays.copyOf(ends, 2 * size);
    }
    ends[size++] = start + bytes.length;
    return true;
  }

  @Override
  public T get(int index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException(index + " of " + size);
    }
    long start = index == 0 ? 0 : ends[index - 1];
    run(out::flush);
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(ends[index] - start));
    while (bytes.hasRemaining()) {
      long at = start + bytes.position();
      if (io(() -> file.read(bytes, at)) < 0) {
        throw new IllegalStateException("the temporary file was cut");
      }
    }
    return read.apply(bytes.array());
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public void close() {
    run(file::close);
  }

  private interface Action {
    void run() throws IOException;
  }

  private static void run(Action action) {
    io(
        () -> {
          action.run();
          return null;
        });
  }

  private interface Io<T> {
    T run() throws IOException;
  }

  private static <T> T io(Io<T> work) {
    try {
      return work.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
