package io.github.derta.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

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
    int half = frequencies.length;
    float[] values = new float[length * 2 * half];
    for (int position = 0; position < length; position++) {
      for (int i = 0; i < half; i++) {
        double angle = position * frequencies[i];
        float value = (float) (sine ? Math.sin(angle) : Math.cos(angle));
        values[position * 2 * half + i] = value;
        values[position * 2 * half + half + i] = value;
      }
    }
    return manager.create(values, new Shape(length, 2L * half));
  }
}
