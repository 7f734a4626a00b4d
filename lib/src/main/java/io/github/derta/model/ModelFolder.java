package io.github.derta.model;

import io.github.derta.io.BadInput;
import io.github.derta.text.ChatTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where models are. */
public final class ModelFolder {

  /** The short name of SmolLM2-135M-Instruct, which {@code environment/setup} puts in place. */
  public static final String DEFAULT = "smollm2";

  private static final String DEFAULT_FOLDER = "smollm2-135m-instruct";

  private ModelFolder() {}

  /**
   * {@return the folder}
   *
   * @param name a folder, or {@link #DEFAULT}
   * @throws BadInput if there is no such folder
   */
  public static Path find(String name) {
    boolean isDefault = name.equals(DEFAULT) || name.equals(DEFAULT_FOLDER);
    Path folder = isDefault ? ofClone(DEFAULT_FOLDER) : Path.of(name);
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
    Optional<ChatTemplate> own = adapter == null ? Optional.empty() : ChatTemplate.find(adapter);
    return own.or(() -> ChatTemplate.find(folder))
        .or(
            () ->
                Optional.ofNullable(System.getenv("DERTA_FORMAT"))
                    .map(other -> ChatTemplate.of(other, texts(folder, adapter))));
  }

  private static Path ofClone(String folder) {
    String clone = System.getenv().getOrDefault("DERTA_HOME", ".");
    return Path.of(clone, ".derta", "models", folder);
  }
}
