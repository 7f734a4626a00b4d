package io.github.derta;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What faults were tried on the kit and what they cost; {@code environment/faults} shows it. */
public final class Faults {

  private static final Path FILE =
      Path.of(System.getProperty("derta.home"), "target", "faults.csv");

  private Faults() {}

  /**
   * Keeps a line.
   *
   * @param what the fault, and what it was tried on
   * @param tried how often
   * @param among what could have been lost: answers, steps, files
   * @param lost how many of them were
   * @param doubled how many are there more than once
   */
  public static void tell(String what, long tried, String among, long lost, long doubled) {
    try {
      Files.createDirectories(FILE.getParent());
      Files.writeString(
          FILE,
          "%s;%d;%s;%d;%d\n".formatted(what, tried, among, lost, doubled),
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
