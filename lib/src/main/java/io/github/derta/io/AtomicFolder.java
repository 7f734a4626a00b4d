package io.github.derta.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder that a reader sees whole or not at all. */
public final class AtomicFolder {

  /** How the name of a folder ends that is not in its place: unfinished, or on its way out. */
  public static final String PARTIAL = ".partial";

  private AtomicFolder() {}

  /**
   * Writes to a temporary folder beside {@code folder} and moves it into place at the end. If
   * anything fails, what was there before is still there.
   *
   * @param folder the folder to write, replaced if it is there
   * @param content writes the files into an empty folder
   * @throws IOException if it cannot be written
   */
  public static void write(Path folder, AtomicFile.Content<Path> content) throws IOException {
    Path parent = folder.toAbsolutePath().getParent();
    Files.createDirectories(parent);
    Path partial = partial(folder);
    Path old = old(folder);
    if (Files.exists(old) && !Files.exists(folder)) {
      Files.move(old, folder); // killed between the two moves below
    }
    delete(partial);
    try {
      content.writeTo(Files.createDirectory(partial));
      moveAway(folder);
      try {
        Files.move(partial, folder);
      } catch (IOException e) {
        if (Files.exists(old)) {
          Files.move(old, folder);
        }
        throw e;
      }
      delete(old);
    } finally {
      delete(partial);
    }
  }

  /**
   * Takes a folder away, so that nobody sees half of it.
   *
   * @param folder a folder, or nothing
   * @throws IOException if it cannot be deleted
   */
  public static void remove(Path folder) throws IOException {
    moveAway(folder);
    delete(old(folder));
  }

  private static void moveAway(Path folder) throws IOException {
    if (Files.exists(folder)) {
      delete(old(folder));
      Files.move(folder, old(folder));
    }
  }

  private static Path old(Path folder) {
    return folder.toAbsolutePath().resolveSibling(folder.getFileName() + ".old" + PARTIAL);
  }

  private static Path partial(Path folder) {
    return folder.toAbsolutePath().resolveSibling(folder.getFileName() + PARTIAL);
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
