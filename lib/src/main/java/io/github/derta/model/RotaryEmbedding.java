package io.github.derta.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;

/**
 * Angles by which queries and keys are turned, so that their product depends on their distance (Su
 * et al. 2021), with the stretching of Llama 3.1 if the model has it.
 */
final class RotaryEmbedding {

  private final double[] frequencies; // [head width / 2]

  RotaryEmbedding(ModelConfig config) {
    int width = config.headWidth();
    frequencies = new double[width / 2];
    for (int i = 0; i < frequencies.length; i++) {
      double frequency = 1 / Math.pow(config.ropeTheta(), 2.0 * i / width);
      frequencies[i] =
          config.ropeScaling().map(scaling -> stretch(frequency, scaling)).orElse(frequency);
    }
  }

  /** Low frequencies are divided by the factor, high ones kept, those between blended. */
  private static double stretch(double frequency, ModelConfig.RopeScaling scaling) {
    double turns = scaling.originalMaxPositions() * frequency / (2 * Math.PI);
    double low = scaling.lowFrequencyFactor();
    double high = scaling.highFrequencyFactor();
    double kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
    return (1 - kept) * frequency / scaling.factor() + kept * frequency;
  }

  /** Cosines, or sines, of the angles at positions 0 to length - 1: [length, head width]. */
  NDArray table(NDManager manager, int length, boolean sine) {
    try (NDManager scope = manager.newSubManager()) {
      NDArray positions = scope.arange(0, length, 1, DataType.FLOAT64).expandDims(1);
      NDArray half = positions.mul(scope.create(frequencies)); // [length, head width / 2]
      NDArray angles = half.concat(half, 1);
      NDArray table = (sine ? angles.sin() : angles.cos()).toType(DataType.FLOAT32, false);
      table.attach(manager);
      return table;
    }
  }
}
