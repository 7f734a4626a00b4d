package io.github.derta.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.derta.io.BadInput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A decoder-only transformer as Llama, Mistral and Mixtral are: embedding, layers of attention and
 * feed-forward, norm, projection to the vocabulary.
 *
 * <p>Weights are 32-bit; their products run in a {@link Compute} type. Not for use by several
 * threads at once.
 */
public final class Llama implements AutoCloseable {

  private final ModelConfig config;
  private final Compute compute;
  private final NDManager manager;
  private final Ops ops;
  private final Map<String, NDArray> parameters;
  private final NDArray embedding; // [vocabulary, width]
  private final List<DecoderLayer> layers = new ArrayList<>();
  private final NDArray norm; // [width]
  private final NDArray head; // [vocabulary, width]
  private final RotaryEmbedding rotary;

  private Llama(ModelConfig config, Compute compute, NDManager manager, Ops ops, Weights weights) {
    this.config = config;
    this.compute = compute;
    this.manager = manager;
    this.ops = ops;
    parameters = load(weights);
    embedding = parameters.get("model.embed_tokens.weight");
    for (int i = 0; i < config.layers(); i++) {
      layers.add(layer("model.layers." + i + "."));
    }
    norm = parameters.get("model.norm.weight");
    head = config.tiedEmbeddings() ? embedding : parameters.get("lm_head.weight");
    rotary = new RotaryEmbedding(config);
  }

  /**
   * Reads a model for the processor, with 32-bit products.
   *
   * @param folder a folder as Hugging Face has it: {@code config.json} and safetensors
   * @return the model, to be closed after use
   * @throws BadInput if a file is missing, broken, or of a network this class does not know
   */
  public static Llama load(Path folder) {
    return load(folder, Compute.F32, Device.cpu());
  }

  /**
   * Reads a model.
   *
   * @param folder a folder as Hugging Face has it: {@code config.json} and safetensors
   * @param compute the type of the matrix products
   * @param device where weights lie and products run
   * @return the model, to be closed after use
   * @throws BadInput if a file is missing, broken, or of a network this class does not know
   */
  public static Llama load(Path folder, Compute compute, Device device) {
    ModelConfig config = ModelConfig.load(folder);
    try (Weights weights = Safetensors.open(folder)) {
      config.check(weights);
      NDManager manager = NDManager.newBaseManager(device, "PyTorch");
      Ops ops = new Ops(device);
      try {
        return new Llama(config, compute, manager, ops, weights);
      } catch (RuntimeException e) {
        manager.close();
        ops.close();
        throw e;
      }
    }
  }

  private Map<String, NDArray> load(Weights weights) {
    Map<String, NDArray> loaded = new LinkedHashMap<>();
    config
        .tensors()
        .forEach(
            (name, shape) -> {
              NDArray weight = manager.create(new Shape(shape), DataType.FLOAT32);
              weights.copyTo(name, weight, ops);
              loaded.put(name, weight);
            });
    return loaded;
  }

  private DecoderLayer layer(String prefix) {
    return new DecoderLayer(
        new RmsNorm(ops, parameters.get(prefix + "input_layernorm.weight")),
        new Attention(ops, under(prefix, "self_attn.")),
        new RmsNorm(ops, parameters.get(prefix + "post_attention_layernorm.weight")),
        config.experts() == 0
            ? new FeedForward(ops, under(prefix, "mlp."), false)
            : new FeedForward(ops, under(prefix, "block_sparse_moe."), true));
  }

  /** The weights of one module, named as the dictionary {@code w} of ops.py. */
  private NDList under(String layer, String module) {
    NDList weights = new NDList();
    parameters.forEach(
        (name, weight) -> {
          if (name.startsWith(layer + module)) {
            weight.setName("w." + name.substring(layer.length()));
            weights.add(weight);
          }
        });
    return weights;
  }

  /** {@return what {@code config.json} says} */
  public ModelConfig config() {
    return config;
  }

  /** {@return where weights lie and products run} */
  public Device device() {
    return manager.getDevice();
  }

  /**
   * The weights themselves: what changes them changes the model. A weight takes part in training
   * once it {@code setRequiresGradient(true)}.
   *
   * @return weight by its Hugging Face name; a tied output projection is not listed
   */
  public Map<String, NDArray> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  /**
   * Runs a batch up to the last hidden states, without gradients.
   *
   * @param batch rows and labels
   * @return the states, to be closed after use
   * @throws BadInput if an id is outside the vocabulary or a row is longer than the context
   */
  public Pass evaluate(Batch batch) {
    return run(batch, false);
  }

  /**
   * Runs a batch up to the last hidden states and keeps what {@link Pass#backward} needs.
   *
   * @param batch rows and labels
   * @return the states, to be closed after use
   * @throws BadInput if an id is outside the vocabulary or a row is longer than the context
   */
  public Pass train(Batch batch) {
    return run(batch, true);
  }

  /**
   * Makes ready for generation: with bf16 products, weights are copied into that type.
   *
   * @return a generator with the weights as they are now, to be closed before this model is
   */
  public Generator generator() {
    return new Generator(config, decoder(config));
  }

  Ops ops() {
    return ops;
  }

  /** What turns hidden states into logits: norm [width] and projection [vocabulary, width]. */
  NDList output() {
    return new NDList(norm, head);
  }

  Decoder decoder(ModelConfig configuration) {
    return new Decoder(configuration, compute, parameters, manager);
  }

  private Pass run(Batch batch, boolean gradients) {
    batch.check(config);
    NDManager scope = manager.newSubManager();
    try {
      return Ops.recording(gradients, () -> forward(batch, scope));
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
  }

  private Pass forward(Batch batch, NDManager scope) {
    Context context = context(scope, batch.longest());
    NDArray ids = scope.create(batch.padded(), batch.shape());
    NDArray x = ops.call("embed", new NDList(ids, embedding)); // [batch, time, width]
    for (DecoderLayer layer : layers) {
      NDArray y = layer.forward(x, context);
      x.close();
      x = y;
    }
    return new Pass(this, batch, scope, x, context);
  }

  private Context context(NDManager scope, int time) {
    NDArray cos = rotary.table(scope, time, false);
    NDArray sin = rotary.table(scope, time, true);
    Context context = new Context(new NDList());
    context.put("compute", compute.like(scope, ops));
    context.put("eps", scope.create(config.normEpsilon()));
    context.put("cos", cos.expandDims(0).expandDims(0));
    context.put("sin", sin.expandDims(0).expandDims(0));
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

  /**
   * Writes a folder that transformers loads: configuration and 32-bit weights.
   *
   * @param folder where to; made if it is missing
   * @throws IOException if it cannot be written
   */
  public void save(Path folder) throws IOException {
    List<Safetensors.Tensor> tensors = new ArrayList<>();
    parameters.forEach(
        (name, weight) ->
            tensors.add(
                new Safetensors.Tensor(
                    name, weight.getShape().getShape(), () -> weight.toByteBuffer())));
    Safetensors.write(folder.resolve(Safetensors.SINGLE), tensors);
    config.save(folder);
  }

  @Override
  public void close() {
    manager.close();
    ops.close();
  }
}
