package io.github.derta.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import io.github.derta.io.BadInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The low-rank adapters of a model in memory.
 *
 * @param settings rank, scale, dropout
 * @param whole whether these are all that it has, and not an embedding or output projection, too
 * @param weights A [rank, in] and B [out, rank] by name, such as {@code
 *     model.layers.0.self_attn.q_proj.lora_A.weight}
 */
record Adapter(Lora settings, boolean whole, Map<String, NDArray> weights) {

  /** New ones, as PEFT begins them: A uniform within 1 / sqrt(in), B zero. */
  static Adapter fresh(Lora settings, ModelConfig config, long seed, NDManager manager) {
    Map<String, NDArray> weights = new LinkedHashMap<>();
    SplittableRandom seeds = new SplittableRandom(seed);
    config
        .tensors()
        .forEach(
            (name, shape) -> {
              String module = name.replaceFirst("\\.weight$", "");
              if (settings.targets().contains(module.substring(module.lastIndexOf('.') + 1))) {
                float[] values = new float[Math.multiplyExact(settings.rank(), (int) shape[1])];
                SplittableRandom random = seeds.split();
                double bound = 1 / Math.sqrt(shape[1]);
                for (int i = 0; i < values.length; i++) {
                  values[i] = (float) (bound * (2 * random.nextDouble() - 1));
                }
                Shape a = new Shape(settings.rank(), shape[1]);
                weights.put(module + AdapterFolder.A, manager.create(values, a));
                Shape b = new Shape(shape[0], settings.rank());
                weights.put(module + AdapterFolder.B, manager.zeros(b, DataType.FLOAT32));
              }
            });
    for (String target : settings.targets()) {
      if (weights.keySet().stream().noneMatch(name -> name.contains("." + target + "."))) {
        throw new BadInput("lora: a %s has no projection %s".formatted(config.modelType(), target));
      }
    }
    return new Adapter(settings, true, weights);
  }

  /** What a folder holds, which has been checked. */
  static Adapter read(AdapterFolder folder, NDManager manager, Ops ops) {
    Map<String, NDArray> weights = new LinkedHashMap<>();
    for (String name : folder.tensors().names()) {
      if (name.endsWith(AdapterFolder.A) || name.endsWith(AdapterFolder.B)) {
        Shape shape = new Shape(folder.tensors().shape(name));
        NDArray weight = manager.create(shape, DataType.FLOAT32);
        folder.tensors().copyTo(name, weight, ops);
        weights.put(name.substring(AdapterFolder.PREFIX.length()), weight);
      }
    }
    return new Adapter(folder.settings(), folder.changes().isEmpty(), weights);
  }

  /** Tells the layers of a pass its scale and dropout; whether there is dropout. */
  boolean share(Context context, NDManager scope, boolean training) {
    double kept = training ? 1 - settings.dropout() : 1;
    context.put("lora", scope.create(settings.scale() / kept));
    if (kept < 1) {
      context.put("keep", scope.create(kept));
    }
    return kept < 1;
  }

  /** Adds each product to its projection. */
  void mergeInto(Map<String, NDArray> parameters, Ops ops) {
    weights.forEach(
        (name, a) -> {
          if (name.endsWith(AdapterFolder.A)) {
            String module = name.substring(0, name.length() - AdapterFolder.A.length());
            NDArray b = weights.get(module + AdapterFolder.B);
            try (IValue weight = IValue.from((PtNDArray) parameters.get(module + ".weight"));
                IValue left = IValue.from((PtNDArray) b);
                IValue right = IValue.from((PtNDArray) a);
                IValue scale = IValue.from(settings.scale())) {
              ops.run("add_product", weight, left, right, scale).close();
            }
          }
        });
  }

  /** Writes a folder that PEFT loads. */
  void save(Path folder, Path base) throws IOException {
    if (!whole) {
      throw new BadInput("an adapter with an embedding of its own: merge it and save the model");
    }
    List<Safetensors.Tensor> tensors = new ArrayList<>();
    weights.forEach(
        (name, weight) ->
            tensors.add(
                new Safetensors.Tensor(
                    AdapterFolder.PREFIX + name,
                    weight.getShape().getShape(),
                    () -> weight.toByteBuffer())));
    Safetensors.write(folder.resolve(AdapterFolder.WEIGHTS), tensors);
    settings.write(folder, base.toAbsolutePath().normalize().toString());
  }
}
