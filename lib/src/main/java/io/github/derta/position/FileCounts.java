package io.github.derta.position;

import io.github.derta.io.BadInput;
import java.nio.file.Path;
import java.util.Optional;

/** What was counted in one file, or why it cannot be read. */
public final class FileCounts {

  private final Path file;
  private final PositionCounts positions = new PositionCounts();
  private long empty;
  private long bad;
  private BadInput firstBad;
  private long withoutPrompt;
  private BadInput failure;

  FileCounts(Path file) {
    this.file = file;
  }

  void add(Response response) {
    positions.add(response.position());
    empty += response.isEmpty() ? 1 : 0;
    withoutPrompt += response.promptCut() ? 0 : 1;
  }

  void addBad(BadInput mistake) {
    firstBad = bad++ == 0 ? mistake : firstBad;
  }

  void fail(BadInput mistake) {
    failure = mistake;
  }

  /** {@return the file} */
  public Path file() {
    return file;
  }

  /** {@return where its responses refuse} */
  public PositionCounts positions() {
    return positions;
  }

  /** {@return number of responses that are empty or white space} */
  public long empty() {
    return empty;
  }

  /** {@return number of bad records that were passed over} */
  public long bad() {
    return bad;
  }

  /** {@return the first of them} */
  public Optional<BadInput> firstBad() {
    return Optional.ofNullable(firstBad);
  }

  /** {@return why the file cannot be read to its end; the counts are then not of the whole file} */
  public Optional<BadInput> failure() {
    return Optional.ofNullable(failure);
  }

  /** {@return number of records that began with none of the prompts} */
  public long withoutPrompt() {
    return withoutPrompt;
  }
}
