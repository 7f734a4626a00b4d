package io.github.derta.io;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Lines as bytes in one buffer, which grows to the longest line. Only {@code \n} ends a line:
 * U+2028 and U+0085 may stand in a JSON string.
 */
final class ByteLines {

  private final InputStream in;
  private byte[] buffer = new byte[1 << 16];
  private int start;
  private int length;
  private int next;
  private int end;
  private long number;

  ByteLines(InputStream in) {
    this.in = in;
  }

  /** Goes to the next line; false at the end of the input. */
  boolean next() throws IOException {
    start = next;
    int at = start;
    while (true) {
      while (at < end && buffer[at] != '\n') {
        at++;
      }
      if (at < end) {
        next = at + 1;
        break;
      }
      int seen = at - start;
      if (!fill()) {
        if (start == end) {
          return false;
        }
        next = end;
        at = end;
        break;
      }
      at = start + seen;
    }
    length = at - start;
    number++;
    return true;
  }

  /** Reads more behind the line at hand, which moves to the front of the buffer. */
  private boolean fill() throws IOException {
    int kept = end - start;
    System.arraycopy(buffer, start, buffer, 0, kept);
    start = 0;
    end = kept;
    if (end == buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.multiplyExact(buffer.length, 2));
    }
    int read = in.read(buffer, end, buffer.length - end);
    end += Math.max(read, 0);
    return read > 0;
  }

  byte[] buffer() {
    return buffer;
  }

  int start() {
    return start;
  }

  int length() {
    return length;
  }

  /** The line, counted from 1. */
  long number() {
    return number;
  }
}
