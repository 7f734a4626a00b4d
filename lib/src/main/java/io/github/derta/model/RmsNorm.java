package io.github.derta.model;

import ai.djl.ndarray.NDArray;

/** Divides each vector by its root mean square and multiplies by a learnt scale, in 32-bit. */
record RmsNorm(Ops ops, NDArray weight) {

  NDArray forward(NDArray x, Context context) {
    return ops.call("rms_norm", context.with(x, weight)); // [batch, time, width]
  }
}
