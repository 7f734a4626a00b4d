package io.github.derta.eval;

import ai.djl.Device;
import io.github.derta.attack.AdaptiveAttack;
import io.github.derta.attack.Attack;
import io.github.derta.attack.Attacks;
import io.github.derta.attack.Originals;
import io.github.derta.attack.Questions;
import io.github.derta.io.BadInput;
import io.github.derta.model.Decoding;
import io.github.derta.model.HelperModels;
import io.github.derta.model.ModelFolder;
import io.github.derta.model.Prompt;
import io.github.derta.train.Recipe;
import io.github.derta.train.Training;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The steps of a study, each with the hash of all that decides its answers. Reads recipes, rows,
 * prompts and hashes of start weights; loads no model.
 */
final class StudyPlan {

  /** The step that trains. */
  static final String TRAIN = "train";

  /** Attacks by words of the model's own, taken from its answers to {@link #OPENING}. */
  static final String OWN = "prefill-own-";

  static final String OPENING = "prefill-5";

  /**
   * A model with one seed.
   *
   * @param name in the study
   * @param seed of its training
   * @param recipe it is trained by first; for the base model what others are trained by
   * @param then by what afterwards, from the result; null: nothing
   * @param rethinking tokens between two decisions of a defence; 0: none
   * @param training hash of recipes, rows and start weights
   */
  record Trainee(
      String name, long seed, Recipe recipe, Recipe then, int rethinking, String training) {}

  /** One attack on some questions, or a task; n: how many are asked. */
  record Job(String name, Questions questions, Attack attack, int n, StudyTask task) {

    AttackSuite suite(Decoding decoding, List<Judge> judges) {
      return new AttackSuite(questions, n, List.of(attack), decoding, judges);
    }
  }

  /** Something to do; job is null for a training. */
  record Step(Trainee who, Job job, String hash) {

    String attack() {
      return job == null ? TRAIN : job.name;
    }

    String kind() {
      return job == null ? "" : job.task != null ? job.name : job.questions.kind();
    }
  }

  private final Study study;
  private final Originals originals;
  private final Device device;
  private final HelperModels helpers;
  private final Consumer<String> notices;
  private final List<Job> jobs = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private final Map<Job, Plan.Planned> planned = new IdentityHashMap<>();

  StudyPlan(Study study, Originals originals, Device device, Consumer<String> notices) {
    this.notices = notices;
    this.study = study;
    this.originals = originals;
    this.device = device;
    helpers = new HelperModels(dtype(), device);
    jobs();
    List<Trainee> trainees = trainees();
    trainees.forEach(this::steps);
    trainees.stream().map(Trainee::recipe).map(StudyPlan::format).distinct().forEach(this::check);
  }

  private record Format(Path model, String name) {}

  private static Format format(Recipe recipe) {
    return new Format(ModelFolder.find(recipe.model()), recipe.format());
  }

  /** A missing chat format is told before anything is trained. */
  private void check(Format format) {
    List<Prompt> prompts = planned.values().stream().map(Plan.Planned::prompt).toList();
    ModelFolder.check(format.model, null, format.name, prompts);
  }

  /** In the order in which they are to be done. */
  List<Step> steps() {
    return steps;
  }

  /** The type of models that are not trained here. */
  String dtype() {
    return Objects.requireNonNullElse(study.dtype(), "auto");
  }

  Decoding decoding() {
    return Decoding.greedy(study.newTokens());
  }

  private void jobs() {
    Questions asked = study.asked(originals);
    jobs(asked, study.allAttacks(), study.settings());
    study
        .harmlessAttacks()
        .forEach((source, some) -> jobs(Questions.find(source, originals), some, List.of()));
    study
        .helpfulness()
        .forEach(
            (name, about) -> {
              StudyTask task = StudyTask.of(name, about);
              Attacks direct = Attacks.on(task.questions(), originals);
              Attack attack = direct.named(List.of("direct")).get(0);
              jobs.add(new Job(name, task.questions(), attack, about.n(), task));
            });
  }

