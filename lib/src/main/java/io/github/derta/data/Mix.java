package io.github.derta.data;

import io.github.derta.io.BadInput;
import java.util.AbstractList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;
import java.util.stream.IntStream;

/**
 * The rows of a training set, each made when it is asked for: a mix of millions of rows takes a few
 * bytes a row. The same recipe and sources give the same rows, row by row.
 */
public final class Mix extends AbstractList<Row> implements RandomAccess {

  private final MixRecipe recipe;
  private final List<HelpfulPair> helpful;
  private final List<SafetyTriple> safety;
  private final int[] helpfulChosen;
  private final int[] rtoChosen; // questions of the RTO rows
  private final int[] otherChosen; // questions of the vanilla or harmful-prefix rows
  private final int[] order;
  private final int tooShort;

  private Mix(MixRecipe recipe, List<HelpfulPair> helpful, List<SafetyTriple> safety) {
    if (recipe.method() == Method.DPO) {
      throw new BadInput("method dpo has preference pairs instead of rows");
    }
    this.recipe = recipe;
    this.helpful = helpful;
    this.safety = safety;
    helpfulChosen =
        first(
            recipe.order(helpful.size(), Seeds.Use.HELPFUL_ORDER),
            recipe.helpfulRows(),
            "helpful pairs");
    int[] all = recipe.order(safety.size(), Seeds.Use.SAFETY_ORDER);
    int[] usable = IntStream.of(all).filter(this::usable).toArray();
    tooShort = all.length - usable.length;
    Method method = recipe.method();
    int rows = recipe.safetyRows();
    int questions = rows == MixRecipe.ALL || !method.paired() ? rows : rows / 2;
    int[] chosen = first(usable, questions, "safety triples");
    otherChosen = method == Method.RTO_ONLY ? new int[0] : chosen;
    if (method == Method.RTO_ONLY || method.paired()) {
      // The public code skips short answers in one list and not in the other, so that they drift.
      rtoChosen = recipe.upstream() ? first(all, questions, "safety triples") : chosen;
    } else {
      rtoChosen = new int[0];
    }
    int size = helpfulChosen.length + rtoChosen.length + otherChosen.length;
    order = recipe.order(size, Seeds.Use.ROW_ORDER);
  }

  /**
   * {@return the rows}
   *
   * @param recipe what the mix holds
   * @param helpful where helpful rows come from
   * @param safety where safety rows come from
   * @throws BadInput if the sources hold fewer rows than the recipe wants
   */
  public static Mix of(MixRecipe recipe, List<HelpfulPair> helpful, List<SafetyTriple> safety) {
    return new Mix(recipe, helpful, safety);
  }

  /** In upstream mode helpful rows come first, then RTO rows, then the others. */
  @Override
  public Row get(int index) {
    int slot = order[index];
    if (slot < helpfulChosen.length) {
      return Row.helpful(helpful.get(helpfulChosen[slot]), recipe.format());
    }
    slot -= helpfulChosen.length;
    if (slot < rtoChosen.length) {
      return Row.rto(safety.get(rtoChosen[slot]), recipe.format());
    }
    slot -= rtoChosen.length;
    int question = otherChosen[slot];
    SafetyTriple triple = safety.get(question);
    if (!recipe.method().prefixed()) {
      return Row.vanilla(triple, recipe.format());
    }
    // Every third row has no prefix: of the source in the public code, of the chosen ones here.
    int third = recipe.upstream() ? question : slot;
    int words = PrefixLength.words(triple.harmful());
    int given =
        recipe
            .prefix()
            .draw(words, third, Seeds.at(recipe.seed(), Seeds.Use.PREFIX_LENGTH, question));
    return Row.harmfulPrefix(triple, given, recipe.format());
  }

  @Override
  public int size() {
    return order.length;
  }

  /** {@return how many rows of each kind there are} */
  public Map<Row.Kind, Integer> counts() {
    Map<Row.Kind, Integer> counts = new EnumMap<>(Row.Kind.class);
    counts.put(Row.Kind.HELPFUL, helpfulChosen.length);
    counts.put(Row.Kind.RTO, rtoChosen.length);
    boolean prefixed = recipe.method().prefixed();
    counts.put(prefixed ? Row.Kind.HARMFUL_PREFIX : Row.Kind.VANILLA, otherChosen.length);
    counts.values().removeIf(count -> count == 0);
    return counts;
  }

  /**
   * {@return how many triples were left out because their harmful answer is too short to be cut}
   */
  public int tooShort() {
    return tooShort;
  }

  private boolean usable(int question) {
    // The public code also drops short answers from its vanilla rows, by one try around both.
    boolean cut =
        recipe.method().prefixed() || recipe.upstream() && recipe.method() != Method.RTO_ONLY;
    return !cut || recipe.prefix().possible(PrefixLength.words(safety.get(question).harmful()));
  }

  private int[] first(int[] indices, int count, String what) {
    if (count == MixRecipe.ALL || count == indices.length) {
      return indices;
    }
    if (count > indices.length) {
      String found = indices.length + " usable " + what + " were given";
      throw new BadInput(found + ", " + count + " are needed for method " + recipe.method());
    }
    return IntStream.of(indices).limit(count).toArray();
  }
}
