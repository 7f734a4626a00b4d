package io.github.derta.io;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A text file that a reader sees whole or not at all. */
public final class AtomicFile {

  private AtomicFile() {}

  /** Writes the text. */
  @FunctionalInterface
  public interface Content {

    /**
     * Writes the whole text.
     *
     * @param out UTF-8, buffered
     * @throws IOException if it cannot be written
     */
    void writeTo(Writer out) throws IOException;
  }

  /**
   * Writes to a temporary file beside {@code file} and moves it into place at the end.
   *
   * @param file the file to write, replaced if it is there
   * @param content writes the text
   * @throws IOException if the folder cannot be written
   */
  public static void write(Path file, Content content) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    Path partial = partial(file);
    try {
      try (Writer writer = Files.newBufferedWriter(partial, StandardCharsets.UTF_8)) {
        content.writeTo(writer);
      }
      Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  /**
   * Names a file to write before it is moved into place. Not a temporary file of Java's, which its
   * owner alone may read.
   *
   * @param file where it will stand
   * @return a file beside it that no other process writes
   */
  public static Path partial(Path file) {
    String name = file.getFileName() + "." + ProcessHandle.current().pid() + ".partial";
    return file.resolveSibling(name);
  }
}
