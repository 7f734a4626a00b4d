package io.github.derta.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * An adapter's files as PEFT has them: {@code adapter_config.json} and {@code
 * adapter_model.safetensors}, which may hold a whole embedding and output projection, too, of a
 * vocabulary that has grown.
 */
final class AdapterFolder implements AutoCloseable {

  static final String A = ".lora_A.weight";
  static final String B = ".lora_B.weight";

  /** What PEFT puts before the base's own names. */
  static final String PREFIX = "base_model.model.";

  static final String WEIGHTS = "adapter_model.safetensors";

  /** PEFT writes a replaced embedding or projection up to three times, also under these names. */
  private static final String COPIES =
      ".*\\.(embed_tokens|lm_head)\\.(modules_to_save|original_module)\\.weight";

  private static final String EMBEDDING = "model.embed_tokens.weight";
  private static final String HEAD = "lm_head.weight";

  private final Path folder;
  private final Weights tensors;
  private final Lora settings;

  private AdapterFolder(Path folder, Weights tensors, Lora settings) {
    this.folder = folder;
    this.tensors = tensors;
    this.settings = settings;
  }

  static AdapterFolder open(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new BadInput(folder + ": no such folder; an adapter as PEFT writes it is needed");
    }
    Weights tensors = Safetensors.open(folder.resolve(WEIGHTS));
    try {
      TreeSet<String> targets = new TreeSet<>();
      for (String name : tensors.names()) {
        if (name.endsWith(A)) {
          String module = name.substring(0, name.length() - A.length());
          targets.add(module.substring(module.lastIndexOf('.') + 1));
        }
      }
      return new AdapterFolder(folder, tensors, Lora.read(folder, List.copyOf(targets)));
    } catch (RuntimeException e) {
      tensors.close();
      throw e;
    }
  }

  Lora settings() {
    return settings;
  }

  Weights tensors() {
    return tensors;
  }

  /** Whether it replaces a weight of the base. */
  boolean replaces(String name) {
    return (name.equals(EMBEDDING) || name.equals(HEAD)) && tensors.names().contains(PREFIX + name);
  }

  /** What it changes in its base's {@code config.json}. */
  ObjectNode changes() {
    ObjectNode changes = JsonLines.MAPPER.createObjectNode();
    for (String name : List.of(EMBEDDING, HEAD)) {
      if (replaces(name)) {
        changes.put("vocab_size", tensors.shape(PREFIX + name)[0]);
      }
    }
    if (replaces(HEAD)) {
      changes.put("tie_word_embeddings", false);
    }
    return changes;
  }

  /** Checks that it belongs to a base, as {@link #changes} made it. */
  void check(ModelConfig config, Path base) {
    Map<String, long[]> shapes = config.tensors();
    for (String found : tensors.names()) {
      if (!found.matches(COPIES)) {
        long[] expected = expected(found, shapes);
        if (expected == null) {
          throw wrong(found, "has no place in it", config, base);
        }
        if (!Arrays.equals(expected, tensors.shape(found))) {
          String shape = Arrays.toString(tensors.shape(found));
          String there = Arrays.toString(expected);
          throw wrong(found, "has shape " + shape + ", there it would be " + there, config, base);
        }
        String other = found.endsWith(A) ? found.replace(A, B) : found.replace(B, A);
        if (!tensors.names().contains(other)) {
          throw new BadInput(tensors.path() + ": holds " + found + " and not " + other);
        }
      }
    }
    checkBase(base);
  }

  /** The shape that a tensor of such a name has for a base with these weights, or null. */
  private long[] expected(String found, Map<String, long[]> shapes) {
    String name = found.startsWith(PREFIX) ? found.substring(PREFIX.length()) : "";
    if (replaces(name)) {
      return shapes.get(name);
    }
    long[] whole = shapes.get(name.replaceFirst("\\.lora_[AB]\\.weight$", ".weight"));
    if (whole == null || whole.length != 2 || !name.startsWith("model.layers.")) {
      return null;
    }
    return name.endsWith(A)
        ? new long[] {settings.rank(), whole[1]}
        : name.endsWith(B) ? new long[] {whole[0], settings.rank()} : null;
  }

  private BadInput wrong(String tensor, String problem, ModelConfig config, Path base) {
    return new BadInput(
        "%s: an adapter for another base than %s, a %s of %d layers: tensor \"%s\" %s"
            .formatted(folder, base, config.modelType(), config.layers(), tensor, problem));
  }

  /** Where the base that it was trained on is at hand, the weights must be that base's. */
  private void checkBase(Path base) {
    Path named =
        Path.of(
            JsonLines.object(folder.resolve(Lora.FILE)).path("base_model_name_or_path").asText(""));
    try {
      if (!Files.isDirectory(named) || Files.isSameFile(named, base)) {
        return;
      }
      try (Stream<Path> files = Files.list(named)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".safetensors")).toList()) {
          Path ours = base.resolve(file.getFileName().toString());
          if (!Files.exists(ours) || Files.mismatch(file, ours) >= 0) {
            throw new BadInput(
                "%s: was trained on %s, whose weights are others than those of %s"
                    .formatted(folder, named, base));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    tensors.close();
  }
}
