package io.github.derta.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * The peak of memory while prompts are scored, for environment/bench/autodan: a random network of
 * two layers, width 1,024 and 128,256 tokens; prompts of 512 tokens, 64 of them the same in all;
 * eight tokens to score.
 *
 * <p>Arguments: an empty folder, in which the model is made, or {@code FOLDER N}: N prompts. Prints
 * the peak of resident memory above that of the loaded model, in bytes.
 */
final class LikelihoodBench {

  private static final int SHARED = 64;

  private LikelihoodBench() {}

  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    if (args.length == 1) {
      Files.writeString(
          folder.resolve("config.json"),
          """
          {"model_type": "llama", "vocab_size": 128256, "hidden_size": 1024,
           "intermediate_size": 4096, "num_hidden_layers": 2, "num_attention_heads": 16,
           "num_key_value_heads": 4, "max_position_embeddings": 2048, "rms_norm_eps": 1e-5,
           "rope_theta": 500000.0, "tie_word_embeddings": true, "bos_token_id": 1,
           "eos_token_id": 2, "torch_dtype": "float32"}
          """);
      TinyChat.writeRandomWeights(folder);
      return;
    }
    Random random = new Random(1);
    int[] head = random.ints(SHARED, 0, 128_256).toArray();
    List<int[]> prompts =
        Stream.generate(() -> random.ints(512, 0, 128_256).toArray())
            .limit(Integer.parseInt(args[1]))
            .peek(prompt -> System.arraycopy(head, 0, prompt, 0, SHARED))
            .toList();
    int[] continuation = random.ints(8, 0, 128_256).toArray();
    try (Llama llama = Llama.load(folder);
        Generator generator = llama.generator()) {
      // What libraries set aside once, and the collector's share, are not the prompts'.
      generator.meanLogLikelihoods(prompts.subList(0, 1), continuation);
      System.gc();
      Files.writeString(Path.of("/proc/self/clear_refs"), "5"); // forgets the peak of loading
      long before = ModelBench.status("VmRSS:");
      generator.meanLogLikelihoods(prompts, continuation);
      System.out.println(ModelBench.status("VmHWM:") - before);
    }
  }
}
