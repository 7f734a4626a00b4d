package io.github.derta.kitchen;

/**
 * What SmolLM2 answers to a question in 96 new tokens, greedy or {@linkplain KitchenQuestion#drawn
 * drawn}.
 *
 * @param id the question's
 * @param answer the text
 * @param complete whether the model ended it; otherwise the limit cut it
 */
public record KitchenAnswer(String id, String answer, boolean complete) {}
