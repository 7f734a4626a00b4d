package io.github.derta.eval;

import ai.djl.Device;
import io.github.derta.attack.Originals;
import io.github.derta.eval.StudyPlan.Job;
import io.github.derta.eval.StudyPlan.Step;
import io.github.derta.eval.StudyPlan.Trainee;
import io.github.derta.eval.StudyTable.Line;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.model.Compute;
import io.github.derta.model.Devices;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.ModelFolder;
import io.github.derta.text.Reasoning;
import io.github.derta.text.Words;
import io.github.derta.train.StepMetrics;
import io.github.derta.train.Trained;
import io.github.derta.train.Training;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tech.tablesaw.api.Table;

/**
 * Does what is not done yet of a {@link Study}: trains its models, and makes a run of every attack
 * on each. A step is done if the study's table has its hash, that of all that decides its answers.
 * A study that was killed continues, in the middle of a training or an attack, too. Opening it
 * loads no model.
 */
public final class StudyRun implements AutoCloseable {

  /**
   * A step and whether it is done.
   *
   * @param method the model's name
   * @param seed of its training
   * @param kind what is asked about; empty for a training
   * @param step {@code train}, an attack, or a task
   * @param done whether the table holds it
   * @param seconds how long it took on the machine that did it; NaN if it is not done
   */
  public record State(
      String method, long seed, String kind, String step, boolean done, double seconds) {}

  private final Study study;
  private final StudyTable table;
  private final Path tables;
  private final Path out;
  private final Device device;
  private final Consumer<String> notices;
  private final StudyPlan plan;
  private final List<Step> steps;
  private final Map<String, Path> folders = new HashMap<>(); // of trained models, by run
  private Judge judge;
  private Target opened;
  private LanguageModel model;

  /**
   * Opens a study; lines of its table that are of another recipe, other rows or other start weights
   * are removed.
   *
   * @param study what to do
   * @param tables the folder of its table, which may hold steps that are done
   * @param originals where prompts and questions of others are
   * @param out where answers go
   * @param device where models run
   * @param notices is told what is done
   * @throws BadInput if recipes, models, rows, questions or attacks do not fit together
   */
  public StudyRun(
      Study study,
      Path tables,
      Originals originals,
      Path out,
      Device device,
      Consumer<String> notices) {
    this.study = study;
    this.tables = tables;
    this.out = out;
    this.device = device;
    this.notices = notices;
    plan = new StudyPlan(study, originals, device, notices);
    steps = plan.steps();
    List<String> order =
        Stream.concat(Stream.of(Study.BASE), study.models().stream().map(Study.Model::name))
            .toList();
    table = StudyTable.open(tables, study.name(), order);
    forgetOthers();
  }

  private void forgetOthers() {
    Map<String, String> runs =
        steps.stream()
            .collect(
                Collectors.toMap(
                    StudyRun::member, step -> step.who().training(), (one, same) -> one));
    Predicate<Line> other =
        line -> !line.training().equals(runs.get(line.method() + "|" + line.seed()));
    Set<String> gone =
        table.lines().stream()
            .filter(other)
            .map(line -> line.method() + ", seed " + line.seed())
            .collect(Collectors.toCollection(LinkedHashSet::new));
    if (!gone.isEmpty()) {
      notices.accept("Of another recipe, rows or start weights, so not continued: " + gone);
    }
    table.remove(other);
  }

  private static String member(Step step) {
    return step.who().name() + "|" + step.who().seed();
  }

  /**
   * Does all that is not done of a study.
   *
   * @param study what to do
   * @param home where downloads are and its answers and tables go, {@code .derta}
   * @param notices is told each step
   * @return its answers, see {@link Answers}
   * @throws BadInput if a model cannot be trained or asked
   * @throws IOException if a table cannot be written
   */
  public static Table complete(Study study, Path home, Consumer<String> notices)
      throws IOException {
    Originals originals = new Originals(home.resolve("downloads"), null);
    Path out = home.resolve("study");
    try (StudyRun run = new StudyRun(study, out, originals, out, Devices.parse("auto"), notices)) {
      run.run(step -> true);
      return run.answers();
    }
  }

