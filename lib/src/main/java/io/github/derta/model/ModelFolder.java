package io.github.derta.model;

import io.github.derta.io.BadInput;
import io.github.derta.io.Download;
import io.github.derta.io.Hashes;
import io.github.derta.text.ChatTemplate;
import io.github.derta.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Where models are. */
public final class ModelFolder {

  /** The short name of SmolLM2-135M-Instruct, which {@code environment/setup} puts in place. */
  public static final String DEFAULT = "smollm2";

  private static final String DEFAULT_FOLDER = "smollm2-135m-instruct";

  private static final Pattern COMPANIONS =
      Pattern.compile(
          "tokenizer.*|special_tokens_map.json|added_tokens.json|vocab.*|merges.txt"
              + "|chat_template.*|generation_config.json|LICENSE.*|NOTICE.*");

  private static final Pattern DECIDING =
      Pattern.compile(
          ".*\\.safetensors|(adapter_|generation_)?config\\.json|tokenizer(_config)?\\.json"
              + "|special_tokens_map\\.json|chat_template\\..*");

  private ModelFolder() {}

  /**
   * {@return the folder}
   *
   * @param name a folder, or {@link #DEFAULT}
   * @throws BadInput if there is no such folder
   */
  public static Path find(String name) {
    boolean isDefault = name.equals(DEFAULT) || name.equals(DEFAULT_FOLDER);
    Path folder =
        isDefault ? Download.HOME.resolve("models").resolve(DEFAULT_FOLDER) : Path.of(name);
    if (!Files.isDirectory(folder)) {
      throw new BadInput(
          folder
              + ": no such folder; "
              + (isDefault
                  ? "environment/setup makes it"
                  : "a Hugging Face model folder is needed, or the name " + DEFAULT));
    }
    return folder;
  }

  /**
   * {@return SHA-256 by name of each file that decides what a model says: weights, configuration,
   * tokenizer, chat format}
   *
   * @param folder a model's or an adapter's
   * @throws BadInput if it cannot be read
   */
  public static SortedMap<String, String> hashes(Path folder) {
    SortedMap<String, String> hashes = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (DECIDING.matcher(name).matches()) {
          hashes.put(name, Hashes.sha256(file));
        }
      }
    } catch (IOException e) {
      throw new BadInput(folder + ": cannot be read (" + e.getMessage() + ")", e);
    }
    return hashes;
  }

  /**
   * {@return the folder whose tokenizer and chat format go with them}
   *
   * @param folder a model's
   * @param adapter an adapter's, which may have a tokenizer with more tokens; null: none
   */
  public static Path texts(Path folder, Path adapter) {
    boolean own = adapter != null && Files.exists(adapter.resolve("tokenizer.json"));
    return own ? adapter : folder;
  }

  /**
   * {@return their chat format: the one asked for, else the adapter's own, else the model's, else
   * that of the environment variable DERTA_FORMAT}
   *
   * @param folder a model's
   * @param adapter an adapter's; null: none
   * @param format as {@link ChatTemplate#of} has it; null: none is asked for
   * @throws BadInput if there is none of that name, or a file cannot be read
   */
  public static Optional<ChatTemplate> template(Path folder, Path adapter, String format) {
    if (format != null) {
      return Optional.of(ChatTemplate.of(format, texts(folder, adapter)));
    }
    return ofAdapter(folder, adapter)
        .or(() -> ChatTemplate.find(folder))
        .or(
            () ->
                Optional.ofNullable(System.getenv("DERTA_FORMAT"))
                    .map(other -> ChatTemplate.of(other, texts(folder, adapter))));
  }

  /** Without a tokenizer of its own an adapter's template has the special tokens of the base. */
  private static Optional<ChatTemplate> ofAdapter(Path folder, Path adapter) {
    if (adapter == null) {
      return Optional.empty();
    }
    Path file = adapter.resolve("chat_template.jinja");
    return Files.isRegularFile(file)
        ? Optional.of(ChatTemplate.of(file.toString(), texts(folder, adapter)))
        : ChatTemplate.find(adapter);
  }

  /**
   * Tells what is wrong with tokenizer and chat format before any weight is read.
   *
   * @param folder a model's
   * @param adapter an adapter's; null: none
   * @param format as {@link #template} has it
   * @param prompts what is to be asked, one of each kind
   * @throws BadInput if a file is missing or broken, or a prompt needs a chat format and there is
   *     none
   */
  public static void check(Path folder, Path adapter, String format, List<Prompt> prompts) {
    Optional<ChatTemplate> template = template(folder, adapter, format);
    try (Tokenizer tokenizer = Tokenizer.load(texts(folder, adapter))) {
      prompts.forEach(prompt -> prompt.encoded(tokenizer, template));
    }
  }

  /**
   * Copies what a model's folder holds beside weights and their configuration.
   *
   * @param from a model's folder, or an adapter's
   * @param to where to; what is there already is replaced
   * @throws IOException if a file cannot be copied
   */
  public static void copyCompanions(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (COMPANIONS.matcher(name).matches()) {
          Files.copy(file, to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }
}
