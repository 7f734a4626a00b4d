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

    MethodRun model() {
      return new MethodRun(name, seed, run);
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
      return who.model() + ": " + name;
    }
  }

  private final Study study;
  private final Device device;
  private final Questions questions;
  private final Attacks made;
  private final Map<String, Attack> attacks = new LinkedHashMap<>();
  private final Map<String, StudyTask> tasks = new LinkedHashMap<>();

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
    study.helpfulness().forEach((name, of) -> tasks.put(name, StudyTask.of(name, of)));
    tasks.forEach((name, of) -> attacks.put(name, direct(of.questions())));
  }

  private static Attack direct(Questions questions) {
    return Attacks.on(questions, null).named(List.of("direct")).get(0);
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

  private String taskHash(Trainee who, String name) {
    StudyTask task = tasks.get(name);
    Plan.Planned planned = Plan.Planned.of(Ask.all(attacks.get(name), asked(name)), null);
    return hash(who.run, who.rethinking, planned, decoding(), name, task.answers(), task.judge());
  }

  private static String hash(Object... all) {
    return Plan.hash(List.of(all)).substring(0, 16);
  }

  /** The attack of that name; a task is asked directly. */
  Attack attack(String name) {
    return attacks.get(name);
  }

  /** The attack by a model's own words. */
  Attack own(String name, Path answers) {
    return made.ownAnswers(answers).named(List.of(name)).get(0);
  }

  /** The task of that name; null if it is an attack's. */
  StudyTask task(String name) {
    return tasks.get(name);
  }

  /** The questions of an attack or a task. */
  List<Question> asked(String name) {
    StudyTask task = tasks.get(name);
    return task == null
        ? questions.first(study.attacks().get(name))
        : task.questions().first(study.helpfulness().get(name).n());
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
