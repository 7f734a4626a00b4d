package io.github.derta.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * What all layers share during one pass, as the dictionary {@code c} of ops.py: epsilon, type of
 * the products, position angles, mask.
 */
record Context(NDList shared) {

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
