package io.github.derta.model;

import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.io.Warnings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * What {@code config.json} says of a network, read as transformers 4 and 5 write it. A value that
 * is absent, or null, is the default of transformers' configuration class of that {@code
 * model_type}.
 *
 * @param modelType {@code llama}, {@code mistral}, {@code mixtral}, {@code qwen2}, {@code qwen3} or
 *     {@code smollm3}
 * @param vocabularySize rows of the embedding
 * @param width the hidden size
 * @param layers number of transformer layers
 * @param heads number of query heads
 * @param keyValueHeads number of key and value heads, a divisor of {@code heads}
 * @param headWidth width of one head
 * @param feedForwardWidth inner width of a feed-forward network or of one expert
 * @param normEpsilon added to the mean square in RMS normalisation
 * @param ropeTheta base of the rotary position angles
 * @param ropeScaling the stretching of these angles, if any
 * @param maxPositions the longest text the model was made for, in tokens
 * @param slidingWindow how many tokens a position sees, itself counted; empty: all before it
 * @param qkvBias whether the projections to queries, keys and values have a bias
 * @param outputBias whether the output projection of attention has one
 * @param qkNorm whether the queries and keys of each head are normalised
 * @param layersWithoutRope numbers of the layers whose attention knows no positions, from 0
 * @param mlpBias whether the three feed-forward projections have one
 * @param tiedEmbeddings whether the output projection is the embedding
 * @param experts number of experts of each layer; 0: one dense feed-forward network
 * @param expertsPerToken how many of them a token visits; 0 without experts
 * @param endIds the tokens that end an answer; those of {@code generation_config.json} first
 * @param json the file as it was read
 */
