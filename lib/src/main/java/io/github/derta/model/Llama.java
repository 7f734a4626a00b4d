package io.github.derta.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.github.derta.io.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * A decoder-only transformer as Llama, Mistral, Mixtral, Qwen 2 and 3, and SmolLM3 are: embedding,
 * layers of attention and feed-forward, norm, projection to the vocabulary.
 *
 * <p>A {@link Compute} type tells what weights are and what their products run in. Not for use by
 * several threads at once.
 */
public final class Llama implements AutoCloseable {

  private final ModelConfig config;
  private final Compute compute;
  private final NDManager manager;
  private final Ops ops;
  private final Map<String, NDArray> parameters;
  private final NDArray embedding; // [vocabulary, width]
  private final List<NDList> layers = new ArrayList<>(); // the dictionary w of ops.py
  private final NDArray norm; // [width]
  private final NDArray head; // [vocabulary, width]
  private final RotaryEmbedding rotary;
  private Adapter adapter; // null unless low-rank adapters stand beside the weights
  private boolean checkpointing;

  private Llama(
      ModelConfig config,
      Compute compute,
      NDManager manager,
      Ops ops,
      Weights weights,
      AdapterFolder over) {
    this.config = config;
    this.compute = compute;
    this.manager = manager;
    this.ops = ops;
    parameters = new Parameters(config, compute, manager, ops).load(weights, over);
    embedding = parameters.get("model.embed_tokens.weight");
    for (int i = 0; i < config.layers(); i++) {
      layers.add(under(parameters, i));
      if (config.layersWithoutRope().contains(i)) {
        NDArray marker = manager.create(0f);
        marker.setName("w.self_attn.no_rope");
        layers.get(i).add(marker);
      }
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
    return open(folder, null, compute, device);
  }

  /**
   * Reads a model and adds an adapter to its weights.
   *
   * @param folder the base, a folder as Hugging Face has it
   * @param adapter a folder as PEFT writes it, or null for the base alone
   * @param compute the type of the matrix products
   * @param device where weights lie and products run
   * @return the model, to be closed after use
   * @throws BadInput if a file is missing or broken, or the adapter is one for another base
   */
  public static Llama load(Path folder, Path adapter, Compute compute, Device device) {
    if (adapter == null) {
      return load(folder, compute, device);
    }
    Llama llama = adapted(folder, adapter, compute, device);
    try {
      llama.merge();
      return llama;
    } catch (RuntimeException e) {
      llama.close();
      throw e;
    }
  }

  /**
   * Reads a model with an adapter beside its weights, to be trained further; see {@link #adapt}.
   *
   * @param folder the base, a folder as Hugging Face has it
   * @param adapter a folder as PEFT writes it
   * @param compute the type of the matrix products
   * @param device where weights lie and products run
   * @return the model, to be closed after use
   * @throws BadInput if a file is missing or broken, or the adapter is one for another base
   */
  public static Llama adapted(Path folder, Path adapter, Compute compute, Device device) {
    try (AdapterFolder its = AdapterFolder.open(adapter)) {
      Llama llama = open(folder, its, compute, device);
      try {
        llama.attach(Adapter.read(its, llama.manager, llama.ops));
        return llama;
      } catch (RuntimeException e) {
        llama.close();
        throw e;
      }
    }
  }

  private static Llama open(Path folder, AdapterFolder over, Compute compute, Device device) {
    ModelConfig config = ModelConfig.load(folder);
    try (Weights weights = Safetensors.open(folder)) {
      config.check(weights);
      if (over != null) {
        config = ModelConfig.load(folder, over.changes());
        over.check(config, folder);
      }
      NDManager manager = NDManager.newBaseManager(device, "PyTorch");
      Ops ops = new Ops(device);
      try {
        return new Llama(config, compute, manager, ops, weights, over);
      } catch (RuntimeException e) {
        manager.close();
        ops.close();
        throw e;
      }
    }
  }

  /** The weights of one layer, named as ops.py wants them. */
  private static NDList under(Map<String, NDArray> all, int layer) {
    String prefix = "model.layers." + layer + ".";
    NDList weights = new NDList();
    all.forEach(
        (name, weight) -> {
          if (name.startsWith(prefix)) {
            weight.setName("w." + name.substring(prefix.length()));
            weights.add(weight);
          }
        });
    return weights;
  }

  /**
   * Puts new low-rank adapters beside the weights. From now on these alone are {@link #trainable}.
   * The model is at first what it was.
   *
   * @param settings rank, scale, dropout, targets
   * @param seed of their first values
   * @throws BadInput if the model has no such projection
   */
  public void adapt(Lora settings, long seed) {
    attach(Adapter.fresh(settings, config, seed, manager));
  }

  private void attach(Adapter other) {
    adapter = other;
    for (int i = 0; i < layers.size(); i++) {
      layers.get(i).addAll(under(other.weights(), i));
    }
  }

  /** Adds the adapters to the weights, after which the model is one without. */
  public void merge() {
    adapter.mergeInto(parameters, ops);
    for (NDList layer : layers) {
      layer.removeIf(weight -> weight.getName().contains(".lora_"));
    }
    adapter.weights().values().forEach(NDArray::close);
    adapter = null;
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
   * Tells {@link #train} what to keep.
   *
   * @param on whether each layer's input alone, so that {@link Pass#backward} computes the rest
   *     once more: somewhat more time, a fraction of the memory, the same gradients
   */
  public void checkpointing(boolean on) {
    checkpointing = on;
  }

  /**
   * The weights that are to be trained: those of the adapters if there are any, else all.
   *
   * @return weight by its Hugging Face name
   */
  public Map<String, NDArray> trainable() {
    return Collections.unmodifiableMap(adapter == null ? parameters : adapter.weights());
  }

  /**
   * Runs a batch up to the last hidden states, without gradients.
   *
   * @param batch rows and labels
   * @return the states, to be closed after use
   * @throws BadInput if an id is outside the vocabulary or a row is longer than the context
   */
  public Pass evaluate(Batch batch) {
    return run(batch, false, 0);
  }

  /**
   * Runs a batch up to the last hidden states and keeps what {@link Pass#backward} needs.
   *
   * @param batch rows and labels
   * @return the states, to be closed after use
   * @throws BadInput if an id is outside the vocabulary or a row is longer than the context
   */
  public Pass train(Batch batch) {
    return train(batch, 0);
  }

  /**
   * The same; what adapters drop depends on a seed and the layer alone.
   *
   * @param batch rows and labels
   * @param seed of PyTorch's random numbers in the first layer; the next has the next seed
   * @return the states, to be closed after use
   * @throws BadInput if an id is outside the vocabulary or a row is longer than the context
   */
  public Pass train(Batch batch, int seed) {
    return run(batch, true, seed);
  }

  /**
   * Makes ready for generation: with bf16 products, weights are copied into that type.
   *
   * @return a generator with the weights as they are now, to be closed before this model is
   */
  public Generator generator() {
    requireOpen();
    return new Generator(config, decoder(config));
  }

  private void requireOpen() {
    if (!manager.isOpen()) {
      throw new BadInput("this model is closed; load it again");
    }
  }

  Ops ops() {
    return ops;
  }

  /** What turns hidden states into logits: norm [width] and projection [vocabulary, width]. */
  NDList output() {
    return new NDList(norm, head);
  }

  Decoder decoder(ModelConfig configuration) {
    return new Decoder(configuration, compute, alone(), manager, this::notFinite);
  }

  private BadInput notFinite(int[] ids) {
    return notFinite(new Batch(new int[][] {ids}, new int[][] {ids}));
  }

  /**
   * What to throw where logits are NaN or infinite.
   *
   * @param batch rows for which they are
   * @return an exception that names the first weights behind which numbers are not finite
   */
  BadInput notFinite(Batch batch) {
    boolean before = checkpointing;
    checkpointing = true; // keeps the input of every layer
    String where = "lm_head";
    try (Pass pass = train(batch)) {
      List<NDArray> states = pass.states();
      for (int i = states.size() - 1; i >= 0; i--) {
        if (!ops.finite(states.get(i))) {
          where = i == 0 ? "model.embed_tokens" : "model.layers." + (i - 1);
        }
      }
    } finally {
      checkpointing = before;
    }
    return new BadInput(
        "logits are NaN or infinite, from %s on; finite weights and a dtype that holds them are needed"
            .formatted(where));
  }

  /** The weights where they are the whole model. */
  private Map<String, NDArray> alone() {
    if (adapter != null) {
      throw new IllegalStateException("adapters stand beside the weights: merge them first");
    }
    return parameters;
  }

  private Pass run(Batch batch, boolean training, int seed) {
    requireOpen();
    batch.check(config);
    NDManager scope = manager.newSubManager();
    try {
      return forward(batch, scope, training, seed);
    } catch (RuntimeException e) {
      scope.close();
      throw e;
    }
  }

  private Pass forward(Batch batch, NDManager scope, boolean training, int seed) {
    Context context = Context.of(config, compute, rotary, ops, scope, batch.longest());
    boolean dropping = adapter != null && adapter.share(context, scope, training);
    NDArray ids = scope.create(batch.padded(), batch.shape());
    Supplier<NDArray> embed = () -> ops.call("embed", new NDList(ids, embedding));
    BiFunction<Integer, NDArray, NDArray> layer =
        (i, x) -> {
          if (dropping) {
            JniUtils.setSeed(seed + i);
          }
          return ops.call("whole_layer", context.with(x, layers.get(i)));
        };
    boolean keeping = training && checkpointing;
    List<NDArray> inputs = new ArrayList<>();
    NDArray last =
        Ops.recording(
            training && !keeping,
            () -> {
              NDArray x = embed.get(); // [batch, time, width]
              for (int i = 0; i < layers.size(); i++) {
                NDArray y = layer.apply(i, x);
                if (keeping) {
                  inputs.add(x);
                } else {
                  x.close();
                }
                x = y;
              }
              return x;
            });
    boolean learns = JniUtils.requiresGrad((PtNDArray) embedding);
    Recomputation later = keeping ? new Recomputation(inputs, layer, learns ? embed : null) : null;
    return new Pass(this, batch, scope, last, context, training, later);
  }

  /**
   * Writes a folder that transformers loads: configuration and weights, in their own type.
   *
   * @param folder where to; made if it is missing
   * @throws IOException if it cannot be written
   */
  public void save(Path folder) throws IOException {
    new Parameters(config, compute, manager, ops).save(alone(), folder);
  }

  /**
   * Writes the adapters as PEFT does.
   *
   * @param folder where to; made if it is missing
   * @param base the folder of the model that they belong to, which is named in it
   * @throws IOException if it cannot be written
   */
  public void saveAdapter(Path folder, Path base) throws IOException {
    Files.createDirectories(folder);
    adapter.save(folder, base);
  }

  @Override
  public void close() {
    manager.close();
    ops.close();
  }
}
