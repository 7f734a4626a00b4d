package io.github.derta.eval;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * JSON Lines that outlive a kill at any moment: whole lines are appended, and one that was cut is
 * mended when the file is opened again. Not a channel, which the stop button of a notebook closes.
 */
final class LineLog implements AutoCloseable {

  private final Path path;
  private final RandomAccessFile file;

  LineLog(Path path, Consumer<String> notices) throws IOException {
    this.path = path;
    file = new RandomAccessFile(path.toFile(), "rw");
    mend(notices);
  }

  /** A last line without its end is ended if it is whole, and else taken away. */
  private void mend(Consumer<String> notices) throws IOException {
    long end = file.length();
    long begin = end;
    while (begin > 0 && !newlineAt(begin - 1)) {
      begin--;
    }
    file.seek(begin);
    byte[] tail = new byte[Math.toIntExact(end - begin)];
    file.readFully(tail);
    if (tail.length > 0 && isObject(new String(tail, StandardCharsets.UTF_8))) {
      file.write('\n');
      notices.accept(path + ": the last line had lost its end; it is whole");
    } else if (tail.length > 0) {
      file.setLength(begin);
      notices.accept(
          path + ": the last line was cut after " + tail.length + " bytes and is done once more");
    }
    file.seek(file.length());
  }

  private boolean newlineAt(long position) throws IOException {
    file.seek(position);
    return file.read() == '\n';
  }

  private static boolean isObject(String text) {
    try {
      JsonNode value = JsonLines.MAPPER.readTree(text);
      return value != null && value.isObject();
    } catch (IOException e) {
      return false;
    }
  }

  /** Appends records in one write; they are on the disk when this returns. */
  synchronized void append(List<?> records) {
    try {
      ByteArrayOutputStream lines = new ByteArrayOutputStream();
      for (Object value : records) {
        lines.write(Plan.MAPPER.writeValueAsBytes(value));
        lines.write('\n');
      }
      file.write(lines.toByteArray());
      file.getFD().sync();
    } catch (IOException e) {
      close(); // or the next line would be glued to half a one
      throw new BadInput(
          "%s: cannot be written (%s); what is there is kept, the same command goes on from it"
              .formatted(path, e.getMessage()),
          e);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
