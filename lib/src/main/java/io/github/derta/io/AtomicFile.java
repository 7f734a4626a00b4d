package io.github.derta.io;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A file that a reader sees whole or not at all. */
public final class AtomicFile {

  private AtomicFile() {}

  /**
   * Writes what is to be there.
   *
   * @param <T> where to: a text, a file or a folder
   */
  @FunctionalInterface
  public interface Content<T> {

    /**
     * Writes all of it.
     *
     * @param out where to
     * @throws IOException if it cannot be written
     */
    void writeTo(T out) throws IOException;
  }

  /**
   * Writes a text to a temporary file beside {@code file} and moves it into place at the end.
   *
   * @param file the file to write, replaced if it is there
   * @param content writes the text, UTF-8, buffered
   * @throws BadInput if it is a folder, or its folder cannot be written
   * @throws IOException if writing fails
   */
  public static void write(Path file, Content<Writer> content) throws IOException {
    replace(
        file,
        partial -> {
          try (Writer writer = Files.newBufferedWriter(partial, StandardCharsets.UTF_8)) {
            content.writeTo(writer);
          }
        });
  }

  /**
   * Lets a temporary file beside {@code file} be written and moves it into place at the end.
   *
   * @param file the file to write, replaced if it is there
   * @param content writes the file that it is given
   * @throws BadInput if it is a folder, or its folder cannot be written
   * @throws IOException if writing fails
   */
  public static void replace(Path file, Content<Path> content) throws IOException {
    if (Files.isDirectory(file)) {
      throw new BadInput(file + ": is a folder; a file is needed");
    }
    // Not a temporary file of Java's, which its owner alone may read.
    String name = file.getFileName() + "." + ProcessHandle.current().pid() + ".partial";
    Path partial = file.resolveSibling(name);
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      content.writeTo(partial);
      Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (FileSystemException e) {
      throw new BadInput(file + ": cannot be written (" + e + ")", e);
    } finally {
      if (Files.exists(partial)) {
        Files.delete(partial);
      }
    }
  }
}
