package io.github.derta.kitchen;

/**
 * What SmolLM2 answers to a question (greedy, 96 new tokens).
 *
 * @param id the question's
 * @param answer the text
 * @param complete whether the model ended it; otherwise the limit cut it
 */
public record KitchenAnswer(String id, String answer, boolean complete) {}
