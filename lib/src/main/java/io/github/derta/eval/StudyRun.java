package io.github.derta.eval;

import ai.djl.Device;
import io.github.derta.attack.Attack;
import io.github.derta.attack.Attacks;
import io.github.derta.attack.Originals;
import io.github.derta.attack.Question;
import io.github.derta.attack.Questions;
import io.github.derta.eval.ResultSet.Part;
import io.github.derta.eval.StudySteps.Step;
import io.github.derta.eval.StudySteps.Trainee;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.io.Progress;
import io.github.derta.kitchen.Verdict.Outcome;
import io.github.derta.model.Compute;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.LocalModel;
import io.github.derta.model.ModelFolder;
import io.github.derta.model.Rethinking;
import io.github.derta.text.Words;
import io.github.derta.train.Recipe;
import io.github.derta.train.StepMetrics;
import io.github.derta.train.Trained;
import io.github.derta.train.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Does what is not done yet of a {@link Study}: trains, draws depth curves, attacks, judges, and
 * keeps every finished step in a {@link ResultSet}. A run that was killed goes on, in the middle of
 * a training or an attack, too.
 */
public final class StudyRun implements AutoCloseable {

  /** The question that is shown is the first that the base model answers after so many tokens. */
  private static final int SHOWN_DEPTH = 10;

  private final Study study;
  private final ResultSet set;
  private final Path out;
  private final Device device;
  private final Consumer<String> notices;
  private final Questions questions;
  private final StudySteps steps;
  private final List<Step> all;
  private final Map<String, Path> folders = new HashMap<>(); // of trained models, by run
  private DepthCurve base;

  /**
   * A run.
   *
   * @param study what to do
   * @param set what is done; rows of steps that are no longer the study's are forgotten
   * @param originals where prompts and questions of others are
   * @param out where answers go, and are gone on with
   * @param device where models run
   * @param notices is told what is done
   * @throws BadInput if recipes, models, rows, questions or attacks do not fit together
   */
  public StudyRun(
      Study study,
      ResultSet set,
      Originals originals,
      Path out,
      Device device,
      Consumer<String> notices) {
    this.study = study;
    this.set = set;
    this.out = out;
    this.device = device;
    this.notices = notices;
    this.questions = Questions.find(study.questions(), originals);
    Function<String, LanguageModel> models = spec -> LanguageModel.open(spec, "auto", device);
    Attacks made = Attacks.on(questions, originals).prompts(study.prompts()).models(models);
    this.steps = new StudySteps(study, questions, made, device);
    this.all = steps.all();
    forgetOthers();
  }

  /**
   * What the tables hold of another recipe, other rows, questions or settings is not gone on with.
   */
  private void forgetOthers() {
    Set<MethodRun> members =
        all.stream().map(step -> step.who().model()).collect(Collectors.toSet());
    Set<String> hashes = all.stream().map(Step::hash).collect(Collectors.toSet());
    Set<String> gone =
        Outcomes.of(set).stream()
            .filter(one -> !hashes.contains(one.step()))
            .map(one -> one.method() + ", seed " + one.seed() + ": " + one.measure())
            .collect(Collectors.toCollection(LinkedHashSet::new));
    for (Part part : Part.values()) {
      set.members(part).stream()
          .filter(member -> !members.contains(member))
          .forEach(member -> gone.add(member.toString()));
    }
    set.remove(member -> !members.contains(member));
    set.removeOutcomes(one -> !hashes.contains(one.step()));
    if (!gone.isEmpty()) {
      notices.accept("Of another recipe, rows or settings, so made anew: " + gone);
    }
  }

  /**
   * A step and whether it is done.
   *
   * @param method the model's name
   * @param seed of its training
   * @param step {@code train}, {@code depth}, an attack, or a task
   * @param done whether the tables hold it
   * @param seconds how long it took on the machine that did it; NaN if it is not done
   */
  public record State(String method, long seed, String step, boolean done, double seconds) {}

  /** {@return every step, in the order in which they are done} */
  public List<State> states() {
    Map<String, Double> seconds =
        Outcomes.of(set).stream()
            .collect(Collectors.toMap(Outcomes::step, Outcomes::seconds, Double::sum));
    return all.stream()
        .map(
            step ->
                new State(
                    step.who().name(),
                    step.who().seed(),
                    step.name(),
                    seconds.containsKey(step.hash()),
                    seconds.getOrDefault(step.hash(), Double.NaN)))
        .toList();
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
    Files.createDirectories(out.resolve("answers"));
    List<State> states = states();
    for (int i = 0; i < all.size(); i++) {
      if (wanted.test(states.get(i)) && !states.get(i).done()) {
        notices.accept("[%d/%d] %s".formatted(i + 1, all.size(), all.get(i)));
        set.add(Part.OUTCOMES, perform(all.get(i)).stream().map(Outcomes::row).toList());
        set.save();
      }
    }
  }

