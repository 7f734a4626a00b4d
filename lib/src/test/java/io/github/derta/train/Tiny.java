package io.github.derta.train;

import io.github.derta.data.Preference;
import io.github.derta.data.Row;
import io.github.derta.io.JsonLines;
import io.github.derta.model.ModelConfig;
import io.github.derta.model.Safetensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A Llama of a few thousand weights with a tokenizer of words, and rows for it. */
public final class Tiny {

  private static final int WORDS = 60;

  private Tiny() {}

  /** Writes the model. */
  public static Path model(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "llama", "vocab_size": 64, "hidden_size": 32, "intermediate_size": 64,
         "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
         "max_position_embeddings": 128, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
         "tie_word_embeddings": true, "bos_token_id": 1, "eos_token_id": 2,
         "torch_dtype": "float32"}
        """);
    Random random = new Random(1);
    List<Safetensors.Tensor> tensors = new ArrayList<>();
    ModelConfig.load(folder)
        .tensors()
        .forEach(
            (name, shape) ->
                tensors.add(
                    new Safetensors.Tensor(name, shape, () -> values(name, shape, random))));
    Safetensors.write(folder.resolve("model.safetensors"), tensors);
    Map<String, Integer> vocabulary = new TreeMap<>(Map.of("<unk>", 0, "<s>", 1, "</s>", 2));
    vocabulary.put("Sorry", 3);
    for (int i = 0; i < WORDS; i++) {
      vocabulary.put("w" + i, 4 + i);
    }
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
         "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null,
         "decoder": null,
         "model": {"type": "WordLevel", "unk_token": "<unk>", "vocab": %s}}
        """
            .formatted(JsonLines.MAPPER.writeValueAsString(vocabulary)));
    return folder;
  }

  private static ByteBuffer values(String name, long[] shape, Random random) {
    int n = 1;
    for (long d : shape) {
      n *= (int) d;
    }
    ByteBuffer bytes = ByteBuffer.allocate(4 * n).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < n; i++) {
      bytes.putFloat(name.endsWith("norm.weight") ? 1 : 0.1f * (float) random.nextGaussian());
    }
    return bytes.flip();
  }

  /** Writes rows of unequal length, every third one RTO. */
  public static Path rows(Path file, int count) throws IOException {
    Random random = new Random(2);
    List<Map<String, String>> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Row.Kind kind = i % 3 == 2 ? Row.Kind.RTO : Row.Kind.NEXT_TOKEN;
      rows.add(new Row(words(random, 2, 5), words(random, 4, 16), kind).toJson());
    }
    JsonLines.write(file, rows.iterator());
    return file;
  }

  /** Writes preference pairs; the better answers like even words. */
  static Path pairs(Path file, int count) throws IOException {
    Random random = new Random(3);
    List<Preference> pairs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String[] answers = {words(random, 4, 16) + " </s>", words(random, 4, 16) + " </s>"};
      pairs.add(
          new Preference(
              words(random, 2, 5), answers[0].replaceAll("(w\\d*)[13579]\\b", "$12"), answers[1]));
    }
    JsonLines.write(file, pairs.iterator());
    return file;
  }

  private static String words(Random random, int least, int most) {
    StringBuilder text = new StringBuilder();
    for (int n = least + random.nextInt(most - least); n >= 0; n--) {
      text.append("w").append(random.nextInt(WORDS)).append(n == 0 ? "" : " ");
    }
    return text.toString();
  }

  /** A recipe for both: 12 steps for 32 rows. */
  static Recipe recipe(Path folder, String... settings) {
    return Recipe.load("kitchen")
        .with(
            "model=" + folder.resolve("tiny"),
            "data=" + folder.resolve("rows.jsonl"),
            "validation=null",
            "epochs=3",
            "batch=8",
            "learning-rate=1e-2",
            "drop=0.5",
            "dtype=f32",
            "checkpoint-every=2")
        .with(settings);
  }
}