public record ModelConfig(
    String modelType,
    int vocabularySize,
    int width,
    int layers,
    int heads,
    int keyValueHeads,
    int headWidth,
    int feedForwardWidth,
    double normEpsilon,
    double ropeTheta,
    Optional<RopeScaling> ropeScaling,
    int maxPositions,
    OptionalInt slidingWindow,
    boolean qkvBias,
    boolean outputBias,
    boolean qkNorm,
    Set<Integer> layersWithoutRope,
    boolean mlpBias,
    boolean tiedEmbeddings,
    int experts,
    int expertsPerToken,
    List<Integer> endIds,
    ObjectNode json) {

  static final String GENERATION = "generation_config.json";

  /**
   * Rope scaling for longer texts. {@code linear} divides all frequencies by {@code factor}; {@code
   * llama3} and {@code yarn} divide low ones, keep high ones and blend those between.
   *
   * @param type {@code linear}, {@code llama3} or {@code yarn}
   * @param factor divides frequencies
   * @param low turns within the original length up to which a frequency is low
   * @param high turns within the original length from which a frequency is high
   * @param originalMaxPositions the length before scaling, in tokens
   * @param truncate whether the bounds of yarn are rounded to whole dimensions
   * @param attentionFactor cosines and sines are multiplied by it; 1 but for yarn
   */
  public record RopeScaling(
      String type,
      double factor,
      double low,
      double high,
      int originalMaxPositions,
      boolean truncate,
      double attentionFactor) {}

  /**
   * Reads {@code config.json} and, if it is there, {@code generation_config.json}.
   *
   * @param folder a model's folder as Hugging Face has it
   * @return what it says
   * @throws BadInput if there is none, it asks for what is not supported, or it contradicts itself
   */
  public static ModelConfig load(Path folder) {
    return load(folder, JsonLines.MAPPER.createObjectNode());
  }

  /**
   * Reads what a base is with an adapter, which may bring a larger vocabulary.
   *
   * @param folder a model's folder as Hugging Face has it
   * @param adapter an adapter's folder as PEFT writes it; null: none
   * @return what they say
   * @throws BadInput as {@link #load(Path)}, and if there is no such adapter
   */
  public static ModelConfig load(Path folder, Path adapter) {
    if (adapter == null) {
      return load(folder);
    }
    try (AdapterFolder its = AdapterFolder.open(adapter)) {
      return load(folder, its.changes());
    }
  }

  /** The same, with other values for some fields. */
  static ModelConfig load(Path folder, ObjectNode changes) {
    Path file = folder.resolve("config.json");
    if (!Files.isRegularFile(file)) {
      throw new BadInput(file + ": no such file; a Hugging Face model folder is needed");
    }
    Path generation = folder.resolve(GENERATION);
    ObjectNode chosen = Files.isRegularFile(generation) ? JsonLines.object(generation) : null;
    if (chosen != null) {
      KnownKeys.check(generation, chosen, MissingNode.getInstance(), GENERATION);
    }
    return new ConfigReader(file, JsonLines.object(file).setAll(changes)).read(chosen);
  }

  /**
   * Writes {@code config.json} as it was read, but for the type of the weights.
   *
   * @param folder an existing folder
   * @param dtype of the weights, such as {@code float32}
   * @throws IOException if it cannot be written
   */
  public void save(Path folder, String dtype) throws IOException {
    ObjectNode copy = json.deepCopy();
    copy.put(copy.has("dtype") ? "dtype" : "torch_dtype", dtype);
    Files.writeString(folder.resolve("config.json"), copy.toPrettyString() + "\n");
  }

  /**
   * Every tensor of the network, from the embedding to the output projection, which is absent if it
   * is tied.
   *
   * @return shape by name; a matrix is [out, in]
   */
  public Map<String, long[]> tensors() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    shapes.put("model.embed_tokens.weight", new long[] {vocabularySize, width});
    for (int layer = 0; layer < layers; layer++) {
      String prefix = "model.layers." + layer + ".";
      shapes.put(prefix + "input_layernorm.weight", new long[] {width});
      long queries = (long) heads * headWidth;
      long keys = (long) keyValueHeads * headWidth;
      String attention = prefix + "self_attn.";
      linear(shapes, attention + "q_proj", queries, width, qkvBias);
      linear(shapes, attention + "k_proj", keys, width, qkvBias);
      linear(shapes, attention + "v_proj", keys, width, qkvBias);
      linear(shapes, attention + "o_proj", width, queries, outputBias);
      if (qkNorm) {
        shapes.put(attention + "q_norm.weight", new long[] {headWidth});
        shapes.put(attention + "k_norm.weight", new long[] {headWidth});
      }
      shapes.put(prefix + "post_attention_layernorm.weight", new long[] {width});
      if (experts == 0) {
        linear(shapes, prefix + "mlp.gate_proj", feedForwardWidth, width, mlpBias);
        linear(shapes, prefix + "mlp.up_proj", feedForwardWidth, width, mlpBias);
        linear(shapes, prefix + "mlp.down_proj", width, feedForwardWidth, mlpBias);
      } else {
        String moe = prefix + "block_sparse_moe.";
        linear(shapes, moe + "gate", experts, width, false);
        for (int expert = 0; expert < experts; expert++) {
          String name = moe + "experts." + expert + ".";
          linear(shapes, name + "w1", feedForwardWidth, width, false);
          linear(shapes, name + "w2", width, feedForwardWidth, false);
          linear(shapes, name + "w3", feedForwardWidth, width, false);
        }
      }
    }
    shapes.put("model.norm.weight", new long[] {width});
    if (!tiedEmbeddings) {
      shapes.put("lm_head.weight", new long[] {vocabularySize, width});
    }
    return shapes;
  }

  private static void linear(
      Map<String, long[]> shapes, String name, long out, long in, boolean bias) {
    shapes.put(name + ".weight", new long[] {out, in});
    if (bias) {
      shapes.put(name + ".bias", new long[] {out});
    }
  }

  /**
   * Checks weights against this configuration: every tensor there, in its shape, and none that the
   * network does not know. The angles that old checkpoints store ({@code rotary_emb.inv_freq}) and
   * a tied output projection may be there and are not used.
   *
   * @param weights what a folder holds
   * @throws BadInput if they do not belong together
   */
  public void check(Weights weights) {
    if ((long) layers * Math.max(1, experts) > weights.names().size()) {
      throw new BadInput(
          "%s: %d tensors are too few for %d layers, which config.json asks for"
              .formatted(weights.path(), weights.names().size(), layers));
    }
    Map<String, long[]> expected = tensors();
    expected.forEach((name, shape) -> checkShape(weights, name, shape));
    TreeSet<String> unknown = new TreeSet<>(weights.names());
    unknown.removeAll(expected.keySet());
    unknown.removeIf(name -> name.endsWith(".rotary_emb.inv_freq"));
    if (tiedEmbeddings && unknown.remove(AdapterFolder.HEAD)) {
      if (!weights.same(AdapterFolder.HEAD, AdapterFolder.EMBEDDING)) {
        Warnings.once(
            weights.path()
                + ": tensor \"lm_head.weight\" differs from the embedding and is not used,"
                + " as tie_word_embeddings of config.json is true");
      }
    }
    if (!unknown.isEmpty()) {
      throw new BadInput(
          "%s: tensor \"%s\"%s has no place in a %s of %d layers as config.json describes it"
              .formatted(
                  weights.path(),
                  unknown.first(),
                  unknown.size() == 1 ? "" : " (and " + (unknown.size() - 1) + " others)",
                  modelType,
                  layers));
    }
  }

  private static void checkShape(Weights weights, String name, long[] shape) {
    if (!weights.names().contains(name)) {
      throw new BadInput(
          "%s: tensor \"%s\" %s is missing, config.json asks for it"
              .formatted(weights.path(), name, Arrays.toString(shape)));
    }
    long[] found = weights.shape(name);
    if (!Arrays.equals(found, shape)) {
      throw new BadInput(
          "%s: tensor \"%s\" has shape %s, config.json asks for %s"
              .formatted(weights.path(), name, Arrays.toString(found), Arrays.toString(shape)));
    }
  }
}
