package io.github.derta.model;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * Opens the models that help an attack: an attacker, a judge, a mutator. A local one is loaded when
 * it is first asked, and once, however many roles it has.
 */
public final class HelperModels implements Function<String, LanguageModel> {

  private final Map<String, LanguageModel> opened = new HashMap<>();
  private final String dtype;
  private final Device device;

  /**
   * An opener.
   *
   * @param dtype of local models, one of {@link Compute#NAMES}
   * @param device where they run
   */
  public HelperModels(String dtype, Device device) {
    this.dtype = dtype;
    this.device = device;
  }

  /**
   * {@return the model}
   *
   * @param spec as {@link LanguageModel#open} has it
   * @throws io.github.derta.io.BadInput if there is no such folder, or the address is none
   */
  @Override
  public LanguageModel apply(String spec) {
    return opened.computeIfAbsent(
        spec,
        s ->
            s.matches("https?://.*")
                ? LanguageModel.open(s, dtype, device)
                : new Lazy(ModelFolder.find(s)));
  }

  private final class Lazy implements LanguageModel {
    private final Path folder;
    private LanguageModel model;

    Lazy(Path folder) {
      this.folder = folder;
    }

    private LanguageModel model() {
      if (model == null) {
        model = LanguageModel.open(folder.toString(), dtype, device);
      }
      return model;
    }

    @Override
    public String name() {
      return folder.toAbsolutePath().normalize().getFileName().toString();
    }

    @Override
    public List<Completion> complete(List<Prompt> prompts, Decoding decoding) {
      return model().complete(prompts, decoding);
    }

    @Override
    public OptionalInt room(Prompt prompt) {
      return model().room(prompt);
    }

    /** Several roles may close it; it is loaded again if it is asked again. */
    @Override
    public void close() {
      if (model != null) {
        model.close();
        model = null;
      }
    }
  }
}
