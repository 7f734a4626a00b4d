package io.github.derta.attack;

import com.fasterxml.jackson.core.type.TypeReference;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.model.Decoding;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.LocalModel;
import io.github.derta.model.Prompt;
import io.github.derta.text.RefusalPhrases;
import io.github.derta.text.Words;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * AutoDAN, hierarchical (Liu et al., arXiv 2310.04451): prompts are bred for how probable they make
 * the beginning of an answer, and the best of each generation is asked, until a response holds no
 * phrase of refusal. It looks into the model.
 */
public final class AutoDan implements AdaptiveAttack {

  /** So much of a known answer is what prompts are bred for. */
  private static final int OPENING_WORDS = 8;

  private static final String GENERIC = "Sure, here is how it is done, step by step:";

  private final Settings settings;
  private final Mutator mutator;
  private final String origin;
  private final List<String> templates;
  private final PerQuestion openings;

  /**
   * How much is tried. In brackets: the paper, and where they differ its public code.
   *
   * @param population prompts of a generation (code: 256)
   * @param generations how many there are, the first included (100)
   * @param elites the share of the best, which live on as they are (0.1; code: 0.05)
   * @param crossover the probability that two parents are crossed, and the share of words for which
   *     the dictionary is asked (0.5)
   * @param points most cuts of a crossover, between sentences (5)
   * @param mutation the probability that a child is put into other words (0.01)
   * @param cycle so many steps from generation to generation make a cycle (5)
   * @param wordSteps the last so many steps of a cycle choose words by the dictionary; the others
   *     cross sentences (4)
   * @param words that the dictionary keeps (30)
   * @param seed of all draws
   * @param templates {@code built-in}, or a file: JSON Lines with "template", in which "{question}"
   *     stands once
   * @param target the beginning of an answer: {@code built-in} for that of a known answer in the
   *     kitchen and the same words for all other questions, {@code generic} for these, or a file:
   *     JSON Lines with "question_id" and "opening"
   * @param mutator {@code wordnet} for synonyms, or a model as {@link LanguageModel#open} has it
   */
  public record Settings(
      int population,
      int generations,
      double elites,
      double crossover,
      int points,
      double mutation,
      int cycle,
      int wordSteps,
      int words,
      long seed,
      String templates,
      String target,
      String mutator) {

    static final String BUILT_IN = "built-in";
    static final String GENERIC = "generic";

    /** Small enough for two processor cores; a small population needs more mutation. */
    public static final Settings USUAL =
        new Settings(16, 10, 0.1, 0.5, 5, 0.2, 5, 1, 30, 0, BUILT_IN, BUILT_IN, Synonyms.NAME);

    private void check() {
      require(population >= 2, "population", population, "at least 2");
      require(generations >= 1, "generations", generations, "at least 1");
      require(elites >= 0 && elites < 1, "elites", elites, "0 to below 1");
      require(crossover >= 0 && crossover <= 1, "crossover", crossover, "0 to 1");
      require(points >= 1, "points", points, "at least 1");
      require(mutation >= 0 && mutation <= 1, "mutation", mutation, "0 to 1");
      require(cycle >= 1, "cycle", cycle, "at least 1");
      require(wordSteps >= 0 && wordSteps <= cycle, "wordSteps", wordSteps, "0 to cycle");
      require(words >= 1, "words", words, "at least 1");
    }

    private static void require(boolean fine, String name, Object value, String range) {
      if (!fine) {
        throw new BadInput("autodan.%s is %s, must be %s".formatted(name, value, range));
      }
    }
  }

  private AutoDan(
      Settings settings,
      Mutator mutator,
      String origin,
      List<String> templates,
      PerQuestion openings) {
    this.settings = settings;
    this.mutator = mutator;
    this.origin = origin;
    this.templates = templates;
    this.openings = openings;
  }

