package io.github.derta.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/** Brings weights from files into tensors through one small buffer. */
final class WeightLoader {

  private static final int BUFFER_VALUES = 1 << 22;

  private WeightLoader() {}

  /** Every tensor of the configuration, 32-bit, by name. */
  static Map<String, NDArray> load(
      ModelConfig config, Weights weights, NDManager manager, Ops ops) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(4 * BUFFER_VALUES).order(ByteOrder.LITTLE_ENDIAN);
    Map<String, NDArray> parameters = new LinkedHashMap<>();
    config
        .tensors()
        .forEach(
            (name, dimensions) -> {
              NDArray weight = manager.create(new Shape(dimensions), DataType.FLOAT32);
              copy(weights, name, weight, buffer, ops);
              parameters.put(name, weight);
            });
    return parameters;
  }

  private static void copy(
      Weights weights, String name, NDArray weight, ByteBuffer buffer, Ops ops) {
    long size = weight.getShape().size();
    for (long first = 0; first < size; first += BUFFER_VALUES) {
      int count = (int) Math.min(BUFFER_VALUES, size - first);
      weights.read(name, first, buffer.clear().limit(4 * count));
      try (NDManager scope = weight.getManager().newSubManager();
          IValue target = IValue.from((PtNDArray) weight);
          IValue at = IValue.from(first)) {
        NDArray values = scope.create(buffer.flip(), new Shape(count), DataType.FLOAT32);
        try (IValue from = IValue.from((PtNDArray) values)) {
          ops.run("fill", target, at, from).close();
        }
      }
    }
  }
}
