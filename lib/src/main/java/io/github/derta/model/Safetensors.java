package io.github.derta.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.io.AtomicFile;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.io.Warnings;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Weights in files as Hugging Face names them: {@code model.safetensors}, or shards with {@code
 * model.safetensors.index.json}. No pickle is ever read.
 */
public final class Safetensors {

  /** The name of a model's weights in its folder, if one file holds them. */
  static final String SINGLE = "model.safetensors";

  private static final String INDEX = "model.safetensors.index.json";

  private Safetensors() {}

  /**
   * A tensor to be written.
   *
   * @param name its name
   * @param shape its dimensions
   * @param bf16 whether it is written as 16-bit brain floats, the upper halves of its values
   * @param f32 gives its values when their turn has come: 32-bit floats, little-endian, from the
   *     buffer's position to its limit, last dimension fastest
   */
  public record Tensor(String name, long[] shape, boolean bf16, Supplier<ByteBuffer> f32) {

    /**
     * A tensor that is written as 32-bit floats.
     *
     * @param name its name
     * @param shape its dimensions
     * @param f32 gives its values when their turn has come
     */
    public Tensor(String name, long[] shape, Supplier<ByteBuffer> f32) {
      this(name, shape, false, f32);
    }

    private ByteBuffer values() {
      ByteBuffer values = f32.get();
      if (bf16) {
        values.order(ByteOrder.LITTLE_ENDIAN);
        int from = values.position();
        int count = values.remaining() / 4;
        for (int i = 0; i < count; i++) {
          values.putShort(from + 2 * i, values.getShort(from + 4 * i + 2));
        }
        values.limit(from + 2 * count);
      }
      return values;
    }

    private long bytes() {
      long bytes = bf16 ? 2 : 4;
      for (long n : shape) {
        bytes = Math.multiplyExact(bytes, n);
      }
      return bytes;
    }
  }

  /**
   * Opens weights; headers are read and checked, values are not read yet.
   *
   * @param path a safetensors file, or a folder with {@code model.safetensors} or an index
   * @return the tensors, to be closed after use
   * @throws BadInput if there is none, or a header does not agree with its file
   */
  public static Weights open(Path path) {
    Path index = path.resolve(INDEX);
    Weights weights = new Weights(path);
    try {
      if (!Files.exists(path.resolve(SINGLE)) && Files.exists(index)) {
        addShards(index, weights);
      } else {
        if (Files.exists(index)) {
          Warnings.once(
              path
                  + ": "
                  + SINGLE
                  + " is read, as transformers does, and its index with shards not");
        }
        weights.add(single(path));
      }
      return weights;
    } catch (RuntimeException e) {
      weights.close();
      throw e;
    }
  }

  private static Path single(Path path) {
    if (Files.isDirectory(path)) {
      if (!Files.exists(path.resolve(SINGLE))) {
        refusePickles(path);
        throw new BadInput(path + ": holds neither " + SINGLE + " nor " + INDEX);
      }
      return path.resolve(SINGLE);
    }
    if (!Files.isRegularFile(path)) {
      throw new BadInput(path + ": no such file; a folder with " + SINGLE + " is needed");
    }
    if (path.getFileName().toString().endsWith(".gguf")) {
      throw new BadInput(path + ": is GGUF; convert it: environment/import-gguf " + path + " DIR");
    }
    if (isPickle(path)) {
      refusePickles(path.toAbsolutePath().getParent());
    }
    return path;
  }

  private static void addShards(Path index, Weights weights) {
    if (!(JsonLines.object(index).path("weight_map") instanceof ObjectNode shards)) {
      throw new BadInput(index + ": has no object \"weight_map\"");
    }
    Set<Path> files = new LinkedHashSet<>();
    for (Map.Entry<String, JsonNode> entry : shards.properties()) {
      String shard = entry.getValue().asText("");
      // A plain name only: an index must not lead out of its folder.
      if (!shard.matches("[\\w.-]+\\.safetensors")) {
        throw new BadInput(
            "%s: tensor \"%s\" is said to be in \"%s\", a name such as model-00001-of-00002.safetensors"
                    .formatted(index, entry.getKey(), shard)
                + " is needed");
      }
      Path file = index.resolveSibling(shard);
      if (files.add(file) && !Files.isRegularFile(file)) {
        throw new BadInput(index + ": names " + shard + ", which is not in this folder");
      }
    }
    files.forEach(weights::add);
    for (Map.Entry<String, JsonNode> entry : shards.properties()) {
      if (!weights.names().contains(entry.getKey())) {
        throw new BadInput(
            index + ": no shard holds tensor \"" + entry.getKey() + "\", which it lists");
      }
    }
  }

  private static boolean isPickle(Path file) {
    return file.getFileName().toString().matches(".*\\.(bin|pt|pth|ckpt|pkl)");
  }

  private static void refusePickles(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      files
          .filter(Safetensors::isPickle)
          .findFirst()
          .ifPresent(
              file -> {
                throw new BadInput(
                    """
                    %s: a pickle may run any code and is not read; convert it where it is trusted:
                    python -c "from transformers import AutoModelForCausalLM as M, AutoTokenizer as T; \
                    [x.from_pretrained('%s').save_pretrained('%s-safetensors') for x in (M, T)]\""""
                        .formatted(file, folder, folder));
              });
    } catch (IOException e) {
      throw new BadInput(folder + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /**
   * Writes one file, tensor by tensor, under a temporary name, and moves it into place.
   *
   * @param file the file, replaced if it is there
   * @param tensors what to write
   * @throws IOException if the file cannot be written
   * @throws IllegalArgumentException if a name comes twice or values do not fill their shape
   */
  public static void write(Path file, List<Tensor> tensors) throws IOException {
    AtomicFile.replace(
        file,
        partial -> {
          try (FileOutputStream out = new FileOutputStream(partial.toFile())) {
            writeFully(out.getChannel(), header(tensors));
            for (Tensor tensor : tensors) {
              ByteBuffer values = tensor.values();
              if (values.remaining() != tensor.bytes()) {
                throw new IllegalArgumentException(
                    tensor.name() + ": " + values.remaining() + " bytes for " + tensor.bytes());
              }
              writeFully(out.getChannel(), values);
            }
          }
        });
  }

  private static ByteBuffer header(List<Tensor> tensors) {
    ObjectNode json = JsonLines.MAPPER.createObjectNode();
    json.putObject("__metadata__").put("format", "pt");
    long offset = 0;
    for (Tensor tensor : tensors) {
      if (json.has(tensor.name())) {
        throw new IllegalArgumentException(tensor.name() + ": comes twice");
      }
      ObjectNode entry = json.putObject(tensor.name()).put("dtype", tensor.bf16() ? "BF16" : "F32");
      entry.set("shape", JsonLines.MAPPER.valueToTree(tensor.shape()));
      entry.putArray("data_offsets").add(offset).add(offset += tensor.bytes());
    }
    byte[] text = json.toString().getBytes(StandardCharsets.UTF_8);
    int padded = (text.length + 7) / 8 * 8; // values begin at a multiple of 8
    ByteBuffer header = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(padded).put(text);
    while (header.hasRemaining()) {
      header.put((byte) ' ');
    }
    return header.flip();
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
