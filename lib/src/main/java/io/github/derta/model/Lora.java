package io.github.derta.model;

import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How low-rank adapters are made (Hu et al. 2021): beside a projection W lies a product, so that it
 * gives {@code W x + alpha / rank * B A dropout(x)}, and only A and B are learned.
 *
 * @param rank inner width of the product
 * @param alpha the product is scaled by alpha / rank
 * @param dropout share of the inputs of A that is dropped in training
 * @param targets the projections that get one
 */
public record Lora(int rank, double alpha, double dropout, List<String> targets) {

  /** The projections that may get one; the last three are those of Mixtral's experts. */
  public static final List<String> TARGETS =
      List.of(
          "q_proj",
          "k_proj",
          "v_proj",
          "o_proj",
          "gate_proj",
          "up_proj",
          "down_proj",
          "w1",
          "w2",
          "w3");

  /** The name that PEFT gives the settings in an adapter's folder. */
  static final String FILE = "adapter_config.json";

  /**
   * Checks the ranges.
   *
   * @param rank inner width of the product
   * @param alpha the product is scaled by alpha / rank
   * @param dropout share of the inputs of A that is dropped in training
   * @param targets the projections that get one
   */
  public Lora {
    check(rank > 0, "rank", rank, "x >= 1");
    check(alpha > 0, "alpha", alpha, "x > 0");
    check(dropout >= 0 && dropout < 1, "dropout", dropout, "0 <= x < 1");
    boolean known = !targets.isEmpty() && TARGETS.containsAll(targets);
    check(known, "targets", targets, "some of " + String.join(", ", TARGETS));
  }

  private static void check(boolean right, String key, Object value, String range) {
    if (!right) {
      throw new BadInput("lora: " + key + " is " + value + "; " + range + " is needed");
    }
  }

  /** What the product is multiplied with. */
  double scale() {
    return alpha / rank;
  }

  /** PEFT's file, which asks for no more than this. */
  static ObjectNode config(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new BadInput(file + ": no such file; an adapter's folder as PEFT writes it is needed");
    }
    ObjectNode json = JsonLines.object(file);
    if (!json.path("peft_type").asText().equals("LORA")) {
      throw new BadInput(file + ": peft_type is " + json.get("peft_type") + "; LORA is needed");
    }
    KnownKeys.check(file, json, MissingNode.getInstance(), FILE);
    return json;
  }

  /** What PEFT's file says; the targets are those that the weights beside it have. */
  static Lora of(Path folder, ObjectNode json, List<String> targets) {
    for (String key : List.of("r", "lora_alpha", "lora_dropout")) {
      if (json.hasNonNull(key) && !json.get(key).isNumber()) {
        throw KnownKeys.wrong(folder.resolve(FILE), key, json.get(key), "a number");
      }
    }
    // Defaults of PEFT.
    int rank = json.path("r").asInt(8);
    double alpha = json.path("lora_alpha").asDouble(8);
    double dropout = json.path("lora_dropout").asDouble();
    // Rank-stabilised adapters are scaled by alpha over the root of the rank.
    boolean stabilised = json.path("use_rslora").asBoolean();
    try {
      return new Lora(rank, stabilised ? alpha * Math.sqrt(rank) : alpha, dropout, targets);
    } catch (BadInput e) {
      throw new BadInput(folder.resolve(FILE) + ": " + e.getMessage(), e);
    }
  }

  /** Writes PEFT's file. */
  void write(Path folder, String base) throws IOException {
    ObjectNode json = JsonLines.MAPPER.createObjectNode();
    json.put("peft_type", "LORA").put("task_type", "CAUSAL_LM").put("inference_mode", true);
    json.put("base_model_name_or_path", base);
    json.put("r", rank).put("lora_alpha", alpha).put("lora_dropout", dropout);
    json.set("target_modules", JsonLines.MAPPER.valueToTree(targets));
    json.put("bias", "none").put("fan_in_fan_out", false);
    Files.writeString(folder.resolve(FILE), json.toPrettyString() + "\n");
  }
}
