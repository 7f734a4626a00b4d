package io.github.derta.model;

import ai.djl.Device;
import ai.djl.engine.Engine;
import io.github.derta.io.BadInput;

/** The processor or a GPU, by name. */
public final class Devices {

  private Devices() {}

  /**
   * {@return the device}
   *
   * @param name {@code auto} (a GPU if PyTorch sees one), {@code cpu} or {@code gpu}
   * @throws BadInput if the name is another, or PyTorch sees no GPU and one is asked for
   */
  public static Device parse(String name) {
    int gpus = Engine.getEngine("PyTorch").getGpuCount();
    return switch (name) {
      case "auto" -> gpus > 0 ? Device.gpu() : Device.cpu();
      case "cpu" -> Device.cpu();
      case "gpu" -> {
        if (gpus == 0) {
          throw new BadInput(
              "device \"gpu\": PyTorch sees none; environment/doctor tells more, --device cpu works");
        }
        yield Device.gpu();
      }
      default -> throw new BadInput("device \"" + name + "\": auto, cpu or gpu is needed");
    };
  }
}
