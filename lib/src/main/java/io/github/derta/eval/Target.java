package io.github.derta.eval;

import ai.djl.Device;
import io.github.derta.model.Compute;
import io.github.derta.model.Endpoint;
import io.github.derta.model.EndpointModel;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.LocalModel;
import io.github.derta.model.ModelOptions;
import io.github.derta.model.Rethinking;
import io.github.derta.text.ChatTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Who is asked.
 *
 * @param name for tables
 * @param model its folder; null for an endpoint
 * @param adapter a folder as PEFT writes it; null for none
 * @param format its chat format, as {@link ChatTemplate#of} has it; null: its folder's own
 * @param rethinking tokens between two decisions of the defence {@link Rethinking}; 0 for none
 * @param compute the type of a local model's matrix products
 * @param device where a local model runs
 * @param endpoint a server; null for a local model
 */
public record Target(
    String name,
    Path model,
    Path adapter,
    String format,
    int rethinking,
    Compute compute,
    Device device,
    Endpoint endpoint) {

  /** Most prompts in a call of a local model. */
  private static final int BATCH = 32;

  /**
   * {@return a model of this machine}
   *
   * @param name for tables
   * @param model its folder
   * @param compute the type of the matrix products
   * @param device where it runs
   */
  public static Target local(String name, Path model, Compute compute, Device device) {
    return new Target(name, model, null, null, 0, compute, device, null);
  }

  /**
   * {@return a model behind a server, which makes the chat format}
   *
   * @param endpoint where it is
   */
  public static Target server(Endpoint endpoint) {
    return new Target(endpoint.model(), null, null, null, 0, null, null, endpoint);
  }

  /**
   * {@return who the options of a script name}
   *
   * @param options already checked by {@link ModelOptions.Asked#check}
   * @param runs as {@link #compute} takes them
   */
  public static Target of(ModelOptions.Asked options, Path... runs) {
    if (!options.isLocal()) {
      return server(options.endpoint());
    }
    Compute compute = compute(options.dtype, options.device(), List.of(runs));
    return local(options.name(), options.folder(), compute, options.device())
        .with(options.adapter, options.chatFormat);
  }

  /** This model with an adapter or in another chat format; null for none. */
  Target with(Path lora, String other) {
    return new Target(name, model, lora, other, rethinking, compute, device, endpoint);
  }

  /** This model with the defence. */
  Target defended(int every) {
    return new Target(name, model, adapter, format, every, compute, device, endpoint);
  }

  /** Whether it runs here. */
  boolean isLocal() {
    return endpoint == null;
  }

  /** The model, to be closed after use. */
  LanguageModel open() {
    if (!isLocal()) {
      return EndpointModel.of(endpoint);
    }
    LocalModel local = LocalModel.load(model, adapter, format, compute, device, BATCH);
    return rethinking == 0 ? local : new Rethinking(local, rethinking);
  }

  /** How many prompts are given to it in one call. */
  int batch() {
    return isLocal() ? BATCH : Integer.MAX_VALUE;
  }

  /** What a plan says of it. */
  Plan.Subject subject() {
    if (!isLocal()) {
      return new Plan.Subject(name, endpoint.where(), Map.of());
    }
    String where = compute + " on " + device.getDeviceType();
    where += format == null ? "" : ", format " + format;
    where += rethinking == 0 ? "" : ", re-thinking every " + rethinking;
    return Plan.Subject.local(name, model, adapter, where);
  }

  /**
   * {@return the type of a local model's products; {@code auto} is that of an earlier run, which
   * may be another machine's, or else the faster one here}
   *
   * @param dtype one of {@link Compute#NAMES}
   * @param device where it runs
   * @param runs folders of runs to continue or to compare with, the first first; they need not
   *     exist
   * @throws io.github.derta.io.BadInput if the name is none of these
   */
  public static Compute compute(String dtype, Device device, List<Path> runs) {
    Stream<String> before =
        runs.stream()
            .filter(run -> dtype.equals("auto") && Files.exists(run.resolve(RunFolder.PLAN)))
            .map(run -> Run.readPlan(run).model().where());
    return before
        .flatMap(where -> Stream.of(Compute.values()).filter(c -> where.startsWith(c + " on ")))
        .findFirst()
        .orElseGet(() -> Compute.parse(dtype, device));
  }
}
