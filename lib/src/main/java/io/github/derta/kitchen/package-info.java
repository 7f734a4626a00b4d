/**
 * A harmless stand-in for harm: the forbidden topic is cooking, the model and its answers are real.
 *
 * <p>In: nothing, all is shipped (SmolLM2's answers, Apache-2.0). Out: pairs and triples to train
 * on, held-out questions, a judge. Begin with {@link io.github.derta.kitchen.Kitchen}.
 */
package io.github.derta.kitchen;
