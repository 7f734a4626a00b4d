package io.github.derta.view;

import io.github.derta.attack.Originals;
import io.github.derta.eval.MethodRun;
import io.github.derta.eval.Outcomes;
import io.github.derta.eval.ResultSet;
import io.github.derta.eval.ResultSet.Part;
import io.github.derta.eval.Study;
import io.github.derta.eval.StudyRun;
import io.github.derta.eval.StudyTables;
import io.github.derta.io.BadInput;
import io.github.derta.kitchen.Verdict.Outcome;
import io.github.derta.model.Devices;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import tech.tablesaw.api.Table;

/** A study as a notebook shows it: what is stored of it, or what it finds now. */
public final class StudyView {

  private final Study study;
  private final Path tables;
  private final ResultSet set;
  private final List<StudyRun.State> states;
  private final List<String> notes;

  /**
   * Reads what is stored; rows of other recipes, rows, prompts or judges are left out.
   *
   * @param name one of {@link Study#BUILT_IN} or a YAML file
   * @param tables where its tables are
   * @param home where downloads are, {@code .derta}
   * @return what is done so far
   * @throws BadInput if there is no such study or a table cannot be read
   */
  public static StudyView stored(String name, Path tables, Path home) {
    Study study = Study.load(name);
    ResultSet set = ResultSet.open(tables, study);
    List<String> notes = new ArrayList<>();
    try (StudyRun run = run(study, set, home, notes::add)) {
      return new StudyView(study, tables, set, run.states(), notes);
    }
  }

  /**
   * Does what is not done yet.
   *
   * @param name one of {@link Study#BUILT_IN} or a YAML file
   * @param home where downloads are and its answers and tables go, {@code .derta}
   * @param progress is told each step
   * @return all of it
   * @throws BadInput if there is no such study, or a model cannot be trained or asked
   * @throws IOException if a table cannot be written
   */
  public static StudyView live(String name, Path home, Consumer<String> progress)
      throws IOException {
    Study study = Study.load(name);
    ResultSet set = ResultSet.open(answers(home), study);
    try (StudyRun run = run(study, set, home, progress)) {
      run.run(step -> true);
      return new StudyView(study, answers(home), set, run.states(), List.of());
    }
  }

  private static StudyRun run(Study study, ResultSet set, Path home, Consumer<String> notices) {
    Originals originals = new Originals(home.resolve("downloads"), null);
    return new StudyRun(study, set, originals, answers(home), Devices.parse("auto"), notices);
  }

  private static Path answers(Path home) {
    return home.resolve("study");
  }

  private StudyView(
      Study study, Path tables, ResultSet set, List<StudyRun.State> states, List<String> notes) {
    this.study = study;
    this.tables = tables;
    this.set = set;
    this.states = states;
    this.notes = notes;
  }

  /** {@return what was answered} */
  public List<Outcomes> outcomes() {
    return Outcomes.of(set);
  }

  /** {@return a row for each model: how many of its steps are done, and in how many minutes} */
  public Table progress() {
    return TrainingTables.of("the steps of " + study.name(), StudyTables.progress(states));
  }

  /**
   * {@return shares of refused and broken answers, with their intervals, over all seeds}
   *
   * @param models a regular expression of their names
   * @param measures a regular expression of attacks and depths
   */
  public Table rates(String models, String measures) {
    return TrainingTables.of("rates", StudyTables.rates(some(models, measures)));
  }

  /**
   * {@return the same by what recipes differ in, see {@link StudyTables#byRecipe}}
   *
   * @param about what models are there to show; those about nothing in particular are among them
   * @param methods a regular expression of the methods that they are trained by
   * @param measure an attack or a depth
   */
  public Table byRecipe(String about, String methods, String measure) {
    List<Map<String, Object>> rows =
        StudyTables.byRecipe(study, some(".*", measure), about).stream()
            .filter(row -> row.get("method").toString().matches(methods))
            .toList();
    return TrainingTables.of("rates", rows);
  }

  /**
   * {@return how much more often one model is broken than each of the others that it was trained
   * beside, see {@link StudyTables#differences}}
   *
   * @param reference that model
   * @param measures a regular expression of attacks and depths
   */
  public Table differences(String reference, String measures) {
    List<Map<String, Object>> rows = new ArrayList<>();
    List<Outcomes> some = some(".*", measures);
    for (Study.Model model : study.models()) {
      if (!model.name().equals(reference)) {
        StudyTables.differences(some, reference, model.name(), Outcome.BROKEN)
            .forEach(
                row -> {
                  row.put("method", model.name());
                  rows.add(row);
                });
      }
    }
    return TrainingTables.of("differences", rows);
  }

  private List<Outcomes> some(String models, String measures) {
    return outcomes().stream()
        .filter(one -> one.method().matches(models) && one.measure().matches(measures))
        .toList();
  }

  /**
   * {@return the depth curves that are of today's recipes, see {@link
   * io.github.derta.eval.MethodTables#depth}}
   *
   * @throws BadInput if there is none
   */
  public Table depth() {
    List<String> runs = set.members(Part.DEPTH).stream().map(MethodRun::run).distinct().toList();
    if (runs.isEmpty()) {
      throw new BadInput("study " + study.name() + ": no depth curve is done yet");
    }
    Table all = Table.read().csv(tables.resolve(study.name() + "-depth.csv").toString());
    return all.where(all.stringColumn("run").isIn(runs));
  }

  /**
   * {@return a figure of what has been measured; where too little has, a sentence that says so}
   *
   * @param table with a column {@code method}
   * @param models how many of them are needed
   * @param figure draws it
   */
  public static Object figure(Table table, int models, Function<Table, Figure> figure) {
    int found = table.isEmpty() ? 0 : table.stringColumn("method").countUnique();
    return found >= models
        ? figure.apply(table)
        : Markdown.of("*Not measured yet: models needed %d, in the tables %d.*", models, found);
  }

  /** How much is done, and what was left out, as Markdown. */
  @Override
  public String toString() {
    long done = states.stream().filter(StudyRun.State::done).count();
    return "Study **%s**: %d of %d steps are done. %s"
        .formatted(study.name(), done, states.size(), String.join(" ", notes))
        .strip();
  }
}
