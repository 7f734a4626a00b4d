package io.github.derta.model;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * Gradient checkpointing: the forward pass keeps each layer's input alone, and the backward pass
 * computes a layer once more when its turn has come.
 *
 * @param inputs of each layer [batch, time, width]
 * @param layer gives a layer's output, by its number and input
 * @param embed gives the first layer's input; null if its weight does not learn
 */
record Recomputation(
    List<NDArray> inputs, BiFunction<Integer, NDArray, NDArray> layer, Supplier<NDArray> embed) {

  /** Adds the gradients of all weights, from the one of the last layer's output. */
  void backward(NDArray gradient) {
    NDArray after = gradient;
    for (int i = inputs.size() - 1; i >= 0; i--) {
      NDArray x = inputs.get(i);
      x.setRequiresGradient(true);
      int number = i;
      feed(() -> layer.apply(number, x), after);
      after = x.getGradient();
      x.close();
    }
    if (embed != null) {
      feed(embed, after);
    }
  }

  private static void feed(Supplier<NDArray> forward, NDArray gradient) {
    try (NDArray y = Ops.recording(true, forward)) {
      JniUtils.backward((PtNDArray) y, (PtNDArray) gradient, false, false);
    }
    gradient.close();
  }
}
