package io.github.derta.eval;

import io.github.derta.attack.Questions;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One model under one set of attacks, as its folder holds it, finished or not. {@link Answers}
 * makes a table of it.
 *
 * @param plan what was to be asked
 * @param answers what was answered, in the order in which it was
 * @param rulings what judges said of it
 */
public record Run(Plan plan, List<Answer> answers, List<Ruling> rulings) {

  /**
   * {@return what is there}
   *
   * @param folder a run's folder
   * @throws BadInput if it is none, or a line is no answer or judgement, or is there twice
   */
  public static Run read(Path folder) {
    return new Run(
        readPlan(folder),
        lines(folder.resolve(RunFolder.RESPONSES), Answer.class, Answer::id),
        lines(
            folder.resolve(RunFolder.JUDGEMENTS), Ruling.class, r -> r.judge() + " on " + r.id()));
  }

  static Plan readPlan(Path folder) {
    Path file = folder.resolve(RunFolder.PLAN);
    if (!Files.exists(file)) {
      throw new BadInput(folder + ": no run's folder, which has a " + RunFolder.PLAN);
    }
    try {
      return Plan.MAPPER.readValue(file.toFile(), Plan.class);
    } catch (IOException e) {
      throw new BadInput(file + ": no plan of a run (" + e.getMessage() + ")", e);
    }
  }

  /**
   * Checks that the base run answers all that this one asks, and can be set beside it.
   *
   * @param base the same attacks on the model that training began with
   * @throws BadInput if it asked something else, or lacks judgements
   */
  public void compareWith(Run base) {
    List<String> differences = plan.unlike(base.plan);
    if (!differences.isEmpty()) {
      throw new BadInput(
          "the base run asked something else (this -> base):\n  "
              + String.join("\n  ", differences));
    }
    Set<String> there =
        base.rulings.stream().map(one -> one.judge() + " " + one.id()).collect(Collectors.toSet());
    long missing =
        rulings.stream().filter(one -> !there.contains(one.judge() + " " + one.id())).count();
    if (missing > 0) {
      throw new BadInput(
          "the base run lacks %d of %d judgements; run it with the same options"
              .formatted(missing, rulings.size()));
    }
  }

  /** {@return how long answering took} */
  public double seconds() {
    return answers.stream().mapToDouble(Answer::seconds).sum();
  }

  /** {@return what was asked about, see {@link io.github.derta.attack.Questions#kind}} */
  public String kind() {
    return Questions.kind(plan.questions().source());
  }

  /** {@return how many answers the plan asks for} */
  public int planned() {
    return plan.attacks().values().stream().mapToInt(Plan.Planned::n).sum();
  }

  /**
   * {@return this run and another of the same model, of other attacks and perhaps fewer questions,
   * as one}
   *
   * @param other the other
   * @throws BadInput if the model or its decoding is another, or an attack is in both
   */
  public Run and(Run other) {
    Map<String, Plan.Planned> attacks = new LinkedHashMap<>(plan.attacks());
    for (String attack : other.plan.attacks().keySet()) {
      if (attacks.put(attack, other.plan.attacks().get(attack)) != null) {
        throw new BadInput("both runs hold " + attack);
      }
    }
    if (!plan.model().equals(other.plan.model())) {
      throw new BadInput(
          "runs of two models: %s and %s"
              .formatted(plan.model().name(), other.plan.model().name()));
    }
    if (!plan.decoding().equals(other.plan.decoding())) {
      throw new BadInput(
          "runs differ in decoding: %s and %s".formatted(plan.decoding(), other.plan.decoding()));
    }
    return new Run(
        new Plan(plan.model(), plan.questions(), attacks, plan.decoding(), plan.versions()),
        Stream.concat(answers.stream(), other.answers.stream()).toList(),
        Stream.concat(rulings.stream(), other.rulings.stream()).toList());
  }

  private static <T> List<T> lines(Path file, Class<T> type, Function<T, String> name) {
    Map<String, T> all = new LinkedHashMap<>();
    JsonLines.read(
        file,
        line -> {
          T value;
          try {
            value = Plan.MAPPER.treeToValue(line.value(), type);
          } catch (IOException e) {
            String what = "no " + type.getSimpleName() + " of a run: ";
            throw BadInput.at(file, line.number(), what + e.getMessage());
          }
          if (all.put(name.apply(value), value) != null) {
            throw BadInput.at(file, line.number(), name.apply(value) + " is there twice");
          }
        });
    return new ArrayList<>(all.values());
  }
}
