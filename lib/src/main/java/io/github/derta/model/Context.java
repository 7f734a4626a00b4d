package io.github.derta.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.OptionalInt;

/**
 * What all layers share during one pass, as the dictionary {@code c} of ops.py: epsilon, matmul
 * dtype, position angles, mask.
 */
record Context(NDList shared) {

  /**
   * What a pass without padding on the left has.
   *
   * @param time tokens of its longest row
   */
  static Context of(
      ModelConfig config,
      Compute compute,
      RotaryEmbedding rotary,
      Ops ops,
      NDManager scope,
      int time) {
    Context context = new Context(new NDList());
    compute.shared(scope, ops, false).forEach(context::put);
    context.put("eps", scope.create(config.normEpsilon()));
    context.put("cos", rotary.table(scope, time, false).expandDims(0).expandDims(0));
    context.put("sin", rotary.table(scope, time, true).expandDims(0).expandDims(0));
    if (config.experts() > 0) {
      context.put("experts", scope.create(config.expertsPerToken()));
    }
    OptionalInt window = config.slidingWindow();
    if (window.isPresent() && window.getAsInt() < time) {
      NDArray places = scope.arange(0, time, 1, DataType.INT64).expandDims(0);
      NDArray width = scope.create((long) window.getAsInt());
      context.put("mask", ops.call("window_mask", context.with(places, width)));
    }
    return context;
  }

  void put(String name, NDArray array) {
    array.setName("c." + name);
    shared.add(array);
  }

  /** Arguments of an operation: x, this, others. */
  NDList with(NDArray x, NDArray... others) {
    return with(x, new NDList(others));
  }

  NDList with(NDArray x, NDList others) {
    return new NDList(x).addAll(shared).addAll(others);
  }
}
