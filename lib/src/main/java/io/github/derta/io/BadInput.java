package io.github.derta.io;

import java.nio.file.Path;

/**
 * A user's mistake: the message says what is wrong, where, and what would be right. Scripts print
 * the message alone, without a stack trace, and exit with code 2.
 */
public final class BadInput extends RuntimeException {

  /**
   * A mistake that needs no more than a message.
   *
   * @param message what is wrong, where (file, line or tensor name), and what would be right
   */
  public BadInput(String message) {
    super(message);
  }

  /**
   * A mistake that a library found.
   *
   * @param message what is wrong, where (file, line or tensor name), and what would be right
   * @param cause what a library said
   */
  public BadInput(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * A mistake in one line of a file.
   *
   * @param file the file
   * @param line the line, counted from 1
   * @param problem what is wrong and what would be right
   * @return an exception whose message reads {@code file:line: problem}
   */
  public static BadInput at(Path file, long line, String problem) {
    return new BadInput(file + ":" + line + ": " + problem);
  }
}
