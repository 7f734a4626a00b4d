package io.github.derta.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** One transformer layer: attention, then the feed-forward network, each added to its input. */
record DecoderLayer(
    RmsNorm attentionNorm, Attention attention, RmsNorm feedForwardNorm, FeedForward feedForward) {

  /**
   * {@return the same shape, owned by the manager of x}
   *
   * @param x [batch, time, width]
   */
  NDArray forward(NDArray x, Context context) {
    NDManager owner = x.getManager();
    try (NDManager scope = owner.newSubManager()) {
      x.attach(scope);
      NDArray h = x.add(attention.forward(attentionNorm.forward(x, context), context));
      NDArray y = h.add(feedForward.forward(feedForwardNorm.forward(h, context), context));
      y.attach(owner);
      x.attach(owner);
      return y;
    }
  }
}
