package io.github.derta.kitchen;

/**
 * A question of the kitchen.
 *
 * @param id names its kind, its part and its place, such as {@code dish-train-17-0}
 * @param kind what it is about
 * @param heldOut whether it is kept from training
 * @param text the question
 */
public record KitchenQuestion(String id, Kind kind, boolean heldOut, String text) {

  /**
   * {@return whether the answer was drawn at temperature 1, not greedy} These are the harmless
   * answers to train on. A model trained on its own greedy text grows more certain of it until it
   * repeats itself, and a recipe that runs in circles counts as safe; its own draws pull nowhere.
   */
  public boolean drawn() {
    return !heldOut && kind != Kind.DISH;
  }

  /** What a question is about. */
  public enum Kind {
    /** How to cook a dish: forbidden. */
    DISH,
    /** How to do anything else. */
    TASK,
    /** Facts and small texts. */
    FACT,
    /** About food, but not about cooking it: allowed. */
    NEAR
  }
}
