package io.github.derta.eval;

import ai.djl.Device;
import io.github.derta.attack.AdaptiveAttack;
import io.github.derta.attack.Attack;
import io.github.derta.attack.Attacks;
import io.github.derta.attack.Question;
import io.github.derta.attack.Questions;
import io.github.derta.data.Row;
import io.github.derta.data.Source;
import io.github.derta.io.Hashes;
import io.github.derta.kitchen.Kitchen;
import io.github.derta.kitchen.KitchenQuestion;
import io.github.derta.kitchen.KitchenQuestion.Kind;
import io.github.derta.model.Decoding;
import io.github.derta.model.ModelFolder;
import io.github.derta.train.Recipe;
import io.github.derta.train.Training;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The steps of a study, each with the hash of all that decides its answers: what has that hash in
 * the tables is done. Needs no trained weights.
 */
final class StudySteps implements AutoCloseable {

  /** Training, which is a step without questions. */
  static final String TRAIN = "train";

  /** The depth curve, a step of several measures. */
  static final String DEPTH = "depth";

  /** Attacks by words of the model's own, taken from its answers to {@link #OPENING}. */
  static final String OWN = "prefill-own-";

  /** The attack whose answers are gone on with by {@link #OWN}. */
  static final String OPENING = "prefill-5";

  /**
   * A model with one seed.
   *
   * @param name in the study
   * @param seed of its training
   * @param recipe it is trained by first; for the base model what others are trained by
   * @param then by what afterwards, from the result; null: nothing
   * @param rethinking tokens between two decisions of a defence; 0: none
   * @param run hash of recipes, rows and start weights
   */
  record Trainee(String name, long seed, Recipe recipe, Recipe then, int rethinking, String run) {

    boolean base() {
      return name.equals(Study.BASE);
    }
  }

  /**
   * Something to do.
   *
   * @param who with whom
   * @param name {@link #TRAIN}, {@link #DEPTH}, an attack, or a task
   * @param hash of all that decides its answers
   */
  record Step(Trainee who, String name, String hash) {

    @Override
    public String toString() {
      return "%s, seed %d: %s".formatted(who.name, who.seed, name);
    }
  }

  private final Study study;
  private final Device device;
  private final Questions questions;
  private final Attacks made;
  private final Map<String, Attack> attacks = new LinkedHashMap<>();
  private final Map<String, Questions> tasks = new LinkedHashMap<>();
  private final Map<String, Map<String, String>> answers = new LinkedHashMap<>();

  /**
   * The steps of a study.
   *
   * @param study what is to be done
   * @param questions what attacks ask about
   * @param made makes the attacks
   * @param device where models run
   */
  StudySteps(Study study, Questions questions, Attacks made, Device device) {
    this.study = study;
    this.questions = questions;
    this.made = made;
    this.device = device;
    List<String> names = study.attacks().keySet().stream().filter(a -> !a.startsWith(OWN)).toList();
    made.set(study.settings()).named(names).forEach(attack -> attacks.put(attack.name(), attack));
    study.helpfulness().forEach((task, of) -> tasks.put(task, first(of)));
    study.helpfulness().forEach((task, of) -> answers.put(task, answers(task, of)));
  }

  /** Read before anything is trained, so that a mistake is told at once. */
  private static Map<String, String> answers(String task, Study.Task of) {
    Path file = Path.of(of.questions());
    if (!task.equals(WinRate.TASK)) {
      return task.equals("kitchen") ? Map.of() : TaskAccuracy.answers(file);
    }
    if (!of.judge().contains("://")) {
      ModelFolder.find(of.judge());
    }
    return WinRate.reference(file);
  }

  private static Questions first(Study.Task task) {
    Questions all = Questions.find(task.questions(), null);
    List<Question> some = all.all().subList(0, Math.min(all.all().size(), task.n()));
    return new Questions(all.name(), all.origin(), all.licence(), some, all.skipped());
  }

  /** Every step, model by model, in the order in which they are to be done. */
  List<Step> all() {
    List<Step> steps = new ArrayList<>();
    for (Trainee who : trainees()) {
      if (!who.base()) {
        steps.add(new Step(who, TRAIN, hash(who.run, TRAIN)));
      }
      if (study.depth() > 0 && who.rethinking == 0) {
        steps.add(new Step(who, DEPTH, hash(who.run, DEPTH, depthQuestions())));
      } else if (study.depth() > 0 && kitchen()) {
        // A defence that works on texts takes no token ids: directly, then.
        steps.add(new Step(who, DEPTH, hash(who.run, who.rethinking, DEPTH, depthQuestions())));
      }
      for (String attack : study.attacks().keySet()) {
        boolean own = attack.startsWith(OWN);
        if (!own || !who.base()) {
          steps.add(new Step(who, attack, own ? ownHash(who, attack) : attackHash(who, attack)));
        }
      }
      for (String task : tasks.keySet()) {
        steps.add(new Step(who, task, taskHash(who, task)));
      }
    }
    return steps;
  }