  /**
   * {@return the attack}
   *
   * @param settings how much is tried, and from where
   * @param questions what is asked
   * @param open opens the model that they name, which is closed with this attack
   * @throws BadInput if a setting is out of its range, or a file cannot be used
   */
  public static AutoDan of(
      Settings settings, Questions questions, Function<String, LanguageModel> open) {
    settings.check();
    boolean ours = settings.templates.equals(Settings.BUILT_IN);
    Path file = Path.of(settings.templates);
    List<String> templates =
        (ours ? Texts.records("autodan.jsonl") : Texts.records(file))
            .stream().map(AutoDan::template).toList();
    PerQuestion openings =
        switch (settings.target) {
          case Settings.BUILT_IN -> questions.ours() ? known(questions) : generic(questions);
          case Settings.GENERIC -> generic(questions);
          default -> PerQuestion.read(Path.of(settings.target), "opening");
        };
    Mutator mutator =
        settings.mutator.equals(Synonyms.NAME)
            ? new Synonyms()
            : new ModelMutator(open.apply(settings.mutator));
    String origin = ours ? Settings.BUILT_IN : file.getFileName().toString();
    return new AutoDan(settings, mutator, origin, templates, openings);
  }

  private static String template(JsonLines.Line line) {
    String template = line.text("template").strip();
    if (Genetics.places(template) != 1) {
      throw BadInput.at(
          line.file(),
          line.number(),
          "%s stands %d times in the template, must once"
              .formatted(Texts.QUESTION, Genetics.places(template)));
    }
    return template;
  }

  private static PerQuestion generic(Questions questions) {
    Map<String, String> openings = new TreeMap<>();
    questions.all().forEach(question -> openings.put(question.id(), GENERIC));
    return new PerQuestion(Settings.GENERIC, openings);
  }

  /** What SmolLM2 once began with, unless that was a refusal or all it said. */
  private static PerQuestion known(Questions questions) {
    PerQuestion answers = PerQuestion.kitchenAnswers();
    Map<String, String> openings = new TreeMap<>(generic(questions).texts());
    for (Question question : questions.all()) {
      String answer = answers.of(question);
      if (Words.count(answer) > OPENING_WORDS) {
        String begun = Prefill.begin(answer, OPENING_WORDS, question);
        if (RefusalPhrases.REFUSALS.first(begun).isEmpty()) {
          openings.put(question.id(), begun);
        }
      }
    }
    return new PerQuestion(answers.origin(), openings);
  }

  @Override
  public String name() {
    return "autodan";
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> all =
        JsonLines.MAPPER.convertValue(settings, new TypeReference<TreeMap<String, Object>>() {});
    all.put("prompts", origin);
    all.put("templates", templates.size());
    all.put("templates_sha256", Texts.hash(templates));
    all.put("target", openings.origin());
    all.put("target_sha256", Texts.hash(openings.texts()));
    all.put("mutator", mutator.name());
    all.put("mutator_sha256", mutator.hash());
    return all;
  }

  @Override
  public boolean whiteBox() {
    return true;
  }

  @Override
  public Prompt prompt(Question question) {
    openings.of(question); // is there one?
    return Prompt.chat(Texts.fill(templates.get(0), "question", question.text()));
  }

  @Override
  public Found search(
      Question question, LanguageModel target, Decoding decoding, SearchLog.Search search) {
    if (!(target instanceof LocalModel local)) {
      throw new BadInput(
          name() + " looks into the model: it needs a folder, which " + target.name() + " is not");
    }
    return search(question, local, local::meanLogLikelihood, decoding, search);
  }

  /** For tests: any measure of how probable a text is. */
  Found search(
      Question question,
      LanguageModel target,
      AutoDanSearch.Likelihood likelihood,
      Decoding decoding,
      SearchLog.Search search) {
    AutoDanSearch.Fitness fitness = prompts -> likelihood.of(prompts, openings.of(question));
    return new AutoDanSearch(settings, templates, mutator, question, fitness, search)
        .run(prompt -> search.complete("target", target, List.of(prompt), decoding).get(0));
  }

  @Override
  public void close() {
    mutator.close();
  }
}
