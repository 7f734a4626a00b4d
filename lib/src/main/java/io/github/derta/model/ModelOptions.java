package io.github.derta.model;

import ai.djl.Device;
import io.github.derta.io.BadInput;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Options by which scripts choose a local model, alike in all of them: a picocli mixin. */
public class ModelOptions {

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "a Hugging Face model folder, or smollm2, which environment/setup brings")
  private String model;

  /** A folder as PEFT writes it; null for none. */
  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "with --model: a low-rank adapter for it, a folder as PEFT writes it")
  public Path adapter;

  /** One of {@link Compute#NAMES}. */
  @Option(
      names = "--dtype",
      paramLabel = "auto|f32|bf16|bf16-weights",
      defaultValue = "auto",
      description =
          "type of a local model's matrix products"
              + " (default: that of a run to continue or to compare with, else the faster)")
  public String dtype;

  @Option(
      names = "--device",
      paramLabel = "auto|cpu|gpu",
      defaultValue = "auto",
      description = "default: a GPU if there is one")
  private String device;

  /** {@return whether a model of this machine is named} */
  public boolean isLocal() {
    return model != null;
  }

  /** {@return the model's folder} */
  public Path folder() {
    if (model == null) {
      throw new BadInput("--model DIR is needed");
    }
    return ModelFolder.find(model);
  }

  /** {@return where the model runs} */
  public Device device() {
    return Devices.parse(device);
  }

  /** {@return the type of the matrix products, which a line on standard error tells} */
  public Compute compute() {
    Compute compute = Compute.parse(dtype, device());
    System.err.println("Matmul dtype " + compute + ", device " + device().getDeviceType());
    return compute;
  }

  /** Options by which scripts choose who is asked: a local model or a server. */
  public static final class Asked extends ModelOptions {

    /** The chat format of a local model; null for its own. */
    @Option(
        names = "--chat-format",
        paramLabel = "NAME|FILE",
        description =
            "of a model without one: chatml, llama3, mistral, paper, paper-evaluation, or a Jinja"
                + " file (default: the model's own, else $DERTA_FORMAT)")
    public String chatFormat;

    @Option(
        names = "--endpoint",
        paramLabel = "URL|FILE",
        description =
            "instead of --model: an OpenAI-compatible server, such as http://127.0.0.1:8000/v1, with"
                + " --name; or a YAML file with url, model, and where it differs key-variable,"
                + " parallel, max-requests, timeout (300 s), token-limit (max_completion_tokens),"
                + " temperature (false: not sent), prefill (continue, prefix, plain, none), headers (a"
                + " value $NAME is an environment variable's) and body (more fields)")
    private String endpoint;

    @Option(
        names = "--name",
        paramLabel = "N",
        description = "the model's name in tables, at an endpoint its name there")
    private String name;

    @Option(
        names = "--parallel",
        paramLabel = "N",
        description = "requests at a time, with --endpoint (default: 8)")
    private Integer parallel;

    @Option(
        names = "--max-requests",
        paramLabel = "N",
        description = "most requests of this call, with --endpoint (default: 10000)")
    private Integer maxRequests;

    @Option(
        names = "--key-variable",
        paramLabel = "NAME",
        description =
            "environment variable with the endpoint's key (default: " + Endpoint.KEY_VARIABLE + ")")
    private String keyVariable;

    /** {@return whether a model or a server is named} */
    public boolean isGiven() {
      return isLocal() || endpoint != null;
    }

    /**
     * Checks what can be checked before weights are read.
     *
     * @param prompts some that a local model will be given
     * @throws BadInput if options do not go together, or a prompt cannot be encoded
     */
    public void check(List<Prompt> prompts) {
      if (isLocal() == (endpoint != null)) {
        throw new BadInput("one of --model DIR and --endpoint URL|FILE is needed");
      }
      if (name != null && endpoint != null && !endpoint.matches("https?://[^#]*")) {
        throw new BadInput(
            "--name " + name + ": the model's name stands in --endpoint " + endpoint + " already");
      }
      if (isLocal()) {
        ModelFolder.check(folder(), adapter, chatFormat, prompts);
      } else if (adapter != null || chatFormat != null) {
        throw new BadInput("--adapter and --chat-format go with --model; a server has its own");
      }
    }

    /** {@return the model's name for tables} */
    public String name() {
      Path named = adapter == null ? folder() : adapter;
      return name == null ? named.getFileName().toString() : name;
    }

    /** {@return the server} */
    public Endpoint endpoint() {
      String spec = name == null ? endpoint : endpoint + "#" + name;
      return Endpoint.parse(spec).with(keyVariable, parallel, maxRequests);
    }
  }
}
