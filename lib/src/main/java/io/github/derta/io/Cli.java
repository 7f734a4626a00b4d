package io.github.derta.io;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;

/**
 * What every script does alike: results on stdout in UTF-8, a user's mistake as one line on stderr
 * with exit code 2, a failure of ours with its stack trace and exit code 1.
 */
public final class Cli {

  private Cli() {}

  /**
   * Runs a command and ends the process.
   *
   * @param command a picocli command
   * @param args the command line
   */
  public static void main(Object command, String... args) {
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    System.setOut(out);
    int code = run(command, args);
    out.flush();
    System.exit(code);
  }

  /**
   * Runs a command.
   *
   * @param command a picocli command
   * @param args the command line
   * @return the exit code: what the command returns, 2 for a user's mistake, 1 for ours
   */
  public static int run(Object command, String... args) {
    return new CommandLine(command)
        .setCaseInsensitiveEnumValuesAllowed(true)
        // Or a mistyped option becomes the value of the one before it.
        .setUnmatchedOptionsAllowedAsOptionParameters(false)
        .setParameterExceptionHandler(
            (mistake, given) -> {
              CommandLine line = mistake.getCommandLine();
              complain(line, mistake.getMessage() + " (--help shows the options)");
              return CommandLine.ExitCode.USAGE;
            })
        .setExecutionExceptionHandler(
            (failure, line, parsed) -> {
              if (failure instanceof BadInput mistake) {
                complain(line, mistake.getMessage());
                return CommandLine.ExitCode.USAGE;
              }
              failure.printStackTrace(line.getErr());
              return CommandLine.ExitCode.SOFTWARE;
            })
        .execute(args);
  }

  private static void complain(CommandLine line, String message) {
    PrintWriter err = line.getErr();
    err.println(message);
    err.flush();
  }
}
