package io.github.derta.data;

import io.github.derta.io.BadInput;
import java.util.stream.IntStream;

/**
 * What a training set holds.
 *
 * @param method what the safety rows are
 * @param format how prompts are written
 * @param prefix how many words of a harmful answer are given
 * @param helpfulRows how many helpful rows, or {@link #ALL}
 * @param safetyRows how many safety rows are written, or {@link #ALL}; {@code rto} and {@code
 *     derta} use half as many questions
 * @param seed decides which rows are taken, their order, and the prefix lengths
 * @param upstream the public code's choice and order instead: the first rows, helpful ones first,
 *     no shuffle
 */
public record MixRecipe(
    Method method,
    PromptFormat format,
    PrefixLength prefix,
    int helpfulRows,
    int safetyRows,
    long seed,
    boolean upstream) {

  /** As many rows as the source gives. */
  public static final int ALL = -1;

  /**
   * Checks the counts.
   *
   * @throws BadInput if a count is negative or, for a method that writes pairs, odd
   * @param method what the safety rows are
   * @param format how prompts are written
   * @param prefix how many words of a harmful answer are given
   * @param helpfulRows how many helpful rows, or {@link #ALL}
   * @param safetyRows how many safety rows are written, or {@link #ALL}; {@code rto} and {@code
   *     derta} use half as many questions
   * @param seed decides which rows are taken, their order, and the prefix lengths
   * @param upstream the public code's choice and order instead: the first rows, helpful ones first,
   *     no shuffle
   */
  public MixRecipe {
    if (helpfulRows < ALL || safetyRows < ALL) {
      throw new BadInput("a number of rows is negative; 0 or more is needed");
    }
    if (method.paired() && safetyRows > 0 && safetyRows % 2 != 0) {
      throw new BadInput(
          safetyRows
              + " safety rows: "
              + method
              + " writes two rows of every question, so an even number is needed");
    }
  }

  /**
   * {@return all rows in the paper's format, seed 0}
   *
   * @param method what the safety rows are
   */
  public static MixRecipe of(Method method) {
    return new MixRecipe(method, PromptFormat.PAPER, PrefixLength.UPSTREAM, ALL, ALL, 0, false);
  }

  /**
   * {@return this recipe with it}
   *
   * @param other how prompts are written
   */
  public MixRecipe format(PromptFormat other) {
    return new MixRecipe(method, other, prefix, helpfulRows, safetyRows, seed, upstream);
  }

  /**
   * {@return this recipe with them}
   *
   * @param helpful how many helpful rows, or {@link #ALL}
   * @param safety how many safety rows, or {@link #ALL}
   */
  public MixRecipe rows(int helpful, int safety) {
    return new MixRecipe(method, format, prefix, helpful, safety, seed, upstream);
  }

  /**
   * {@return this recipe with it}
   *
   * @param other the seed
   */
  public MixRecipe seed(long other) {
    return new MixRecipe(method, format, prefix, helpfulRows, safetyRows, other, upstream);
  }

  /** The numbers below n as they are used: shuffled, or as the public code has them. */
  int[] order(int n, Seeds.Use use) {
    return upstream ? IntStream.range(0, n).toArray() : Seeds.permutation(n, Seeds.at(seed, use));
  }
}
