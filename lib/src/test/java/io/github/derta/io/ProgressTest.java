package io.github.derta.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressTest {

  private long now;

  @Test
  void linesComeEveryFiveSecondsAtFirstAndEveryMinuteInTheEnd() {
    List<String> lines = new ArrayList<>();
    try (Progress progress =
        new Progress("Training", 4000, " steps", 1, null, lines::add, () -> now)) {
      for (int i = 0; i < 3600; i++) {
        now += 1_000_000_000;
        progress.add(1);
        progress.say("loss 2.1");
      }
    }
    assertThat(lines)
        .startsWith(
            "Training: 5 of 4000 steps, 5 s, loss 2.1",
            "Training: 10 of 4000 steps, 10 s, loss 2.1",
            "Training: 15 of 4000 steps, 15 s, loss 2.1");
    assertThat(lines).hasSizeBetween(75, 90).allMatch(line -> line.contains(" of 4000 steps, "));
    assertThat(seconds(lines, lines.size() - 1) - seconds(lines, lines.size() - 2)).isEqualTo(60);
  }

  private static int seconds(List<String> lines, int line) {
    return Integer.parseInt(lines.get(line).replaceAll(".*steps, (\\d+) s.*", "$1"));
  }
}
