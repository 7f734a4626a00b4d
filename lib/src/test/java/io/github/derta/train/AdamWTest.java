package io.github.derta.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.github.derta.model.Compute;
import io.github.derta.model.Llama;
import io.github.derta.model.Ops;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdamWTest {

  private static final String EMBEDDING = "model.embed_tokens.weight";

  /**
   * With no gradient a step is decay alone, here by a tenth of the distance to the next 16-bit
   * number at most, which rounding to the nearest one would never take.
   */
  @Test
  void stepsBelowTheLastDigitOf16BitsAreTakenOnAverage(@TempDir Path folder) throws IOException {
    Path tiny = Tiny.model(folder.resolve("tiny"));
    Recipe.Optimizer numbers = new Recipe.Optimizer(1e-3, List.of(0.9, 0.999), 1e-8, 0.2, 1);
    try (Llama wide = Llama.load(tiny, Compute.BF16, Device.cpu());
        Llama half = Llama.load(tiny, Compute.BF16_WEIGHTS, Device.cpu());
        Ops ops = new Ops(Device.cpu(), Llama.class, "ops.py")) {
      double before = size(half, ops);
      for (Llama model : List.of(wide, half)) {
        try (AdamW optimizer =
            new AdamW(numbers, Map.of(EMBEDDING, model.parameters().get(EMBEDDING)))) {
          for (int step = 1; step <= 100; step++) {
            optimizer.step(step, 1e-3, 1);
          }
        }
      }
      double shrunk = Math.pow(1 - 1e-3 * 0.2, 100); // 0.980
      assertThat(size(wide, ops) / before).isCloseTo(shrunk, within(1e-3));
      assertThat(size(half, ops) / before).isCloseTo(shrunk, within(1e-3));
    }
  }

  private static double size(Llama model, Ops ops) {
    NDArray weight = model.parameters().get(EMBEDDING);
    try (NDManager scope = weight.getManager().newSubManager();
        IValue half = IValue.from((PtNDArray) weight);
        IValue values = ops.run("to_f32", half)) {
      double sum = 0;
      for (float value : values.toTensor((PtNDManager) scope).toFloatArray()) {
        sum += Math.abs(value);
      }
      return sum;
    }
  }
}
