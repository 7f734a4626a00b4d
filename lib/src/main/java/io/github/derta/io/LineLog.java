package io.github.derta.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * JSON Lines that outlive a kill at any moment: lines are appended whole, and one that was cut is
 * taken away when the file is opened again; a record that lacks only the end of its line gets it.
 * Not a channel, which an interrupt would close.
 */
public final class LineLog implements AutoCloseable {

  private final Path path;
  private final ObjectMapper mapper;
  private final RandomAccessFile file;

  /**
   * Opens the file, or makes it.
   *
   * @param path where it is; its folder must be there
   * @param mapper writes records
   * @param notices is told if a line was cut
   * @throws IOException if it cannot be read or written
   */
  public LineLog(Path path, ObjectMapper mapper, Consumer<String> notices) throws IOException {
    this.path = path;
    this.mapper = mapper;
    file = new RandomAccessFile(path.toFile(), "rw");
    long end = file.length();
    long whole = end;
    while (whole > 0 && !newlineBefore(whole)) {
      whole--;
    }
    file.seek(whole);
    byte[] rest = new byte[(int) (end - whole)];
    file.readFully(rest);
    if (rest.length > 0 && isRecord(rest)) {
      file.write('\n');
    } else if (rest.length > 0) {
      file.setLength(whole);
      notices.accept(path + ": its last line was cut and is taken away, " + rest.length + " bytes");
    }
  }

  private boolean isRecord(byte[] line) throws IOException {
    try {
      return mapper.readTree(line).isObject();
    } catch (JsonProcessingException e) {
      return false; // a cut one is no JSON
    }
  }

  private boolean newlineBefore(long position) throws IOException {
    file.seek(position - 1);
    return file.read() == '\n';
  }

  /**
   * Appends records in one write; they are on the disk when this returns.
   *
   * @param records each becomes a line
   * @throws BadInput if they cannot be written
   */
  public void append(List<?> records) {
    try {
      StringBuilder lines = new StringBuilder();
      for (Object value : records) {
        lines.append(mapper.writeValueAsString(value)).append('\n');
      }
      file.write(lines.toString().getBytes(StandardCharsets.UTF_8));
      file.getFD().sync();
    } catch (IOException e) {
      close(); // or the next line would be glued to half a one
      throw new BadInput(
          path + ": cannot be written (" + e.getMessage() + "); the same command goes on later", e);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
