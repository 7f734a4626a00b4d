/**
 * Llama, Mistral and Mixtral: weights in files, the network, generation, LoRA.
 *
 * <p>In: folders as Hugging Face writes them, token ids. Out: logits, gradients, text. Begin with
 * {@link io.github.derta.model.Llama} and {@link io.github.derta.model.LocalModel}.
 */
package io.github.derta.model;
