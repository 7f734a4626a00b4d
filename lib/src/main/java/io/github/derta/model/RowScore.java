package io.github.derta.model;

import io.github.derta.io.BadInput;
import io.github.derta.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a model thinks of one row of tokens.
 *
 * @param ids the row
 * @param loss mean cross entropy over the labels that count; NaN if there is none
 * @param n how many labels count
 * @param logProbs natural logarithm of the probability of each label, null where there is none
 * @param refusal probability that a refusal token comes next after each token
 */
public record RowScore(int[] ids, double loss, int n, Float[] logProbs, float[] refusal) {

  private static final List<String> SORRY = List.of("Sorry", " Sorry", " sorry");

  /**
   * Scores a batch, each row as if it were alone.
   *
   * @param llama the model
   * @param batch rows and labels
   * @param refusalTokens token ids, by {@link #refusalTokens}
   * @return a score for each row
   */
  public static List<RowScore> of(Llama llama, Batch batch, int[] refusalTokens) {
    try (Pass pass = llama.evaluate(batch)) {
      float[] logProbs = pass.logProbs();
      float[][] refusal = pass.probabilities(refusalTokens);
      List<RowScore> scores = new ArrayList<>();
      int next = 0;
      for (int row = 0; row < batch.ids().length; row++) {
        int[] labels = batch.labels()[row];
        Float[] its = new Float[labels.length];
        double sum = 0;
        int n = 0;
        for (int i = 1; i < labels.length; i++) {
          if (labels[i] != Batch.UNLABELLED) {
            its[i] = logProbs[next++];
            sum -= its[i];
            n++;
          }
        }
        scores.add(new RowScore(batch.ids()[row], sum / n, n, its, refusal[row]));
      }
      return scores;
    }
  }

  /**
   * The tokens that begin a refusal.
   *
   * @param words words of one token each, or ids, separated by commas, a space before a word
   *     meaning what it says; null for those of "Sorry", " Sorry" and " sorry" that are one token
   * @param tokenizer tells what is one token
   * @return token ids
   * @throws BadInput if a word is another number of tokens, or none of the usual ones is one
   */
  public static int[] refusalTokens(String words, Tokenizer tokenizer) {
    int[] ids =
        words == null
            ? SORRY.stream()
                .map(tokenizer::encode)
                .filter(word -> word.length == 1)
                .mapToInt(word -> word[0])
                .toArray()
            : Arrays.stream(words.split(",", -1))
                .mapToInt(
                    word ->
                        word.matches("\\d{1,9}")
                            ? Integer.parseInt(word)
                            : tokenizer.singleToken(word))
                .toArray();
    if (ids.length == 0) {
      throw new BadInput(
          "none of \"Sorry\", \" Sorry\", \" sorry\" is one token of this tokenizer; name one");
    }
    return ids;
  }
}
