package io.github.derta.model;

import ai.djl.Device;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/** A Llama of a few thousand random weights that has a chat format and says nothing of sense. */
final class TinyChat {

  static final int CONTEXT = 256;

  private TinyChat() {}

  static LocalModel in(Path folder, boolean chats) throws IOException {
    Path model = Files.createDirectory(folder.resolve("tiny"));
    Files.writeString(
        model.resolve("config.json"),
        """
        {"model_type": "llama", "vocab_size": 294, "hidden_size": 32, "intermediate_size": 64,
         "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
         "max_position_embeddings": %d, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
         "tie_word_embeddings": true, "bos_token_id": 1, "eos_token_id": 2,
         "torch_dtype": "float32"}
        """
            .formatted(CONTEXT));
    copy("tiny-tokenizer/tokenizer.json", model.resolve("tokenizer.json"));
    if (chats) {
      copy("chatml.jinja", model.resolve("chat_template.jinja"));
    }
    writeRandomWeights(model);
    return LocalModel.load(model, Compute.F32, Device.cpu(), 4);
  }

  /** Weights for the {@code config.json} of a folder. */
  static void writeRandomWeights(Path model) throws IOException {
    Random random = new Random(1);
    List<Safetensors.Tensor> tensors = new ArrayList<>();
    ModelConfig.load(model)
        .tensors()
        .forEach(
            (name, shape) ->
                tensors.add(
                    new Safetensors.Tensor(name, shape, () -> values(name, shape, random))));
    Safetensors.write(model.resolve("model.safetensors"), tensors);
  }

  private static ByteBuffer values(String name, long[] shape, Random random) {
    int n = (int) LongStream.of(shape).reduce(1, (a, b) -> a * b);
    ByteBuffer bytes = ByteBuffer.allocate(4 * n).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < n; i++) {
      bytes.putFloat(name.endsWith("norm.weight") ? 1 : 0.5f * (float) random.nextGaussian());
    }
    return bytes.flip();
  }

  private static void copy(String resource, Path to) throws IOException {
    try (InputStream in = TinyChat.class.getResourceAsStream("/io/github/derta/text/" + resource)) {
      Files.write(to, in.readAllBytes());
    }
  }
}
