package io.github.derta.io;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One line on standard error for input that is used, but not in every respect. */
public final class Warnings {

  private static final Set<String> GIVEN = ConcurrentHashMap.newKeySet();

  private Warnings() {}

  /**
   * Prints a warning, once in a process.
   *
   * @param message what differs, where (file, key or tensor name), and what is done instead
   */
  public static void once(String message) {
    if (GIVEN.add(message)) {
      System.err.println("warning: " + message);
    }
  }
}
