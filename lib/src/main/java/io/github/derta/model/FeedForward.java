package io.github.derta.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * The gated network down(silu(gate(x)) * up(x)), or several of them, of which each token visits the
 * few that a router finds best (Mixtral).
 *
 * <p>Weights: {@code gate_proj} and {@code up_proj} [inner width, width], {@code down_proj} [width,
 * inner width]; of experts {@code gate} [experts, width], the router, and for each {@code w1}
 * (gate), {@code w3} (up), {@code w2} (down).
 */
record FeedForward(Ops ops, NDList weights, boolean experts) {

  NDArray forward(NDArray x, Context context) {
    String kind = experts ? "experts" : "feed_forward";
    return ops.call(kind, context.with(x, weights)); // [batch, time, width]
  }
}
