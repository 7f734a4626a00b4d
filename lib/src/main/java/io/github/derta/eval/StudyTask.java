package io.github.derta.eval;

import ai.djl.Device;
import io.github.derta.attack.Questions;
import io.github.derta.model.ModelFolder;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * A task of a {@link Study}, read before anything is trained, so that a mistake is told at once.
 *
 * @param name of the task
 * @param questions of which the first are asked
 * @param answers the right ones, or another's responses, by question
 * @param judge of alpaca; else empty
 */
record StudyTask(String name, Questions questions, Map<String, String> answers, String judge) {

  static StudyTask of(String name, Study.Task task) {
    Path file = Path.of(task.questions());
    Questions questions = Questions.find(task.questions(), null);
    String judge = Objects.requireNonNullElse(task.judge(), "");
    if (name.equals(WinRate.TASK) && !judge.contains("://")) {
      ModelFolder.find(judge);
    }
    Map<String, String> answers =
        switch (name) {
          case WinRate.TASK -> WinRate.reference(file);
          case "kitchen" -> Map.of();
          default -> AnswerRule.answers(file);
        };
    return new StudyTask(name, questions, answers, judge);
  }

  /**
   * What responses get by each rule: 1 right, 0.5 a tie, 0 wrong, NaN invalid.
   *
   * @param kept holds what the judge said
   */
  Map<String, double[]> points(Path responses, Path kept, String dtype, Device device) {
    if (!name.equals(WinRate.TASK)) {
      return AnswerRule.points(responses, name, answers);
    }
    try (WinRate wins = WinRate.open(answers, judge, dtype, device, kept)) {
      return wins.points(responses);
    }
  }
}
