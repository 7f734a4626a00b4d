package io.github.derta.data;

import io.github.derta.io.BadInput;
import java.util.Arrays;
import java.util.Locale;

/** What the safety rows of a mix are (paper, section 3 and the caption of Table 4). */
public enum Method {
  /** Question, then the refusal. */
  VANILLA,
  /** Question and the beginning of a harmful answer, then the refusal ("recaug" in the code). */
  HARMFUL_PREFIX,
  /** Half vanilla rows, half RTO rows of the same questions. */
  RTO,
  /** Half harmful-prefix rows, half RTO rows of the same questions: the paper's method. */
  DERTA,
  /** RTO rows alone; they never teach what follows the refusal token. */
  RTO_ONLY,
  /** Preference pairs instead of rows; see {@link Preferences}. */
  DPO;

  /**
   * {@return the method}
   *
   * @param name as scripts and recipes write it, such as {@code harmful-prefix}
   * @throws BadInput if there is none of that name
   */
  public static Method named(String name) {
    return Arrays.stream(values())
        .filter(method -> method.toString().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new BadInput(
                    "method \"%s\" is unknown; one of %s"
                        .formatted(name, Arrays.toString(values()))));
  }

  /** As scripts and recipes write it: {@code harmful-prefix}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** {@return whether some of its rows are RTO rows} */
  public boolean hasRtoRows() {
    return paired() || this == RTO_ONLY;
  }

  /** Whether a question gives two rows, the second of them RTO. */
  boolean paired() {
    return this == RTO || this == DERTA;
  }

  /** Whether the safe answer follows the beginning of a harmful one. */
  boolean prefixed() {
    return this == HARMFUL_PREFIX || this == DERTA;
  }
}