  private void jobs(Questions asked, Map<String, Integer> some, List<String> settings) {
    List<String> names = some.keySet().stream().filter(name -> !name.startsWith(OWN)).toList();
    Map<String, Attack> attacks = new HashMap<>();
    study
        .attacks(asked, originals, helpers)
        .set(settings)
        .named(names)
        .forEach(attack -> attacks.put(attack.name(), attack));
    some.forEach(
        (name, n) -> {
          Job job = new Job(name, asked, attacks.get(name), n, null);
          if (job.attack == null && !name.startsWith(OWN)) {
            throw new BadInput("attack " + name + " stands for several; a study names each");
          }
          if (job.attack == null || study.attacks().containsKey(name) || canBeAsked(job)) {
            jobs.add(job);
          }
        });
  }

  /** Depths that no answer has words for are left out of a depth curve. */
  private boolean canBeAsked(Job job) {
    boolean can = Ask.possible(job.attack, job.questions.first(job.n));
    if (!can) {
      notices.accept(
          "No answer has words for " + job.name + ", so it is left out: " + job.questions);
    }
    return can;
  }

  private List<Trainee> trainees() {
    List<Trainee> trainees = new ArrayList<>();
    Recipe base = Training.of(study.base()).on(device).resolved();
    trainees.add(new Trainee(Study.BASE, 0, base, null, 0, baseRun(base)));
    for (long seed : study.seeds()) {
      for (Study.Model one : study.models()) {
        Recipe recipe = study.recipe(one, seed);
        String training = Training.of(recipe).on(device).id();
        Recipe then = null;
        if (one.then() != null) {
          then = recipe.with(one.then().toArray(String[]::new));
          training = hash(training, Training.of(then).on(device).id());
        }
        int rethinking = Objects.requireNonNullElse(one.rethinking(), 0);
        trainees.add(new Trainee(one.name(), seed, recipe, then, rethinking, training));
      }
    }
    return trainees;
  }

  /** The base model is asked with the type of products that the others are trained with. */
  private static String baseRun(Recipe used) {
    return hash(ModelFolder.hashes(ModelFolder.find(used.model())), used.dtype());
  }

  private void steps(Trainee who) {
    boolean base = who.name.equals(Study.BASE);
    if (!base) {
      steps.add(new Step(who, null, hash(who.training, TRAIN)));
    }
    for (Job job : jobs) {
      if (job.attack != null) {
        steps.add(new Step(who, job, hash(who, job)));
      } else if (!base) {
        String begun = hash(who, opening(job));
        steps.add(new Step(who, job, hash(begun, job.name, job.n, decoding(), study.judge())));
      }
    }
  }

  /** Of all that decides the answers of a job. */
  String hash(Trainee who, Job job) {
    Plan.Planned asked =
        planned.computeIfAbsent(
            job, one -> Plan.Planned.of(one.suite(decoding(), List.of()).asks().get(0), null));
    List<Object> all = new ArrayList<>(List.of(who.training, who.rethinking, asked, decoding()));
    if (job.task == null) {
      all.add(study.judge());
    } else {
      all.addAll(List.of(job.name, job.task.answers(), job.task.judge()));
    }
    if (study.dtype() != null) {
      all.add(study.dtype());
    }
    return hash(all.toArray());
  }

  private static String hash(Object... all) {
    return Plan.hash(List.of(all)).substring(0, 16);
  }

  /** The job whose answers a model's own words are taken from. */
  Job opening(Job own) {
    return jobs.stream()
        .filter(job -> job.name.equals(OPENING) && job.questions.equals(own.questions))
        .findFirst()
        .orElseThrow(
            () ->
                new BadInput(
                    OWN + "K: the study must ask " + OPENING + ", whose answers it begins"));
  }

  /** The same job by words of a file of the model's own. */
  Job own(Job job, Path file) {
    Attacks made = study.attacks(job.questions, originals, helpers).ownAnswers(file);
    Attack attack = made.named(List.of(job.name)).get(0);
    return new Job(job.name, job.questions, attack, job.n, null);
  }

  /** Closes models that attacks opened. */
  void close() {
    jobs.stream()
        .map(Job::attack)
        .filter(AdaptiveAttack.class::isInstance)
        .forEach(attack -> ((AdaptiveAttack) attack).close());
  }
}
