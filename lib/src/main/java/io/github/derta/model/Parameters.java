package io.github.derta.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.github.derta.io.BadInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Brings a model's weights from files into memory and back. */
record Parameters(ModelConfig config, Compute compute, NDManager manager, Ops ops) {

  /** All weights by name; an adapter's embedding and output projection in place of the base's. */
  Map<String, NDArray> load(Weights weights, AdapterFolder over) {
    Map<String, NDArray> loaded = new LinkedHashMap<>();
    config
        .tensors()
        .forEach(
            (name, shape) -> {
              NDArray weight = room(new Shape(shape));
              if (over != null && over.replaces(name)) {
                over.tensors().copyTo(AdapterFolder.PREFIX + name, weight, ops);
              } else {
                // An output that an adapter has untied is still the base's embedding.
                String source = weights.names().contains(name) ? name : AdapterFolder.EMBEDDING;
                if (!Arrays.equals(weights.shape(source), shape)) {
                  throw new BadInput(
                      "%s: holds one of embedding and lm_head for %d tokens, %s has %d"
                          .formatted(
                              over.tensors().path(),
                              shape[0],
                              weights.path(),
                              weights.shape(source)[0]));
                }
                weights.copyTo(source, weight, ops);
              }
              loaded.put(name, weight);
            });
    return loaded;
  }

  private NDArray room(Shape shape) {
    if (!half(shape)) {
      return manager.create(shape, DataType.FLOAT32);
    }
    try (NDManager scope = manager.newSubManager()) {
      NDArray like = scope.zeros(new Shape(1)).broadcast(shape); // takes no room
      NDArray weight = ops.call("room", new NDList(like, compute.like(scope, ops)));
      weight.attach(manager);
      return weight;
    }
  }

  /** Java cannot read 16-bit brain floats. */
  private ByteBuffer widened(NDArray weight) {
    try (NDManager scope = manager.newSubManager();
        IValue half = IValue.from((PtNDArray) weight);
        IValue values = ops.run("to_f32", half)) {
      return values.toTensor((PtNDManager) scope).toByteBuffer();
    }
  }

  /** Vectors are few and 32-bit always. */
  private boolean half(Shape shape) {
    return compute == Compute.BF16_WEIGHTS && shape.dimension() > 1;
  }

  /** Writes a folder that transformers loads. */
  void save(Map<String, NDArray> weights, Path folder) throws IOException {
    List<Safetensors.Tensor> tensors = new ArrayList<>();
    weights.forEach(
        (name, weight) -> {
          Shape shape = weight.getShape();
          tensors.add(
              new Safetensors.Tensor(
                  name,
                  shape.getShape(),
                  half(shape),
                  () -> half(shape) ? widened(weight) : weight.toByteBuffer()));
        });
    Safetensors.write(folder.resolve(Safetensors.SINGLE), tensors);
    config.save(folder, compute == Compute.BF16_WEIGHTS ? "bfloat16" : "float32");
  }
}
