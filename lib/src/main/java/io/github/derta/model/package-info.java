/**
 * Llama, Mistral and Mixtral: weights in files, the network, generation, LoRA.
 *
 * <p>In: folders as Hugging Face writes them, token ids. Out: logits, gradients, text. Begin with
 * {@link io.github.derta.model.ModelConfig} and {@link io.github.derta.model.Safetensors}.
 */
package io.github.derta.model;
