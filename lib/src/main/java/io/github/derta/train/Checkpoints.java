package io.github.derta.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.io.AtomicFile;
import io.github.derta.io.AtomicFolder;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The states of a run that was cut short. Each is a folder, there as a whole or not at all: a model
 * as Hugging Face has it, AdamW's moments, and what is needed to go on. Data order and labels
 * depend on seed and step alone, so the step is all the random state there is.
 */
final class Checkpoints {

  private static final String STATE = "state.json";

  private final Path folder;
  private final String run;
  private final int keep;

  /**
   * What is needed to go on, beside weights and moments.
   *
   * @param step the last one that was done
   * @param run hash of recipe, rows and start weights
   * @param threads of the native code: sums depend on how they are split
   */
  record State(int step, String run, int threads) {}

  /**
   * Looks after one run's checkpoints.
   *
   * @param run hash of recipe, rows and start weights, which must agree on resuming
   * @param keep how many are kept
   */
  Checkpoints(Path folder, String run, int keep) {
    this.folder = folder;
    this.run = run;
    this.keep = keep;
  }

  void save(int step, int threads, AtomicFile.Content<Path> content) throws IOException {
    AtomicFolder.write(
        folder.resolve("step-%06d".formatted(step)),
        partial -> {
          content.writeTo(partial);
          ObjectNode state = JsonLines.MAPPER.valueToTree(new State(step, run, threads));
          Files.writeString(partial.resolve(STATE), state.toPrettyString() + "\n");
        });
    List<Path> all = all();
    for (Path old : all.subList(0, Math.max(0, all.size() - keep))) {
      AtomicFolder.remove(old);
    }
  }

  Optional<Path> latest() throws IOException {
    List<Path> all = all();
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
  }

  State state(Path checkpoint) {
    Path file = checkpoint.resolve(STATE);
    State state;
    try {
      state = JsonLines.MAPPER.readValue(file.toFile(), State.class);
    } catch (IOException e) {
      throw new BadInput(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
    if (!state.run().equals(run)) {
      throw new BadInput(
          "%s: a checkpoint of another recipe, other rows or another start model (run %s, not %s)"
              .formatted(checkpoint, state.run(), run));
    }
    return state;
  }

  void clear() throws IOException {
    AtomicFolder.remove(folder);
  }

  private List<Path> all() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().matches("step-\\d{6,}"))
          .sorted()
          .toList();
    }
  }
}
