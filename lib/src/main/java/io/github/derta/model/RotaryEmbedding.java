package io.github.derta.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;

/**
 * Angles by which queries and keys are turned, so that their product depends on their distance (Su
 * et al. 2021), scaled for longer texts if the model is.
 */
final class RotaryEmbedding {

  private final double[] frequencies; // [head width / 2]
  private final double attentionFactor;

  RotaryEmbedding(ModelConfig config) {
    int width = config.headWidth();
    frequencies = new double[width / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = 1 / Math.pow(config.ropeTheta(), 2.0 * i / width);
      if (config.ropeScaling().isPresent()) {
        ModelConfig.RopeScaling scaling = config.ropeScaling().get();
        double kept =
            switch (scaling.type()) {
              case "llama3" -> llama3(frequencies[i], scaling);
              case "yarn" -> yarn(i, config, scaling);
              default -> 0;
            };
        frequencies[i] = (1 - kept) * frequencies[i] / scaling.factor() + kept * frequencies[i];
      }
    }
    attentionFactor =
        config.ropeScaling().map(ModelConfig.RopeScaling::attentionFactor).orElse(1.0);
  }

  /** How much of a frequency is kept: nothing of low ones, all of high ones. */
  private static double llama3(double frequency, ModelConfig.RopeScaling scaling) {
    double turns = scaling.originalMaxPositions() * frequency / (2 * Math.PI);
    return clamp((turns - scaling.low()) / (scaling.high() - scaling.low()));
  }

  /** The same along the dimensions (Peng et al. 2023), with the bounds of transformers. */
  private static double yarn(int i, ModelConfig config, ModelConfig.RopeScaling scaling) {
    double first = dimension(scaling.high(), config, scaling);
    double last = dimension(scaling.low(), config, scaling);
    first = Math.max(0, scaling.truncate() ? Math.floor(first) : first);
    last = Math.min(config.headWidth() - 1, scaling.truncate() ? Math.ceil(last) : last);
    return 1 - clamp((i - first) / (first == last ? 0.001 : last - first));
  }

  /** Where a frequency turns so often within the original length. */
  private static double dimension(
      double turns, ModelConfig config, ModelConfig.RopeScaling scaling) {
    double length = scaling.originalMaxPositions() / (2 * Math.PI * turns);
    return config.headWidth() * Math.log(length) / (2 * Math.log(config.ropeTheta()));
  }

  private static double clamp(double x) {
    return Math.min(1, Math.max(0, x));
  }

  /** Cosines, or sines, of the angles at positions 0 to length - 1: [length, head width]. */
  NDArray table(NDManager manager, int length, boolean sine) {
    try (NDManager scope = manager.newSubManager()) {
      NDArray positions = scope.arange(0, length, 1, DataType.FLOAT64).expandDims(1);
      NDArray half = positions.mul(scope.create(frequencies)); // [length, head width / 2]
      NDArray angles = half.concat(half, 1);
      NDArray values = (sine ? angles.sin() : angles.cos()).mul(attentionFactor);
      NDArray table = values.toType(DataType.FLOAT32, false);
      table.attach(manager);
      return table;
    }
  }
}
