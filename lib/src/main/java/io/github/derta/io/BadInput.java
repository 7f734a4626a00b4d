package io.github.derta.io;

import com.fasterxml.jackson.core.JsonProcessingException;
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

  /**
   * A file or text that is not YAML.
   *
   * @param file the file, or what the text is called
   * @param cause what the parser said, with its line
   * @return an exception whose message reads {@code file:line: not YAML (why)}
   */
  public static BadInput notYaml(String file, JsonProcessingException cause) {
    String problem = cause.getOriginalMessage().lines().findFirst().orElse("");
    int line = cause.getLocation() == null ? 0 : cause.getLocation().getLineNr();
    return at(Path.of(file), line, "not YAML (" + problem + ")");
  }
}
