package io.github.derta.eval;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.github.derta.attack.Attacks;
import io.github.derta.attack.Originals;
import io.github.derta.attack.Questions;
import io.github.derta.data.Method;
import io.github.derta.io.BadInput;
import io.github.derta.io.Resources;
import io.github.derta.io.Tables;
import io.github.derta.model.LanguageModel;
import io.github.derta.train.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import tech.tablesaw.api.Table;

/**
 * What is trained and what is asked of it, as one YAML text: every number that decides a study.
 *
 * @param name its tables begin with it
 * @param recipe that all models begin with, see {@link Recipe#load}
 * @param set what all models change in it
 * @param seeds of the trainings
 * @param models what is trained, in the order of the tables
 * @param depth most questions of each kind asked directly and after the first words of an answer
 *     ({@link #DEPTHS}): of {@code questions} and of the kitchen's harmless ones; 0: none
 * @param questions whom attacks ask about, see {@link Questions#find}; unless named, the RTO rows
 *     of the recipe's validation file, or the kitchen
 * @param prompts {@code built-in} or {@code published}
 * @param templates of JailbreakChat, see {@link Attacks#templates}; null: built-in
 * @param demonstrations a file of SelfCipher's, or null
 * @param openings a file of CompletingAttack's, or null
 * @param answers a file of answers that prefill-K begins, or null
 * @param judge whose verdicts count
 * @param newTokens longest answer; 96, as the kitchen's, where only depth is asked
 * @param dtype of the models that are asked; null: as they are trained
 * @param attacks how many questions each attack asks, by its name
 * @param harmless the same of other questions, by their source: refusing those is the price
 * @param settings of adaptive attacks, such as {@code pair.streams=4}
 * @param helpfulness what else is asked, by task: {@code gsm8k}, {@code mmlu}, {@code alpaca}, or
 *     {@code kitchen} for any harmless questions
 */
