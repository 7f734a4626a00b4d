package io.github.derta.model;

import io.github.derta.io.BadInput;

/** Checks of token ids before a network sees them; the native code would end the process. */
final class Vocabulary {

  private Vocabulary() {}

  static void checkIds(String what, int[] ids, int vocabulary, boolean labels) {
    for (int i = 0; i < ids.length; i++) {
      boolean free = labels && ids[i] == Batch.UNLABELLED;
      if (!free && (ids[i] < 0 || ids[i] >= vocabulary)) {
        throw new BadInput(
            "%s %d at position %d is outside the vocabulary of 0 to %d"
                .formatted(what, ids[i], i + 1, vocabulary - 1));
      }
    }
  }

  static void checkLength(String what, int length, ModelConfig config) {
    if (length > config.maxPositions()) {
      throw new BadInput(
          "%s: %d tokens, the model's context holds %d"
              .formatted(what, length, config.maxPositions()));
    }
  }

  static void checkPrompt(String what, int[] ids, ModelConfig config) {
    if (ids.length == 0) {
      throw new BadInput(what + ": no token; at least one is needed to go on from");
    }
    checkIds(what + ": id", ids, config.vocabularySize(), false);
    if (ids.length >= config.maxPositions()) {
      throw new BadInput(
          "%s: %d tokens leave no room in the model's context of %d"
              .formatted(what, ids.length, config.maxPositions()));
    }
  }
}