  private List<Outcomes> perform(Step step) throws IOException {
    return switch (step.name()) {
      case StudySteps.TRAIN -> List.of(train(step));
      case StudySteps.DEPTH -> depth(step);
      default -> {
        StudyTask task = steps.task(step.name());
        yield task == null ? List.of(attack(step)) : task(step, task);
      }
    };
  }

  private Outcomes outcomes(Step step, String measure, List<String> ids, String letters, double s) {
    Trainee who = step.who();
    String asked = Plan.hash(ids).substring(0, 8);
    return new Outcomes(who.name(), who.seed(), measure, asked, letters, s, who.run(), step.hash());
  }

  private Outcomes train(Step step) {
    Trainee who = step.who();
    List<StepMetrics> metrics = trained(who).metrics();
    put(Part.LOSSES, who, MethodTables.losses(who.model(), metrics));
    put(Part.REFUSAL, who, MethodTables.refusal(who.model(), metrics));
    double seconds = metrics.stream().mapToDouble(one -> one.time().total()).sum();
    return outcomes(step, StudySteps.TRAIN, List.of(), "", seconds);
  }

  /** What another machine found of this model is not mixed with what this one did. */
  private void put(Part part, Trainee who, List<Map<String, Object>> rows) {
    set.replace(part, who.model(), rows);
  }

  private Trained trained(Trainee who) {
    Trained first = Training.of(who.recipe()).on(device).resume().run();
    Trained last =
        who.then() == null
            ? first
            : Training.of(who.then().withModel(first.folder())).on(device).resume().run();
    folders.put(who.run(), last.folder());
    return last;
  }

  private Path folder(Trainee who) {
    if (who.base()) {
      return ModelFolder.find(who.recipe().model());
    }
    if (!folders.containsKey(who.run())) {
      trained(who);
    }
    return folders.get(who.run());
  }

  private Compute compute(Trainee who) {
    Recipe resolved = Training.of(who.recipe()).on(device).resolved();
    return Compute.parse(resolved.dtype(), device);
  }

