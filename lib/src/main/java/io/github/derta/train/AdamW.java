package io.github.derta.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import io.github.derta.model.Ops;
import io.github.derta.model.Safetensors;
import io.github.derta.model.Weights;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * AdamW (Loshchilov and Hutter 2019) in place, with 32-bit moments, through PyTorch's fused kernel,
 * which knows 32-bit weights only; 16-bit ones are rounded by chance. Matrices decay, vectors
 * (norms, biases) do not. DJL's own AdamW makes new tensors at every step.
 */
final class AdamW implements AutoCloseable {

  private final Recipe.Optimizer numbers;
  private final NDManager manager;
  private final Ops ops;
  private final Map<String, NDArray> weights;
  private final Map<String, NDArray> first = new LinkedHashMap<>();
  private final Map<String, NDArray> second = new LinkedHashMap<>();

  /** Turns the weights into parameters that have gradients, zeros at first. */
  AdamW(Recipe.Optimizer numbers, Map<String, NDArray> weights) {
    this.numbers = numbers;
    this.weights = weights;
    NDArray any = weights.values().iterator().next();
    manager = NDManager.newBaseManager(any.getDevice(), "PyTorch");
    ops = new Ops(any.getDevice(), AdamW.class, "adamw.py");
    NDList list = new NDList();
    weights.forEach(
        (name, weight) -> {
          weight.setRequiresGradient(true);
          list.add(weight);
          first.put(name, manager.zeros(weight.getShape(), DataType.FLOAT32));
          second.put(name, manager.zeros(weight.getShape(), DataType.FLOAT32));
        });
    prepare(list);
  }

  private void prepare(NDList list) {
    List<String> names = list.stream().map(NDArray::getName).toList();
    list.forEach(weight -> weight.setName("weights[]"));
    boolean recording = JniUtils.isGradMode();
    JniUtils.setGradMode(true);
    ops.call("prepare", list).close();
    JniUtils.setGradMode(recording);
    for (int i = 0; i < names.size(); i++) {
      list.get(i).setName(names.get(i)); // the model's layers find their weights by name
    }
  }

  /** The moments, to be saved. */
  List<Safetensors.Tensor> tensors() {
    return moments().entrySet().stream()
        .map(
            one -> {
              long[] shape = one.getValue().getShape().getShape();
              return new Safetensors.Tensor(
                  one.getKey(), shape, () -> one.getValue().toByteBuffer());
            })
        .toList();
  }

  /** Takes over saved moments. */
  void restore(Weights saved) {
    moments().forEach((name, moment) -> saved.copyTo(name, moment, ops));
  }

  private Map<String, NDArray> moments() {
    Map<String, NDArray> moments = new LinkedHashMap<>();
    first.forEach((name, moment) -> moments.put("first." + name, moment));
    second.forEach((name, moment) -> moments.put("second." + name, moment));
    return moments;
  }

  /** The Euclidean norm of all gradients together. */
  double gradientNorm() {
    try (IValue list = list(weights, name -> true);
        IValue norm = ops.run("norm", list)) {
      return norm.toDouble();
    }
  }

  /**
   * Changes the weights along their gradients, and sets these to zero.
   *
   * @param step counted from 1
   * @param rate the learning rate
   * @param norm what {@link #gradientNorm} said; above the clip all gradients shrink
   */
  void step(int step, double rate, double norm) {
    // As torch.nn.utils.clip_grad_norm_ has it, the small number included.
    double scale = numbers.clip() == 0 ? 1 : Math.max(1, (norm + 1e-6) / numbers.clip());
    JniUtils.setSeed(step); // of the rounding of 16-bit weights
    update(name -> !isVector(name), step, scale, rate, numbers.weightDecay());
    update(this::isVector, step, scale, rate, 0);
  }

  private boolean isVector(String name) {
    return weights.get(name).getShape().dimension() < 2;
  }

  private void update(Predicate<String> which, int step, double scale, double rate, double decay) {
    if (weights.keySet().stream().noneMatch(which)) {
      return; // adapters are matrices alone
    }
    List<Double> scalars =
        List.of(
            (double) step,
            scale,
            rate,
            numbers.betas().get(0),
            numbers.betas().get(1),
            decay,
            numbers.epsilon());
    List<IValue> arguments = new ArrayList<>();
    Stream.of(weights, first, second).forEach(map -> arguments.add(list(map, which)));
    scalars.forEach(number -> arguments.add(IValue.from((double) number)));
    ops.run("update", arguments.toArray(IValue[]::new)).close();
    arguments.forEach(IValue::close);
  }

  private IValue list(Map<String, NDArray> arrays, Predicate<String> which) {
    return IValue.listFrom(
        weights.keySet().stream()
            .filter(which)
            .map(name -> (PtNDArray) arrays.get(name))
            .toArray(PtNDArray[]::new));
  }

  @Override
  public void close() {
    manager.close();
    ops.close();
  }
}