  /** {@return every step, in the order in which they are done} */
  public List<State> states() {
    Map<String, Double> seconds =
        table.lines().stream()
            .collect(Collectors.toMap(Line::step, line -> (double) line.seconds(), Double::sum));
    return steps.stream()
        .map(
            step ->
                new State(
                    step.who().name(),
                    step.who().seed(),
                    step.kind(),
                    step.attack(),
                    seconds.containsKey(step.hash()),
                    seconds.getOrDefault(step.hash(), Double.NaN)))
        .toList();
  }

  /** {@return the answers of its steps so far, see {@link Answers}; not those of other steps} */
  public Table answers() {
    Set<String> hashes = steps.stream().map(Step::hash).collect(Collectors.toSet());
    return table.answers(line -> hashes.contains(line.step()));
  }

  /**
   * Does what is not done.
   *
   * @param wanted only these
   * @throws BadInput if a model cannot be trained or asked
   * @throws java.util.concurrent.CancellationException if it was interrupted; all but the step at
   *     hand is kept
   * @throws IOException if a table cannot be written
   */
  public void run(Predicate<State> wanted) throws IOException {
    List<State> states = states();
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      if (wanted.test(states.get(i)) && !states.get(i).done()) {
        notices.accept(
            "[%d/%d] %s, seed %d: %s %s"
                .formatted(
                    i + 1,
                    steps.size(),
                    step.who().name(),
                    step.who().seed(),
                    step.attack(),
                    step.kind())
                .strip());
        table.put(step.job() == null ? List.of(train(step)) : ask(step));
        table.save();
      }
    }
  }

  private Line line(
      Step step, String attack, String asker, List<String> ids, List<String> words, double s) {
    Trainee who = step.who();
    String list = table.list(words.isEmpty() ? List.of() : ids);
    int given =
        attack.matches("prefill-.*\\d") ? Integer.parseInt(attack.replaceAll("\\D", "")) : 0;
    return new Line(
        who.name(),
        who.seed(),
        who.training(),
        attack,
        step.kind(),
        given,
        list,
        asker,
        String.join(" ", words),
        Math.round(s),
        step.hash());
  }

  private Line train(Step step) throws IOException {
    Trainee who = step.who();
    List<StepMetrics> metrics = trained(who).metrics();
    Path losses = tables.resolve(study.name() + "-losses.csv");
    Path refusal = tables.resolve(study.name() + "-refusal.csv");
    TrainingTables.keep(
        losses, who.training(), TrainingTables.losses(who.name(), who.seed(), metrics));
    TrainingTables.keep(
        refusal, who.training(), TrainingTables.refusal(who.name(), who.seed(), metrics));
    double seconds = metrics.stream().mapToDouble(one -> one.time().total()).sum();
    return line(step, StudyPlan.TRAIN, "", List.of(), List.of(), seconds);
  }

  private Trained trained(Trainee who) {
    close(); // a model that is asked and one that is trained need not fit into memory together
    Trained first = Training.of(who.recipe()).on(device).resume().run();
    Trained last =
        who.then() == null
            ? first
            : Training.of(who.then().withModel(first.folder())).on(device).resume().run();
    folders.put(who.training(), last.folder());
    return last;
  }

  private Path folder(Trainee who) {
    if (who.name().equals(Study.BASE)) {
      return ModelFolder.find(who.recipe().model());
    }
    if (!folders.containsKey(who.training())) {
      trained(who);
    }
    return folders.get(who.training());
  }

  private List<Line> ask(Step step) throws IOException {
    folder(step.who()); // trains it, if it is not, while nothing else is open
    Job job = step.job().attack() != null ? step.job() : own(step);
    if (job == null) { // nothing that could be continued
      return List.of(line(step, step.attack(), study.judge(), List.of(), List.of(), 0));
    }
    List<Judge> judges = job.task() == null ? List.of(judge()) : List.of();
    AttackSuite suite = job.suite(plan.decoding(), judges);
    Run run = run(step, suite);
    List<Ask> asks = suite.asks().get(0);
    List<String> ids = asks.stream().map(ask -> ask.question().id()).toList();
    if (job.task() != null) {
      return task(step, run, ids);
    }
    if (run.plan().readable()) {
      table.texts(step.hash(), run.answers());
    }
    Map<String, Answer> answers =
        run.answers().stream().collect(Collectors.toMap(Answer::id, answer -> answer));
    Map<String, Ruling> rulings =
        run.rulings().stream().collect(Collectors.toMap(Ruling::id, ruling -> ruling));
    List<String> words =
        asks.stream()
            .map(ask -> StudyTable.word(rulings.get(ask.id()), answers.get(ask.id())))
            .toList();
    return List.of(line(step, job.attack().name(), judge().name(), ids, words, run.seconds()));
  }

  private Judge judge() {
    if (judge == null) {
      judge = Judges.open(study.judge(), plan.dtype(), device);
    }
    return judge;
  }

  private Run run(Step step, AttackSuite suite) {
    Trainee who = step.who();
    Path folder = folder(who);
    String dtype =
        study.dtype() != null
            ? study.dtype()
            : Training.of(who.recipe()).on(device).resolved().dtype();
    Target target =
        Target.local(who.name(), folder, Compute.parse(dtype, device), device)
            .with(null, who.recipe().format())
            .defended(who.rethinking());
    try (RunFolder run = RunFolder.open(out.resolve("runs").resolve(step.hash()), notices)) {
      if (!target.equals(opened)) {
        closeModel();
        model = target.open();
        opened = target;
      }
      return suite.run(target, model, run, notices);
    }
  }

  /** A line for each rule, as none is right for every model; the rule stands in a judge's place. */
  private List<Line> task(Step step, Run run, List<String> ids) {
    close();
    Path responses = out.resolve("runs").resolve(step.hash()).resolve(RunFolder.RESPONSES);
    Map<String, double[]> points =
        step.job().task().points(responses, out.resolve("verdicts.jsonl"), plan.dtype(), device);
    List<Line> lines = new ArrayList<>();
    points.forEach(
        (rule, all) -> {
          Map<String, String> words = new LinkedHashMap<>();
          for (int i = 0; i < all.length; i++) {
            String word = all[i] == 1 ? "Y" : all[i] == 0.5 ? "T" : all[i] == 0 ? "W" : "I";
            words.put(run.answers().get(i).questionId(), word);
          }
          List<String> inOrder = ids.stream().map(id -> words.getOrDefault(id, "-")).toList();
          lines.add(line(step, "direct", rule, ids, inOrder, run.seconds() / points.size()));
        });
    return lines;
  }

  /**
   * The first words of what the model itself wrote after a few given ones, where it did not refuse;
   * null if it always did.
   */
  private Job own(Step step) throws IOException {
    Job opening = plan.opening(step.job());
    Step begun = new Step(step.who(), opening, plan.hash(step.who(), opening));
    Run run = run(begun, opening.suite(plan.decoding(), List.of(judge())));
    Set<String> refused =
        run.rulings().stream()
            .filter(one -> one.verdict().startsWith("refused"))
            .map(Ruling::id)
            .collect(Collectors.toSet());
    int words = Integer.parseInt(step.job().name().substring(StudyPlan.OWN.length()));
    List<Map<String, String>> own = new ArrayList<>();
    for (Answer answer : run.answers()) {
      String text = answer.prefill() + Reasoning.of(answer.response()).answer();
      if (!refused.contains(answer.id()) && Words.count(text) > words) {
        own.add(Map.of("question_id", answer.questionId(), "response", text));
      }
    }
    if (own.isEmpty()) {
      return null;
    }
    Path file = out.resolve("own/" + step.hash() + ".jsonl");
    JsonLines.write(file, own.iterator());
    return plan.own(step.job(), file);
  }

  /** Closes what is open; it is opened again where it is needed. */
  @Override
  public void close() {
    closeModel();
    if (judge != null) {
      judge.close();
      judge = null;
    }
    plan.close();
  }

  private void closeModel() {
    if (model != null) {
      model.close();
      model = null;
      opened = null;
    }
  }
}
