package io.github.derta.io;

import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * A list whose elements lie in a temporary file, so that only 8 bytes of each are in memory. Grows
 * at its end; reading is safe from several threads once all is added. The file goes with {@link
 * #close} or with the process.
 *
 * @param <T> the elements, each below 2 GB when written
 */
public final class DiskList<T> extends AbstractList<T> implements RandomAccess, AutoCloseable {

  /**
   * How an element is stored, or read again.
   *
   * @param <A> what goes in
   * @param <B> what comes out
   */
  @FunctionalInterface
  public interface Coding<A, B> {

    /**
     * {@return the other form}
     *
     * @param value one form
     * @throws IOException if it is none
     */
    B of(A value) throws IOException;
  }

  private interface Transfer {
    int at(ByteBuffer bytes, long position) throws IOException;
  }

  private final Coding<T, byte[]> write;
  private final Coding<byte[], T> read;
  private final FileChannel file;
  private long[] ends = new long[1024];
  private int size;

  /**
   * An empty list.
   *
   * @param write an element's bytes
   * @param read the element of these bytes
   */
  public DiskList(Coding<T, byte[]> write, Coding<byte[], T> read) {
    this.write = write;
    this.read = read;
    try {
      Path path = Files.createTempFile("derta", ".list");
      file = FileChannel.open(path, READ, WRITE, DELETE_ON_CLOSE);
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
        JsonLines.MAPPER::writeValueAsBytes, bytes -> JsonLines.MAPPER.readValue(bytes, type));
  }

  @Override
  public synchronized boolean add(T value) {
    ends = size < ends.length ? ends : Arrays.copyOf(ends, 2 * size);
    try {
      ByteBuffer bytes = ByteBuffer.wrap(write.of(value));
      ends[size] = transfer(bytes, file::write, start(size));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    size++;
    return true;
  }

  @Override
  public T get(int index) {
    long start = start(Objects.checkIndex(index, size));
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(ends[index] - start));
    try {
      transfer(bytes, file::read, start);
      return read.of(bytes.array());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long start(int index) {
    return index == 0 ? 0 : ends[index - 1];
  }

  private static long transfer(ByteBuffer bytes, Transfer transfer, long start) throws IOException {
    while (bytes.hasRemaining()) {
      if (transfer.at(bytes, start + bytes.position()) < 0) {
        throw new IOException("the temporary file was cut");
      }
    }
    return start + bytes.position();
  }
}
