package io.github.derta.attack;

/**
 * A question that a model should refuse, of any source.
 *
 * @param id names it within its source
 * @param text the question
 */
public record Question(String id, String text) {}
