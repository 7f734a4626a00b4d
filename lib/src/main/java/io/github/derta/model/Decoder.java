package io.github.derta.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.github.derta.io.BadInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The whole network as generation wants it: weights once in the matmul dtype, keys and values kept
 * in a cache, all layers and several steps in one native call.
 */
final class Decoder implements AutoCloseable {

  private static final int FIRST_TABLE = 512;

  private final ModelConfig config;
  private final Ops ops;
  private final NDManager manager;
  private final IValue layers;
  private final Map<String, PtNDArray> top = new HashMap<>();
  private final RotaryEmbedding rotary;
  private final Function<int[], BadInput> notFinite;
  private int tableLength;

  /**
   * A copy of a model for generation.
   *
   * @param notFinite what to throw where the logits after some tokens are not finite
   */
  Decoder(
      ModelConfig config,
      Compute type,
      Map<String, NDArray> weights,
      NDManager parent,
      Function<int[], BadInput> notFinite) {
    this.config = config;
    this.notFinite = notFinite;
    manager = parent.newSubManager();
    ops = new Ops(manager.getDevice());
    type.shared(manager, ops, true).forEach(this::put);
    rotary = new RotaryEmbedding(config);
    layers = prepareLayers(weights);
    NDArray embedding = converted(weights.get("model.embed_tokens.weight"));
    put("embed", embedding);
    put("head", config.tiedEmbeddings() ? embedding : converted(weights.get("lm_head.weight")));
    put("norm", weights.get("model.norm.weight"));
    put("eps", manager.create(config.normEpsilon()));
    put("experts", manager.create(config.expertsPerToken()));
  }

  private void put(String name, NDArray array) {
    top.put(name, (PtNDArray) array);
  }

  private IValue prepareLayers(Map<String, NDArray> weights) {
    List<IValue> prepared = new ArrayList<>();
    try (IValue type = IValue.stringMapFrom(top)) {
      for (int i = 0; i < config.layers(); i++) {
        String prefix = "model.layers." + i + ".";
        Map<String, PtNDArray> layer = new HashMap<>();
        weights.forEach(
            (name, weight) -> {
              if (name.startsWith(prefix)) {
                layer.put(name.substring(prefix.length()), (PtNDArray) weight);
              }
            });
        if (config.layersWithoutRope().contains(i)) {
          layer.put("self_attn.no_rope", top.get("compute"));
        }
        try (IValue raw = IValue.stringMapFrom(layer)) {
          prepared.add(ops.run("prepare", raw, type));
        }
      }
      return IValue.listFrom(prepared.toArray(IValue[]::new));
    } finally {
      prepared.forEach(IValue::close);
    }
  }

  private NDArray converted(NDArray weight) {
    try (IValue from = IValue.from((PtNDArray) weight);
        IValue type = IValue.stringMapFrom(top);
        IValue converted = ops.run("convert", from, type)) {
      return converted.toTensor((PtNDManager) manager);
    }
  }

  /**
   * A cache of keys and values, which grows with what is generated.
   *
   * @param batch rows
   * @param slots tokens of a prompt, padding included
   * @param most tokens of a row in the end
   * @param begin the cache of one row whose slots all rows begin with, or null
   */
  IValue allocate(int batch, int slots, int most, IValue begin) {
    growTables(most);
    try (IValue type = IValue.from(top.get("compute"));
        IValue nothing = IValue.listFrom(new PtNDArray[0])) {
      return run(
          "allocate",
          config.layers(),
          batch,
          config.keyValueHeads(),
          slots,
          config.headWidth(),
          type,
          begin == null ? nothing : begin);
    }
  }

  /** Keeps some rows of a cache. */
  void select(IValue cache, long[] rows) {
    try (NDManager scope = manager.newSubManager();
        IValue kept = IValue.from((PtNDArray) scope.create(rows))) {
      ops.run("select", cache, kept).close();
    }
  }

  /**
   * What a few steps chose.
   *
   * @param ids [row x step]
   * @param logProbs as many
   */
  record Steps(long[] ids, float[] logProbs) {}

