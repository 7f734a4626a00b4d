package io.github.derta.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * Causal self-attention with rotary positions, in which groups of query heads share a key and value
 * head; through a sliding window if the context has a mask for it.
 *
 * <p>Weights: {@code q_proj} [heads x head width, width], {@code k_proj} and {@code v_proj} [key
 * heads x head width, width], {@code o_proj} [width, heads x head width]; biases if there are any.
 */
record Attention(Ops ops, NDList weights) {

  NDArray forward(NDArray x, Context context) {
    return ops.call("attention", context.with(x, weights)); // [batch, time, width]
  }
}