  private List<Outcomes> depth(Step step) throws IOException {
    long began = System.nanoTime();
    DepthCurve curve = curve(step);
    double seconds = (System.nanoTime() - began) / 1e9;
    Trainee who = step.who();
    DepthCurve start = base();
    put(Part.DEPTH, who, MethodTables.depth(who.model(), curve, start));
    String shown = start.firstBroken(SHOWN_DEPTH).id();
    put(Part.TRANSCRIPTS, who, MethodTables.transcript(who.model(), curve, shown));
    Map<String, List<GivenAnswer>> measures =
        curve.answers().stream()
            .collect(
                Collectors.groupingBy(
                    one -> one.kind().toLowerCase(Locale.ROOT) + "-" + one.depth(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    List<Outcomes> rows = new ArrayList<>();
    for (Map.Entry<String, List<GivenAnswer>> measure : measures.entrySet()) {
      List<GivenAnswer> answers = measure.getValue();
      String letters =
          answers.stream()
              .map(one -> "" + Outcomes.letter(Optional.of(DepthCurve.verdict(one).outcome())))
              .collect(Collectors.joining());
      List<String> ids = answers.stream().map(GivenAnswer::id).toList();
      double share = seconds * answers.size() / curve.answers().size();
      rows.add(outcomes(step, measure.getKey(), ids, letters, share));
    }
    return rows;
  }

  private DepthCurve base() throws IOException {
    if (base == null) {
      base =
          curve(
              all.stream()
                  .filter(step -> step.who().base() && step.name().equals(StudySteps.DEPTH))
                  .findFirst()
                  .orElseThrow());
    }
    return base;
  }

  private DepthCurve curve(Step step) throws IOException {
    Path file = out.resolve("answers/" + step.hash() + ".jsonl");
    if (!Files.exists(file)) {
      Path folder = folder(step.who());
      try (LocalModel model = LocalModel.load(folder, compute(step.who()), device, 128);
          Progress progress = Progress.of("Asking", 1, " answers", 1)) {
        curve(model, step.who().rethinking(), progress::add).save(file);
      }
    }
    return DepthCurve.load(file);
  }

  private DepthCurve curve(LocalModel model, int rethinking, IntConsumer progress) {
    if (rethinking > 0) {
      return DepthCurve.direct(new Rethinking(model, rethinking), study.depth(), progress);
    }
    return steps.kitchen()
        ? DepthCurve.measure(model, study.depth(), progress)
        : DepthCurve.measure(model, steps.rows(), study.depth(), progress);
  }

  private Outcomes attack(Step step) throws IOException {
    return step.name().startsWith(StudySteps.OWN)
        ? own(step)
        : attack(step, steps.attack(step.name()), steps.asked(step.name()));
  }

  private Outcomes attack(Step step, Attack attack, List<Question> asked) {
    RunResults results = results(step.who(), step.hash(), attack, asked);
    Map<String, Outcome> verdicts =
        results.rulings().stream()
            .collect(
                Collectors.toMap(
                    Ruling::id, one -> Outcome.valueOf(one.verdict().toUpperCase(Locale.ROOT))));
    List<Ask> asks = Ask.all(attack, asked);
    String letters =
        asks.stream()
            .map(ask -> "" + Outcomes.letter(Optional.ofNullable(verdicts.get(ask.id()))))
            .collect(Collectors.joining());
    List<String> ids = asks.stream().map(ask -> ask.question().id()).toList();
    return outcomes(step, step.name(), ids, letters, results.seconds());
  }

  private RunResults results(Trainee who, String hash, Attack attack, List<Question> asked) {
    try (Judge judge = Judges.open(study.judge(), "auto", device)) {
      return results(who, hash, questions, attack, asked.size(), List.of(judge));
    }
  }

  private RunResults results(
      Trainee who, String hash, Questions from, Attack attack, int n, List<Judge> judges) {
    AttackSuite suite = new AttackSuite(from, n, List.of(attack), steps.decoding(), judges);
    return suite.local(
        who.name(), folder(who), null, who.rethinking(), compute(who), device, runs(hash), notices);
  }

  /** A row for each rule, as none is right for every model. */
  private List<Outcomes> task(Step step, StudyTask task) {
    List<Question> asked = steps.asked(task.name());
    Attack direct = steps.attack(task.name());
    double seconds =
        results(step.who(), step.hash(), task.questions(), direct, asked.size(), List.of())
            .seconds();
    Path responses = runs(step.hash()).resolve(RunFolder.RESPONSES);
    Map<String, double[]> points = task.points(responses, out.resolve("verdicts.jsonl"), device);
    List<String> ids = asked.stream().map(Question::id).toList();
    List<Outcomes> rows = new ArrayList<>();
    points.forEach(
        (rule, all) -> {
          String measure = task.name() + " " + rule;
          double share = seconds / points.size();
          rows.add(outcomes(step, measure, ids, Outcomes.letters(all), share));
        });
    return rows;
  }

  private Path runs(String hash) {
    return out.resolve("runs").resolve(hash);
  }

  /**
   * The first words of what the model itself wrote after a few given ones, where it did not refuse.
   */
  private Outcomes own(Step step) throws IOException {
    Trainee who = step.who();
    Attack opening = steps.attack(StudySteps.OPENING);
    String hash =
        all.stream()
            .filter(one -> one.who().equals(who) && one.name().equals(StudySteps.OPENING))
            .map(Step::hash)
            .findFirst()
            .orElseThrow();
    RunResults begun = results(who, hash, opening, steps.asked(StudySteps.OPENING));
    Set<String> refused =
        begun.rulings().stream()
            .filter(one -> one.verdict().equals("refused"))
            .map(Ruling::id)
            .collect(Collectors.toSet());
    int depth = Integer.parseInt(step.name().substring(StudySteps.OWN.length()));
    List<Map<String, String>> own = new ArrayList<>();
    for (Answer answer : begun.answers()) {
      String text = answer.prefill() + answer.response();
      if (!refused.contains(answer.id()) && Words.count(text) > depth) {
        own.add(Map.of("question_id", answer.questionId(), "response", text));
      }
    }
    if (own.isEmpty()) {
      return outcomes(step, step.name(), List.of(), "", begun.seconds());
    }
    Path file = out.resolve("own/" + step.hash() + ".jsonl");
    JsonLines.write(file, own.iterator());
    return attack(step, steps.own(step.name(), file), steps.asked(step.name()));
  }

  @Override
  public void close() {
    steps.close();
  }
}
