/**
 * Llama, Mistral, Mixtral, Qwen 2 and 3, SmolLM3: weights in files, the network, generation, LoRA;
 * and endpoints.
 *
 * <p>In: folders as Hugging Face writes them, token ids. Out: logits, gradients, text. Begin with
 * {@link io.github.derta.model.Llama}, {@link io.github.derta.model.LocalModel} and {@link
 * io.github.derta.model.EndpointModel}.
 */
package io.github.derta.model;
