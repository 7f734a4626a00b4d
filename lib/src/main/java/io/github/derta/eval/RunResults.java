package io.github.derta.eval;

import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * What a run's folder holds, finished or not.
 *
 * @param plan what was to be asked
 * @param answers what was answered, in the order in which it was
 * @param rulings what judges said of it
 * @param seconds how long answering took
 */
public record RunResults(Plan plan, List<Answer> answers, List<Ruling> rulings, double seconds) {

  /**
   * {@return what is there}
   *
   * @param folder a run's folder
   * @throws BadInput if it is none, or a line is no answer or judgement, or is there twice
   */
  public static RunResults read(Path folder) {
    List<Ruling> rulings =
        lines(
            folder.resolve(RunFolder.JUDGEMENTS),
            RunResults::ruling,
            ruling -> ruling.judge() + " on " + ruling.id());
    double[] seconds = new double[1];
    JsonLines.read(
        folder.resolve(RunFolder.TIMES),
        line -> seconds[0] += line.value().path("seconds").doubleValue());
    return new RunResults(readPlan(folder), readAnswers(folder), rulings, seconds[0]);
  }

  static Plan readPlan(Path folder) {
    Path file = folder.resolve(RunFolder.PLAN);
    if (!Files.exists(file)) {
      throw new BadInput(
          folder + ": no folder of a run; one with " + RunFolder.PLAN + " is needed");
    }
    try {
      return Plan.MAPPER.readValue(file.toFile(), Plan.class);
    } catch (IOException e) {
      throw new BadInput(file + ": no plan of a run (" + e.getMessage() + ")", e);
    }
  }

  static List<Answer> readAnswers(Path folder) {
    return lines(folder.resolve(RunFolder.RESPONSES), RunResults::answer, Answer::id);
  }

  private static Answer answer(JsonLines.Line line) {
    return new Answer(
        line.text("id"),
        line.text("attack"),
        line.text("model"),
        line.text("question_id"),
        line.text("prompt"),
        line.value().path("prefill").asText(),
        line.text("response"));
  }

  private static Ruling ruling(JsonLines.Line line) {
    return new Ruling(
        line.text("id"),
        line.text("judge"),
        line.text("verdict"),
        line.value().hasNonNull("refusal_at") ? line.value().get("refusal_at").intValue() : null,
        line.text("raw"));
  }

  private static <T> List<T> lines(
      Path file, Function<JsonLines.Line, T> parse, Function<T, String> name) {
    List<T> all = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    JsonLines.read(
        file,
        line -> {
          T value = parse.apply(line);
          if (!seen.add(name.apply(value))) {
            throw BadInput.at(file, line.number(), name.apply(value) + " is there twice");
          }
          all.add(value);
        });
    return all;
  }
}