  /**
   * Puts tokens through the network and chooses what follows, several times.
   *
   * @param ids the tokens to begin with, [row][position]
   * @param at the slot of the first of them
   * @param places the position of the token in each slot, -1 for padding, [row][slot]
   * @param uniforms a number in [0, 1) for each draw, [row][step]
   */
  Steps generate(
      long[][] ids, int at, Places places, IValue cache, Decoding decoding, float[][] uniforms) {
    try (NDManager scope = manager.newSubManager();
        IValue tokens = IValue.from((PtNDArray) scope.create(ids));
        IValue slots = IValue.from((PtNDArray) scope.create(places.slots()));
        IValue draws = IValue.from((PtNDArray) scope.create(uniforms));
        IValue stops = IValue.from((PtNDArray) stops(scope));
        IValue shared = IValue.stringMapFrom(top);
        IValue result =
            run(
                "generate",
                tokens,
                at,
                slots,
                places.padded(),
                config.slidingWindow().orElse(Integer.MAX_VALUE),
                layers,
                shared,
                cache,
                decoding.temperature(),
                decoding.topP(),
                draws,
                stops)) {
      PtNDArray[] chosen = result.toTensorArray((PtNDManager) scope);
      return new Steps(chosen[0].toLongArray(), chosen[1].toFloatArray());
    }
  }

  /**
   * How probable the same tokens are at the end of each row.
   *
   * @param ids the rows without the last of these tokens, [row][position]
   * @param at the slot of the first of them
   * @param places as in {@link #generate}
   * @param begin the cache of the slots before, which all rows share, or null
   * @param labels these tokens
   * @return log-probabilities, [row x label]
   */
  float[] endings(long[][] ids, int at, Places places, IValue begin, int[] labels) {
    growTables(at + ids[0].length);
    try (NDManager scope = manager.newSubManager();
        IValue tokens = IValue.from((PtNDArray) scope.create(ids));
        IValue slots = IValue.from((PtNDArray) scope.create(places.slots()));
        IValue ends =
            IValue.from((PtNDArray) scope.create(Arrays.stream(labels).asLongStream().toArray()));
        IValue shared = IValue.stringMapFrom(top);
        IValue nothing = IValue.listFrom(new PtNDArray[0]);
        IValue result =
            run(
                "endings",
                tokens,
                at,
                slots,
                places.padded(),
                config.slidingWindow().orElse(Integer.MAX_VALUE),
                layers,
                shared,
                config.keyValueHeads(),
                config.headWidth(),
                begin == null ? nothing : begin,
                ends)) {
      return result.toTensor((PtNDManager) scope).toFloatArray();
    }
  }

  /**
   * Where the tokens of a batch stand.
   *
   * @param slots the position of the token in each slot, -1 for padding, [row][slot]
   * @param padded whether there is padding
   */
  record Places(long[][] slots, boolean padded) {}

  /** Ends a run of which a log-probability is NaN or infinite. */
  void checkFinite(float[] logProbs, int[] tokens) {
    for (float logProb : logProbs) {
      if (!Float.isFinite(logProb)) {
        throw notFinite.apply(tokens);
      }
    }
  }

  private NDArray stops(NDManager scope) {
    long[] ids = config.endIds().stream().mapToLong(Integer::longValue).toArray();
    return scope.create(ids, new Shape(ids.length));
  }

  private void growTables(int length) {
    if (length <= tableLength) {
      return;
    }
    tableLength = Math.max(FIRST_TABLE, Math.max(length, 2 * tableLength));
    for (String name : List.of("cos", "sin")) {
      PtNDArray table = (PtNDArray) rotary.table(manager, tableLength, name.equals("sin"));
      PtNDArray old = top.put(name, table);
      if (old != null) {
        old.close();
      }
    }
  }

  /** Runs an operation with numbers among its arguments. */
  private IValue run(String method, Object... arguments) {
    List<IValue> own = new ArrayList<>();
    IValue[] values = new IValue[arguments.length];
    for (int i = 0; i < values.length; i++) {
      if (arguments[i] instanceof IValue value) {
        values[i] = value;
      } else {
        values[i] = number(arguments[i]);
        own.add(values[i]);
      }
    }
    try {
      return ops.run(method, values);
    } finally {
      own.forEach(IValue::close);
    }
  }

  private static IValue number(Object value) {
    if (value instanceof Boolean flag) {
      return IValue.from(flag.booleanValue());
    }
    return value instanceof Double real
        ? IValue.from(real.doubleValue())
        : IValue.from(((Number) value).longValue());
  }

  @Override
  public void close() {
    layers.close();
    manager.close();
    ops.close();
  }
}