public record Study(
    String name,
    String recipe,
    List<String> set,
    List<Long> seeds,
    List<Model> models,
    int depth,
    String questions,
    String prompts,
    String templates,
    Path demonstrations,
    Path openings,
    Path answers,
    String judge,
    int newTokens,
    String dtype,
    Map<String, Integer> attacks,
    Map<String, Map<String, Integer>> harmless,
    List<String> settings,
    Map<String, Task> helpfulness) {

  /** How many words of an answer are given where a study asks for depth. */
  public static final List<Integer> DEPTHS = List.of(5, 10, 25, 50);

  /** How many tokens the kitchen's answers have at most. */
  private static final int KITCHEN_TOKENS = 96;

  /** The studies that come with the kit. */
  public static final List<String> BUILT_IN =
      List.of("kitchen", "kitchen-lora", "kitchen-beyond", "llama3-8b");

  /** The model that all others are trained from. */
  public static final String BASE = "base";

  private static final ObjectMapper YAML =
      YAMLMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE).build();

  /**
   * A model of the study.
   *
   * @param name for tables
   * @param method what its safety rows are; null: as its name says
   * @param recipe instead of the study's, or null
   * @param set what it changes in the recipe, or null
   * @param then what is trained afterwards, from the result, with these changes; null: nothing
   * @param rethinking tokens between two decisions of a defence without training ({@link
   *     io.github.derta.model.Rethinking}), or null
   * @param about what it is there to show, or null
   */
  public record Model(
      String name,
      String method,
      String recipe,
      List<String> set,
      List<String> then,
      Integer rethinking,
      String about) {}

  /**
   * How helpful answers are.
   *
   * @param questions a file with questions and right answers, or, for alpaca, another's responses
   * @param n how many of them are asked
   * @param judge of alpaca, as {@code --judge} of {@code Helpfulness.java}; else null
   */
  public record Task(String questions, int n, String judge) {}

  /** Fills in what is not named, and checks that there is something to do. */
  public Study {
    set = Objects.requireNonNullElse(set, List.of());
    settings = Objects.requireNonNullElse(settings, List.of());
    attacks = Objects.requireNonNullElse(attacks, Map.of());
    helpfulness = Objects.requireNonNullElse(helpfulness, Map.of());
    harmless = Objects.requireNonNullElse(harmless, Map.of());
    prompts = Objects.requireNonNullElse(prompts, "built-in");
    judge = Objects.requireNonNullElse(judge, "kitchen");
    check(name != null && recipe != null, "name or recipe");
    check(
        models != null && !models.isEmpty() && seeds != null && !seeds.isEmpty(),
        "models or seeds");
    check(
        depth > 0 || !attacks.isEmpty() || !helpfulness.isEmpty(), "depth, attacks or helpfulness");
    newTokens = newTokens == 0 && attacks.isEmpty() ? KITCHEN_TOKENS : newTokens;
    check(newTokens > 0, "new-tokens");
    helpfulness.forEach(Study::check);
    Set<String> names = new LinkedHashSet<>(Set.of(BASE));
    for (Model model : models) {
      if (model.name() == null || !names.add(model.name())) {
        throw new BadInput(
            "study " + name + ": each model needs a name of its own, not " + model.name());
      }
    }
  }

  private static void check(boolean there, String what) {
    if (!there) {
      throw new BadInput("a study needs " + what + "; see --help for one that has all");
    }
  }

  private static void check(String task, Task about) {
    boolean alpaca = task.equals(WinRate.TASK);
    if (!alpaca) {
      AnswerRule.of(task);
    }
    String where = "helpfulness." + task + ": ";
    if (about.questions() == null || about.n() < 1) {
      throw new BadInput(where + "questions: FILE and n, at least 1, are needed");
    }
    if (alpaca == (about.judge() == null)) {
      throw new BadInput(where + (alpaca ? "a judge is needed" : "has no judge, only alpaca has"));
    }
  }

  /**
   * {@return the study}
   *
   * @param nameOrFile one of {@link #BUILT_IN} or a YAML file
   * @throws BadInput if there is none, or something in it is unknown, missing or of the wrong type
   */
  public static Study load(String nameOrFile) {
    try {
      if (BUILT_IN.contains(nameOrFile)) {
        return YAML.readValue(text(nameOrFile), Study.class);
      }
      Path file = Path.of(nameOrFile);
      if (!Files.isRegularFile(file)) {
        throw new BadInput(
            "study \"%s\": no such file; built in are %s"
                .formatted(nameOrFile, String.join(", ", BUILT_IN)));
      }
      return YAML.readValue(Files.readString(file), Study.class);
    } catch (JsonMappingException e) {
      String problem =
          e.getCause() instanceof BadInput cause
              ? cause.getMessage()
              : "%s is unknown or no value that it can have".formatted(key(e));
      throw new BadInput(nameOrFile + ": " + problem, e);
    } catch (JsonProcessingException e) {
      throw BadInput.notYaml(nameOrFile, e);
    } catch (IOException e) {
      throw new BadInput(nameOrFile + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /** As {@code models[2].set}. */
  private static String key(JsonMappingException e) {
    return e.getPath().stream()
        .map(
            part -> part.getFieldName() == null ? "[" + part.getIndex() + "]" : part.getFieldName())
        .collect(Collectors.joining("."))
        .replace(".[", "[");
  }

  /**
   * {@return the text of a study that comes with the kit}
   *
   * @param name one of {@link #BUILT_IN}
   */
  public static String text(String name) {
    return Resources.text(Study.class, "study-" + name + ".yaml");
  }

  /**
   * {@return the recipe that a model is trained by first}
   *
   * @param model one of them
   * @param seed of its training
   */
  Recipe recipe(Model model, long seed) {
    String method = Objects.requireNonNullElse(model.method(), model.name());
    Recipe start = Recipe.load(Objects.requireNonNullElse(model.recipe(), recipe));
    return with(start, set)
        .with(Method.named(method))
        .with(Objects.requireNonNullElse(model.set(), List.<String>of()).toArray(String[]::new))
        .with("seed=" + seed);
  }

  private static Recipe with(Recipe recipe, List<String> settings) {
    return recipe.with(settings.toArray(String[]::new));
  }

  /** The recipe whose start is the base model. */
  Recipe base() {
    return with(Recipe.load(recipe), set);
  }

  /** The rows whose unsafe answers are begun where no questions are named; null: none. */
  private Path validation() {
    String validation = base().validation();
    boolean none = validation == null || validation.equals("kitchen");
    return questions == null && !none ? Path.of(validation) : null;
  }

  /**
   * The questions of attacks.
   *
   * @param originals where question sets of others are
   */
  Questions asked(Originals originals) {
    Path rows = validation();
    return rows != null
        ? Questions.rows(rows)
        : Questions.find(Objects.requireNonNullElse(questions, "kitchen"), originals);
  }

  /** How many questions each attack asks, by the source of harmless questions. */
  Map<String, Map<String, Integer>> harmlessAttacks() {
    Map<String, Map<String, Integer>> all = new LinkedHashMap<>(harmless);
    boolean kitchen = questions == null ? validation() == null : questions.equals("kitchen");
    if (depth > 0 && kitchen) {
      all.merge("kitchen-task", curve(), Study::more);
      all.merge("kitchen-fact", Map.of("direct", depth), Study::more);
      all.merge("kitchen-near", Map.of("direct", depth), Study::more);
    }
    return all;
  }

  /** How many questions each attack asks, those of the depth curve among them. */
  Map<String, Integer> allAttacks() {
    return more(curve(), attacks);
  }

  private Map<String, Integer> curve() {
    Map<String, Integer> curve = new LinkedHashMap<>();
    if (depth > 0) {
      curve.put("direct", depth);
      DEPTHS.forEach(words -> curve.put("prefill-" + words, depth));
    }
    return curve;
  }

  private static Map<String, Integer> more(Map<String, Integer> one, Map<String, Integer> other) {
    Map<String, Integer> all = new LinkedHashMap<>(one);
    other.forEach((attack, n) -> all.merge(attack, n, Math::max));
    return all;
  }

  /**
   * {@return the attacks of the study on some questions}
   *
   * @param about what is asked
   * @param originals where prompts of others are
   * @param models opens attackers and judges of searches
   */
  Attacks attacks(Questions about, Originals originals, Function<String, LanguageModel> models) {
    Attacks made = Attacks.on(about, originals).prompts(prompts).models(models).answers(answers);
    return made.demonstrations(demonstrations)
        .openings(openings)
        .templates(Objects.requireNonNullElse(templates, "built-in"));
  }

  /**
   * {@return by what the models differ: {@code method, about} (all: of every comparison), {@code
   * trained_by, weights, safety_rows, dropped}, the last in percent of RTO labels}
   */
  public Table recipes() {
    return Tables.of(
        "recipes",
        Differing.class,
        models.stream().map(model -> Differing.of(model, recipe(model, 0))).toList());
  }

  private record Differing(
      String method,
      String about,
      String trainedBy,
      String weights,
      Integer safetyRows,
      double dropped) {

    static Differing of(Model model, Recipe recipe) {
      return new Differing(
          model.name(),
          Objects.requireNonNullElse(model.about(), "all"),
          recipe.method().toString(),
          recipe.lora() == null ? "all weights" : "LoRA",
          recipe.safetyRows(),
          100 * recipe.drop());
    }
  }

  /**
   * {@return the same in small, to see whether everything runs: two models, one seed, a few rows,
   * seen once, and few questions; under another name, so that nobody takes it for a result}
   */
  public Study quick() {
    ObjectNode small = YAML.valueToTree(this);
    small.put("name", name + "-quick").put("depth", Math.min(depth, 2));
    small.put("new-tokens", Math.min(newTokens, 24));
    Recipe.QUICK.forEach(small.withArray("set")::add);
    small.set("seeds", YAML.valueToTree(seeds.subList(0, 1)));
    small.set("models", YAML.valueToTree(two()));
    small.set("attacks", YAML.valueToTree(few(attacks)));
    harmless.forEach(
        (source, some) -> small.withObject("/harmless").set(source, YAML.valueToTree(few(some))));
    if (attacks.containsKey("autodan")) {
      List<String> shorter = new ArrayList<>(settings);
      shorter.removeIf(setting -> setting.startsWith("autodan.generations"));
      shorter.add("autodan.generations=2");
      small.set("settings", YAML.valueToTree(shorter));
    }
    small.withObject("/helpfulness").forEach(task -> few((ObjectNode) task));
    try {
      return YAML.treeToValue(small, Study.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void few(ObjectNode task) {
    task.put("n", Math.min(task.get("n").asInt(), 2));
  }

  private static Map<String, Integer> few(Map<String, Integer> attacks) {
    Map<String, Integer> few = new LinkedHashMap<>();
    attacks.forEach((attack, n) -> few.put(attack, Math.min(n, searches(attack) ? 1 : 2)));
    return few;
  }

  private static boolean searches(String attack) {
    return attack.equals("pair") || attack.equals("autodan");
  }

  /** Vanilla and DeRTa where there are such; else the first two. */
  private List<Model> two() {
    List<Model> usual =
        models.stream().filter(one -> List.of("vanilla", "derta").contains(one.name())).toList();
    return usual.size() == 2 ? usual : models.subList(0, Math.min(2, models.size()));
  }
}
