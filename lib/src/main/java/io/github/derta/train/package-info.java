/**
 * Recipes, the trainer, its optimizer and checkpoints.
 *
 * <p>In: a recipe, rows, a model folder. Out: a trained model folder, metrics. Begin with {@link
 * io.github.derta.train.Recipe}, then {@link io.github.derta.train.Training}.
 */
package io.github.derta.train;
