package io.github.derta.data;

import io.github.derta.io.BadInput;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import java.util.stream.IntStream;

/**
 * The pairs of the DPO baseline: the refusal chosen over the harmful answer, and of helpful pairs
 * that have a rejected answer the better one over it. Shuffled by the recipe's seed.
 */
public final class Preferences extends AbstractList<Preference> implements RandomAccess {

  private final PromptFormat format;
  private final List<HelpfulPair> helpful;
  private final List<SafetyTriple> safety;
  private final int[] order; // safety question s as s, helpful pair h as -1 - h

  private Preferences(MixRecipe recipe, List<HelpfulPair> helpful, List<SafetyTriple> safety) {
    this.format = recipe.format();
    this.helpful = helpful;
    this.safety = safety;
    int[] pairs =
        IntStream.range(0, helpful.size())
            .filter(i -> helpful.get(i).rejected() != null)
            .map(i -> -1 - i)
            .toArray();
    int[] triples = IntStream.range(0, safety.size()).toArray();
    int[] chosen =
        IntStream.concat(
                take(pairs, recipe.helpfulRows(), recipe, "helpful pairs with \"rejected\""),
                take(triples, recipe.safetyRows(), recipe, "safety triples"))
            .toArray();
    order = shuffled(chosen, recipe, Seeds.Use.ROW_ORDER).toArray();
  }

  /**
   * {@return the pairs}
   *
   * @param recipe counts, format and seed
   * @param helpful pairs, of which those with a rejected answer are used
   * @param safety triples
   * @throws BadInput if the sources hold fewer than the recipe wants
   */
  public static Preferences of(
      MixRecipe recipe, List<HelpfulPair> helpful, List<SafetyTriple> safety) {
    return new Preferences(recipe, helpful, safety);
  }

  /** {@return how many helpful pairs were left out because they have no rejected answer} */
  public int withoutRejected() {
    return (int) helpful.stream().filter(pair -> pair.rejected() == null).count();
  }

  @Override
  public Preference get(int index) {
    int at = order[index];
    if (at < 0) {
      HelpfulPair pair = helpful.get(-1 - at);
      Row chosen = Row.helpful(pair, format); // a cut answer has no end
      return new Preference(chosen.prefix(), chosen.text(), format.answer(pair.rejected()));
    }
    SafetyTriple triple = safety.get(at);
    return new Preference(
        format.prompt(triple.question()),
        format.answer(triple.safe()),
        format.answer(triple.harmful()));
  }

  @Override
  public int size() {
    return order.length;
  }

  private static IntStream take(int[] from, int count, MixRecipe recipe, String what) {
    if (count > from.length) {
      throw new BadInput(from.length + " " + what + " were given, " + count + " are needed");
    }
    return shuffled(from, recipe, Seeds.Use.SAFETY_ORDER)
        .limit(count == MixRecipe.ALL ? from.length : count);
  }

  private static IntStream shuffled(int[] values, MixRecipe recipe, Seeds.Use use) {
    return IntStream.of(recipe.order(values.length, use)).map(i -> values[i]);
  }
}
