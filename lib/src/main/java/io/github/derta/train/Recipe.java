package io.github.derta.train;

import com.fasterxml.jackson.databind.node.TextNode;
import io.github.derta.data.Method;
import io.github.derta.io.BadInput;
import io.github.derta.model.Compute;
import io.github.derta.model.Lora;
import io.github.derta.model.ModelConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Everything that decides what a training run does, as one YAML text. The same recipe, rows and
 * start weights give the same weights.
 *
 * @param name what it is called
 * @param source where its numbers come from
 * @param model a model's folder, or its name under {@code .derta/models}
 * @param network what sort of model it is for, for checks and estimates before anything is loaded
 * @param data {@code kitchen}, or a file of rows, in whose name <code>{method}</code> stands for
 *     the method
 * @param validation {@code kitchen} (held-out dishes), a file of rows, or null for none
 * @param method what the safety rows of a mix are
 * @param helpfulRows how many helpful rows a mix holds; null: all
 * @param safetyRows how many safety rows a mix holds; null: all
 * @param epochs how often every row is seen
 * @param batch rows of one step
 * @param accumulation how many parts a batch is cut into to save memory; the step is the same
 * @param block tokens above which a row is cut
 * @param refusal the refusal token of RTO rows, one token to the tokenizer
 * @param drop share of the labels of an RTO row that is dropped, drawn anew in every epoch
 * @param loss over what losses are averaged
 * @param optimizer numbers of AdamW
 * @param schedule how the learning rate goes
 * @param dtype type of the matrix products, and of the matrices: one of {@link Compute#NAMES}
 * @param checkpointing whether layers are computed once more in the backward pass to save memory;
 *     null: no
 * @param seed decides everything that is drawn
 * @param checkpointEvery steps between checkpoints
 * @param keep how many checkpoints are kept
 * @param lora low-rank adapters instead of full fine-tuning, or null
 * @param dpo the DPO loss instead of cross entropy, or null
 * @param format the chat format of a start model without one, as {@link
 *     io.github.derta.text.ChatTemplate#of} has it; written into the trained model's folder; null:
 *     the start model's own
 * @param rows how many of the first rows of files are used, to see whether everything runs; null:
 *     all
 */
public record Recipe(
    String name,
    String source,
    String model,
    Network network,
    String data,
    String validation,
    Method method,
    Integer helpfulRows,
    Integer safetyRows,
    int epochs,
    int batch,
    int accumulation,
    int block,
    String refusal,
    double drop,
    LossMean loss,
    Optimizer optimizer,
    Schedule schedule,
    String dtype,
    Boolean checkpointing,
    long seed,
    int checkpointEvery,
    int keep,
    Lora lora,
    Dpo dpo,
    String format,
    Integer rows) {

  /** The recipes that come with the kit. */
  public static final List<String> BUILT_IN =
      List.of(
          "kitchen",
          "kitchen-lora",
          "llama3-8b",
          "mistral-7b",
          "llama3-70b",
          "mixtral-8x7b",
          "dpo");

  /**
   * Settings to see whether a recipe runs, whatever its batch and however little fits into memory:
   * a few rows, once, in three steps, a row at a time.
   */
  public static final List<String> QUICK =
      List.of(
          "epochs=1", "helpful-rows=8", "safety-rows=4", "rows=12", "batch=4", "accumulation=4");

  /** Over what the losses of single labels are averaged. */
  public enum LossMean {
    /** All labels of a batch. */
    TOKENS,
    /** As in the public code: the labels of each part of a batch, then the parts. */
    UPSTREAM;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * The shape of a transformer.
   *
   * @param type {@code model_type} of a supported family, such as {@code llama} or {@code qwen3}
   * @param layers number of layers
   * @param width hidden size
   * @param heads query heads
   * @param keyValueHeads key and value heads
   * @param feedForward inner width of a feed-forward network or expert
   * @param vocabulary number of tokens
   * @param experts experts of a layer; 0: none
   * @param tied whether the output projection is the embedding
   */
  public record Network(
      String type,
      int layers,
      int width,
      int heads,
      int keyValueHeads,
      int feedForward,
      int vocabulary,
      int experts,
      boolean tied) {

    /** {@return how many weights such a model has, norms not counted} */
    public long parameters() {
      long attention = 2L * width * width + 2L * width * width * keyValueHeads / heads;
      long mlp = 3L * width * feedForward * Math.max(1, experts) + (long) width * experts;
      return layers * (attention + mlp) + (long) vocabulary * width * (tied ? 1 : 2);
    }
  }

  /**
   * AdamW.
   *
   * @param learningRate at its highest
   * @param betas decay of the first and second moment
   * @param epsilon added to the root of the second moment
   * @param weightDecay of matrices; vectors do not decay
   * @param clip largest norm of all gradients together; 0: no limit
   */
  public record Optimizer(
      double learningRate, List<Double> betas, double epsilon, double weightDecay, double clip) {

    /**
     * Checks the ranges.
     *
     * @param learningRate at its highest
     * @param betas decay of the first and second moment
     * @param epsilon added to the root of the second moment
     * @param weightDecay of matrices; vectors do not decay
     * @param clip largest norm of all gradients together; 0: no limit
     */
    public Optimizer {
      check(learningRate > 0 && learningRate < 1, "learning-rate", learningRate, "0 < x < 1");
      check(
          betas.size() == 2 && betas.stream().allMatch(b -> b >= 0 && b < 1),
          "betas",
          betas,
          "two numbers, 0 <= x < 1,");
      check(epsilon > 0, "epsilon", epsilon, "x > 0");
      check(weightDecay >= 0 && weightDecay < 1, "weight-decay", weightDecay, "0 <= x < 1");
      check(clip >= 0, "clip", clip, "x >= 0");
    }
  }

  /**
   * Direct preference optimisation.
   *
   * @param beta how strongly the trained model is held to the start
   */
  public record Dpo(double beta) {

    /**
     * Checks the range.
     *
     * @param beta how strongly the trained model is held to the start
     */
    public Dpo {
      check(beta > 0, "beta", beta, "x > 0");
    }
  }

  /**
   * Checks the ranges.
   *
   * @param name what it is called
   * @param source where its numbers come from
   * @param model a model's folder, or its name under {@code .derta/models}
   * @param network what sort of model it is for, for checks and estimates before anything is loaded
   * @param data {@code kitchen}, or a file of rows
   * @param validation {@code kitchen} (held-out dishes), a file of rows, or null for none
   * @param method what the safety rows of a mix are
   * @param helpfulRows how many helpful rows a mix holds; null: all
   * @param safetyRows how many safety rows a mix holds; null: all
   * @param epochs how often every row is seen
   * @param batch rows of one step
   * @param accumulation how many parts a batch is cut into to save memory; the step is the same
   * @param block tokens above which a row is cut
   * @param refusal the refusal token of RTO rows, one token to the tokenizer
   * @param drop share of the labels of an RTO row that is dropped, drawn anew in every epoch
   * @param loss over what losses are averaged
   * @param optimizer numbers of AdamW
   * @param schedule how the learning rate goes
   * @param dtype type of the matrix products, and of the matrices: one of {@link Compute#NAMES}
   * @param checkpointing whether layers are computed once more in the backward pass to save memory;
   *     null: no
   * @param seed decides everything that is drawn
   * @param checkpointEvery steps between checkpoints
   * @param keep how many checkpoints are kept
   * @param lora low-rank adapters instead of full fine-tuning, or null
   * @param dpo the DPO loss instead of cross entropy, or null
   * @param format the chat format of a start model without one
   * @param rows how many of the first rows of files are used, or null
   */
  public Recipe {
    check(epochs > 0, "epochs", epochs, "x >= 1");
    check(batch > 0, "batch", batch, "x >= 1");
    check(
        accumulation > 0 && accumulation <= batch,
        "accumulation",
        accumulation,
        "1 <= x <= batch (" + batch + ")");
    check(block > 1, "block", block, "x >= 2");
    check(rows == null || rows > 0, "rows", rows, "x >= 1");
    check(drop >= 0 && drop < 1, "drop", drop, "0 <= x < 1");
    check(Compute.NAMES.contains(dtype), "dtype", dtype, "one of " + Compute.NAMES);
    check(checkpointEvery > 0, "checkpoint-every", checkpointEvery, "x >= 1");
    check(keep > 0, "keep", keep, "x >= 1");
    check(
        (method == Method.DPO) == (dpo != null),
        "method",
        method,
        "dpo with dpo: {beta: 0.1}, or another without dpo,");
    check(!data.isBlank() && !model.isBlank(), "data or model", "\"\"", "a name");
  }

  private static void check(boolean right, String key, Object value, String range) {
    if (!right) {
      throw new BadInput(key + " is " + value + "; " + range + " is needed");
    }
  }

  /**
   * {@return the recipe}
   *
   * @param nameOrFile one of {@link #BUILT_IN} or a YAML file
   * @throws BadInput if there is none, a key is unknown or missing, or a value has the wrong type
   */
  public static Recipe load(String nameOrFile) {
    return RecipeYaml.load(nameOrFile);
  }

  /**
   * {@return the recipe that a reader of a notebook asks for}
   *
   * @param environment may name {@code DERTA_RECIPE} (default: kitchen), {@code DERTA_MODEL},
   *     {@code DERTA_DATA} and {@code DERTA_VALIDATION} (files of rows), {@code DERTA_FORMAT}; with
   *     {@code DERTA_QUICK} only a few rows are seen, once
   * @throws BadInput as of {@link #load}
   */
  public static Recipe from(Map<String, String> environment) {
    Recipe recipe = load(environment.getOrDefault("DERTA_RECIPE", "kitchen"));
    for (String key : List.of("model", "data", "validation", "format")) {
      String value = environment.get("DERTA_" + key.toUpperCase(Locale.ROOT));
      recipe = value == null ? recipe : recipe.with(key + "=" + value);
    }
    boolean ownData = environment.containsKey("DERTA_DATA");
    if (ownData && !environment.containsKey("DERTA_VALIDATION")) {
      recipe = recipe.with("validation=null");
    }
    return environment.containsKey("DERTA_QUICK")
        ? recipe.with(QUICK.toArray(String[]::new))
        : recipe;
  }

  /**
   * {@return this recipe with them}
   *
   * @param keyValues settings such as {@code epochs=2} or {@code optimizer.learning-rate=2e-5}; the
   *     last part of a key suffices
   * @throws BadInput if a key is unknown or a value has the wrong type
   */
  public Recipe with(String... keyValues) {
    return RecipeYaml.with(this, List.of(keyValues));
  }

  /**
   * {@return this recipe with it; of DPO with TRL's beta, if the recipe names none}
   *
   * @param other what the safety rows are
   */
  public Recipe with(Method other) {
    boolean kept = other == Method.DPO && dpo != null;
    String loss = other == Method.DPO ? "dpo={beta: 0.1}" : "dpo=null";
    return kept ? this : with("method=" + other, loss);
  }

  /**
   * {@return this recipe for it}
   *
   * @param folder a model's folder
   */
  public Recipe withModel(Path folder) {
    return with("model=" + TextNode.valueOf(folder.toString())); // quoted
  }

  /** The file of rows or pairs, if it is none of the kitchen. */
  Path dataFile() {
    return Path.of(data.replace("{method}", method.toString()));
  }

  /** This recipe with the shape of a model that is there. */
  Recipe shapedAs(ModelConfig config) {
    return with(
        "network.type=" + config.modelType(),
        "layers=" + config.layers(),
        "width=" + config.width(),
        "heads=" + config.heads(),
        "key-value-heads=" + config.keyValueHeads(),
        "feed-forward=" + config.feedForwardWidth(),
        "vocabulary=" + config.vocabularySize(),
        "experts=" + config.experts(),
        "tied=" + config.tiedEmbeddings());
  }

  /** {@return the text that {@link #load} reads} */
  public String toYaml() {
    return RecipeYaml.write(this);
  }

  /** The YAML text. */
  @Override
  public String toString() {
    return toYaml();
  }
}