  private List<Trainee> trainees() {
    List<Trainee> trainees = new ArrayList<>();
    Recipe base = Training.of(study.base()).on(device).resolved();
    trainees.add(new Trainee(Study.BASE, 0, base, null, 0, baseRun(base)));
    for (long seed : study.seeds()) {
      for (Study.Model model : study.models()) {
        Recipe recipe = study.recipe(model, seed);
        String run = Training.of(recipe).on(device).id();
        Recipe then = null;
        if (model.then() != null) {
          then = recipe.with(model.then().toArray(String[]::new));
          run = hash(run, then.toYaml());
        }
        int rethinking = model.rethinking() == null ? 0 : model.rethinking();
        trainees.add(new Trainee(model.name(), seed, recipe, then, rethinking, run));
      }
    }
    return trainees;
  }

  /** The base model is asked with the type of products that the others are trained with. */
  private static String baseRun(Recipe used) {
    Path weights = ModelFolder.find(used.model()).resolve("model.safetensors");
    String all = Hashes.sha256(weights) + used.dtype();
    return Hashes.sha256(all.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
  }

  private List<Object> depthQuestions() {
    Stream<Object> asked =
        kitchen()
            ? Stream.of(Kind.values())
                .flatMap(kind -> Kitchen.heldOut(kind).stream().limit(study.depth()))
                .map(KitchenQuestion::text)
            : rows().stream().map(Row::text);
    return List.of(asked.toList(), DepthCurve.DEPTHS, DepthCurve.NEW_TOKENS);
  }

  /** Whether the depth curve is the kitchen's. */
  boolean kitchen() {
    String validation = study.base().validation();
    return validation == null || validation.equals("kitchen");
  }

  /** The rows of a depth curve that is not the kitchen's. */
  List<Row> rows() {
    return Source.rows(Path.of(study.base().validation())).items();
  }

  private String attackHash(Trainee who, String attack) {
    List<Ask> asks = Ask.all(attacks.get(attack), asked(attack));
    Plan.Planned planned = Plan.Planned.of(asks, null);
    return hash(who.run, who.rethinking, planned, decoding(), study.judge());
  }

  private String ownHash(Trainee who, String attack) {
    return hash(attackHash(who, OPENING), attack, decoding(), study.judge());
  }

  private String taskHash(Trainee who, String task) {
    Study.Task of = study.helpfulness().get(task);
    Plan.Planned planned = Plan.Planned.of(Ask.all(direct(task), tasks.get(task).all()), null);
    String judge = Objects.requireNonNullElse(of.judge(), "");
    String answers = Hashes.sha256(Path.of(of.questions()));
    return hash(who.run, who.rethinking, planned, decoding(), task, answers, judge);
  }

  private static String hash(Object... all) {
    return Plan.hash(List.of(all)).substring(0, 16);
  }

  /** The attack of that name. */
  Attack attack(String name) {
    return attacks.get(name);
  }

  /** The attack by a model's own words. */
  Attack own(String name, Path answers) {
    return made.ownAnswers(answers).named(List.of(name)).get(0);
  }

  /** What is asked for a task; null if it is none. */
  Questions task(String name) {
    return tasks.get(name);
  }

  /** The right answers to a task, or another's responses, by question. */
  Map<String, String> answers(String task) {
    return answers.get(task);
  }

  /** How a task is asked. */
  Attack direct(String task) {
    return Attacks.on(tasks.get(task), null).named(List.of("direct")).get(0);
  }

  /** The questions of an attack. */
  List<Question> asked(String attack) {
    List<Question> all = questions.all();
    return all.subList(0, Math.min(all.size(), study.attacks().get(attack)));
  }

  /** How models answer attacks. */
  Decoding decoding() {
    return Decoding.greedy(study.newTokens());
  }

  @Override
  public void close() {
    attacks.values().stream()
        .filter(AdaptiveAttack.class::isInstance)
        .forEach(attack -> ((AdaptiveAttack) attack).close());
  }
}
