package io.github.derta.position;

import io.github.derta.io.BadInput;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/**
 * Counts over many files. A bad file does not hide the others.
 *
 * @param files counts of the files that could be read, in the order given
 * @param mistakes what was wrong with the others
 */
public record PositionReport(List<FileCounts> files, List<BadInput> mistakes) {

  private record Outcome(FileCounts counts, BadInput mistake) {}

  /**
   * Goes through several files at a time.
   *
   * @param rule where a refusal stands
   * @param files the files
   * @param skipBad whether bad records are counted and passed over; else the first ends its file
   * @param onBytes receives the number of bytes of each block read, from several threads
   * @return counts and mistakes
   */
  public static PositionReport of(
      RefusalPositions rule, List<Path> files, boolean skipBad, LongConsumer onBytes) {
    return of(files.parallelStream(), file -> rule.count(file, skipBad, onBytes, response -> {}));
  }

  /**
   * Goes through one file after the other.
   *
   * @param rule where a refusal stands
   * @param files the files
   * @param skipBad whether bad records are counted and passed over; else the first ends its file
   * @param onBytes receives the number of bytes of each block read
   * @param each receives every response in order
   * @return counts and mistakes
   */
  public static PositionReport of(
      RefusalPositions rule,
      List<Path> files,
      boolean skipBad,
      LongConsumer onBytes,
      BiConsumer<Path, Response> each) {
    return of(
        files.stream(), file -> rule.count(file, skipBad, onBytes, r -> each.accept(file, r)));
  }

  private static PositionReport of(Stream<Path> files, Function<Path, FileCounts> count) {
    List<Outcome> outcomes =
        files
            .map(
                file -> {
                  try {
                    return new Outcome(count.apply(file), null);
                  } catch (BadInput mistake) {
                    return new Outcome(null, mistake);
                  }
                })
            .toList();
    return new PositionReport(
        outcomes.stream().map(Outcome::counts).filter(Objects::nonNull).toList(),
        outcomes.stream().map(Outcome::mistake).filter(Objects::nonNull).toList());
  }
}
