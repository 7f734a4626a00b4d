package io.github.derta.model;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

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

  static final String EMBEDDING = "model.embed_tokens.weight";
  static final String HEAD = "lm_head.weight";

  private final Path folder;
  private final ObjectNode json;
  private final Weights tensors;
  private final Lora settings;

  private AdapterFolder(Path folder, ObjectNode json, Weights tensors) {
    this.folder = folder;
    this.json = json;
    this.tensors = tensors;
    TreeSet<String> targets = new TreeSet<>();
    tensors.names().forEach(name -> checkName(name, targets));
    settings = Lora.of(folder, json, List.copyOf(targets));
    for (JsonNode module : json.path("modules_to_save")) {
      String name =
          module.asText().equals("embed_tokens") ? EMBEDDING : module.asText() + ".weight";
      if (!name.equals(EMBEDDING) && !name.equals(HEAD)) {
        Path file = folder.resolve(Lora.FILE);
        throw KnownKeys.wrong(file, "modules_to_save", module, "embed_tokens or lm_head");
      }
      if (!replaces(name)) {
        throw wrong(PREFIX + name, "is missing, which modules_to_save names");
      }
    }
  }

  static AdapterFolder open(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new BadInput(folder + ": no such folder; an adapter as PEFT writes it is needed");
    }
    Path pickle = folder.resolve("adapter_model.bin");
    if (!Files.exists(folder.resolve(WEIGHTS)) && Files.exists(pickle)) {
      throw new BadInput(
          """
          %s: a pickle may run any code and is not read; convert it where it is trusted: python -c \
          "import torch, safetensors.torch as s; \
          s.save_file(torch.load('%s', weights_only=True), '%s')\""""
              .formatted(pickle, pickle, folder.resolve(WEIGHTS)));
    }
    Weights tensors = Safetensors.open(folder.resolve(WEIGHTS));
    try {
      return new AdapterFolder(folder, Lora.config(folder), tensors);
    } catch (RuntimeException e) {
      tensors.close();
      throw e;
    }
  }

  /** Refuses what PEFT would not load, and collects the projections that have an adapter. */
  private void checkName(String name, Set<String> targets) {
    String module = name.replaceFirst("\\.lora_[AB]\\.weight$", "");
    if (name.contains(".default.")) {
      throw wrong(name, "names an adapter; PEFT's save_pretrained writes the names that it loads");
    }
    if (name.matches(COPIES)) {
      String plain = name.replaceFirst("\\.\\w+\\.weight$", ".weight");
      if (!tensors.names().contains(plain)) {
        throw wrong(name, "is a copy of " + plain + ", which is missing");
      }
    } else if (name.contains(".lora_embedding_") || module.endsWith(".lm_head")) {
      throw wrong(name, "adapts the embedding or the output; list it in modules_to_save instead");
    } else if (!module.equals(name)) {
      if (!targeted(module.replaceFirst("^base_model\\.model\\.", ""))) {
        throw wrong(
            name, "is not adapted by target_modules and layers_to_transform of " + Lora.FILE);
      }
      targets.add(module.substring(module.lastIndexOf('.') + 1));
    }
  }

  /** As PEFT finds modules: by a regular expression, or by their last names. */
  private boolean targeted(String module) {
    JsonNode layers = json.path("layers_to_transform");
    Set<String> kept = new TreeSet<>();
    layers.forEach(layer -> kept.add(layer.asText()));
    if (layers.isInt() || !kept.isEmpty()) {
      kept.add(layers.asText());
      if (!kept.contains(module.replaceAll("\\D*(\\d+).*", "$1"))) {
        return false;
      }
    }
    JsonNode targets = json.path("target_modules");
    if (targets.isTextual()) {
      try {
        return targets.asText().equals("all-linear") || module.matches(targets.asText());
      } catch (PatternSyntaxException e) {
        Path file = folder.resolve(Lora.FILE);
        throw KnownKeys.wrong(file, "target_modules", targets, "a list of names");
      }
    }
    return StreamSupport.stream(targets.spliterator(), false)
        .anyMatch(target -> ("." + module).endsWith("." + target.asText()));
  }

  private BadInput wrong(String tensor, String problem) {
    return new BadInput("%s: tensor \"%s\" %s".formatted(tensors.path(), tensor, problem));
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
    boolean saved = json.path("modules_to_save").toString().contains("\"embed_tokens\"");
    if (replaces(HEAD) || replaces(EMBEDDING) && saved) {
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
    JsonNode name = json.path("base_model_name_or_path");
    Path named = Path.of(name.isTextual() ? name.asText() : "");
    try {
      if (named.toString().isEmpty()
          || !Files.isDirectory(named)
          || Files.isSameFile(named, base)) {
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
