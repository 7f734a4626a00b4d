package io.github.derta.model;

import ai.djl.ndarray.types.Shape;
import io.github.derta.io.BadInput;
import java.util.Arrays;

/**
 * Rows of tokens and, for each token, what should have been predicted in its place.
 *
 * @param ids token ids, [row][position]; rows may differ in length
 * @param labels as many; {@code labels[row][i]} is to be predicted from {@code ids[row][0..i-1]},
 *     {@link #UNLABELLED} where nothing is; the first of a row counts for nothing
 */
public record Batch(int[][] ids, int[][] labels) {

  /** The label of a position without one, as PyTorch and transformers have it. */
  public static final int UNLABELLED = -100;

  /**
   * Checks the shape.
   *
   * @throws BadInput if a row is empty or has another number of labels than tokens
   * @param ids token ids, [row][position]; rows may differ in length
   * @param labels as many; {@code labels[row][i]} is to be predicted from {@code ids[row][0..i-1]},
   *     {@link #UNLABELLED} where nothing is; the first of a row counts for nothing
   */
  public Batch {
    if (ids.length == 0 || ids.length != labels.length) {
      throw new BadInput(ids.length + " rows of ids, " + labels.length + " of labels");
    }
    for (int row = 0; row < ids.length; row++) {
      if (ids[row].length == 0 || ids[row].length != labels[row].length) {
        throw new BadInput(
            "row %d: %d ids, %d labels; as many labels as ids are needed, and at least one"
                .formatted(row + 1, ids[row].length, labels[row].length));
      }
    }
  }

  /** {@return tokens of the longest row} */
  public int longest() {
    return Arrays.stream(ids).mapToInt(row -> row.length).max().orElseThrow();
  }

  /** {@return how many labels count} */
  public int labelled() {
    return targets().length;
  }

  /**
   * Checks that a model can take the batch.
   *
   * @param config the model's
   * @throws BadInput if an id or label is outside its vocabulary or a row longer than its context
   */
  public void check(ModelConfig config) {
    for (int row = 0; row < ids.length; row++) {
      String place = "row " + (row + 1);
      Vocabulary.checkIds(place + ": id", ids[row], config.vocabularySize(), false);
      Vocabulary.checkIds(place + ": label", labels[row], config.vocabularySize(), true);
      Vocabulary.checkLength(place, ids[row].length, config);
    }
  }

  /** [rows, longest]. */
  Shape shape() {
    return new Shape(ids.length, longest());
  }

  /** Ids, padded on the right with 0, which no earlier token sees: [row x longest]. */
  long[] padded() {
    int width = longest();
    long[] flat = new long[ids.length * width];
    for (int row = 0; row < ids.length; row++) {
      for (int i = 0; i < ids[row].length; i++) {
        flat[row * width + i] = ids[row][i];
      }
    }
    return flat;
  }

  /** Where in the padded rows each label is predicted, that is one before it. */
  long[] predictors() {
    int width = longest();
    long[] at = new long[labelled()];
    int n = 0;
    for (int row = 0; row < ids.length; row++) {
      for (int i = 1; i < labels[row].length; i++) {
        if (labels[row][i] != UNLABELLED) {
          at[n++] = (long) row * width + i - 1;
        }
      }
    }
    return at;
  }

  /** The labels that count, row by row. */
  long[] targets() {
    return Arrays.stream(labels)
        .flatMapToInt(row -> Arrays.stream(row).skip(1))
        .filter(label -> label != UNLABELLED)
        .asLongStream()
        .toArray();
  }
}
