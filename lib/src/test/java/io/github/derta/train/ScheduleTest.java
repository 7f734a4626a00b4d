package io.github.derta.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.derta.train.Schedule.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleTest {

  /** Values of transformers 4.57, get_scheduler(shape, optimizer, ceil(0.1 * 40), 40). */
  @ParameterizedTest
  @CsvSource({
    "COSINE, 1, 0", "COSINE, 3, 0.5", "COSINE, 5, 1", "COSINE, 23, 0.5",
    "LINEAR, 4, 0.75", "LINEAR, 5, 1", "LINEAR, 14, 0.75", "LINEAR, 23, 0.5",
    "CONSTANT, 2, 0.25", "CONSTANT, 5, 1", "CONSTANT, 40, 1",
  })
  void factorIsThatOfTransformers(Shape shape, int step, double factor) {
    assertThat(new Schedule(shape, 0.1).factor(step, 40)).isCloseTo(factor, within(1e-12));
  }
}
