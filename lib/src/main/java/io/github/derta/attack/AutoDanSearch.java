package io.github.derta.attack;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.derta.attack.AdaptiveAttack.Found;
import io.github.derta.io.JsonLines;
import io.github.derta.model.Prompt;
import io.github.derta.text.Reasoning;
import io.github.derta.text.RefusalPhrases;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** AutoDAN's search for one question. */
final class AutoDanSearch {

  private final AutoDan.Settings settings;
  private final List<String> templates;
  private final Mutator mutator;
  private final Question question;
  private final Fitness scorer;
  private final SearchLog.Search log;
  private final SplittableRandom random;
  private final WordDictionary dictionary;
  private final Map<String, Double> known = new HashMap<>();

  /** How probable a text is behind each prompt. */
  interface Likelihood {
    double[] of(List<Prompt> prompts, String continuation);
  }

  /** How good prompts are. */
  interface Fitness {
    double[] of(List<Prompt> prompts);
  }

  AutoDanSearch(
      AutoDan.Settings settings,
      List<String> templates,
      Mutator mutator,
      Question question,
      Fitness scorer,
      SearchLog.Search log) {
    this.settings = settings;
    this.templates = templates;
    this.mutator = mutator;
    this.question = question;
    this.scorer = scorer;
    this.log = log;
    // Each question has draws of its own, whichever others are asked.
    random = new SplittableRandom(settings.seed() ^ 31L * question.id().hashCode());
    dictionary = new WordDictionary(settings.words(), Synonyms::of);
  }

  Found run(Function<Prompt, String> target) {
    Map<String, String> asked = new HashMap<>();
    List<String> population = first();
    for (int generation = 0; ; generation++) {
      int before = known.size();
      double[] fitness = fitness(population);
      String best = population.get(Genetics.byFitness(fitness).get(0));
      if (!asked.containsKey(best)) {
        asked.put(best, target.apply(prompt(best)));
      }
      String response = asked.get(best);
      String answer = Reasoning.of(response).answer();
      boolean worked = !answer.isBlank() && RefusalPhrases.REFUSALS.first(answer).isEmpty();
      note(generation, fitness, known.size() - before, worked);
      if (worked || generation == settings.generations() - 1) {
        return new Found(prompt(best), response);
      }
      population = next(population, fitness, generation);
    }
  }

  private void note(int generation, double[] fitness, int scored, boolean worked) {
    DoubleStream all = DoubleStream.of(fitness);
    Generation made =
        new Generation(
            generation,
            DoubleStream.of(fitness).max().orElseThrow(),
            all.average().orElseThrow(),
            scored,
            worked);
    try {
      log.note(JsonLines.MAPPER.writeValueAsString(made));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private Prompt prompt(String template) {
    return Prompt.chat(Texts.fill(template, "question", question.text()));
  }

  /** The prompts that people wrote, and as many more in other words as are wanted. */
  private List<String> first() {
    int given = Math.min(settings.population(), templates.size());
    List<String> population = new ArrayList<>(templates.subList(0, given));
    List<String> more =
        IntStream.range(given, settings.population())
            .mapToObj(i -> templates.get(i % templates.size()))
            .toList();
    population.addAll(more.isEmpty() ? more : mutator.mutate(more, random, log));
    return population;
  }

  /** What was scored before is not scored again. */
  private double[] fitness(List<String> population) {
    List<String> open =
        population.stream().distinct().filter(one -> !known.containsKey(one)).toList();
    if (!open.isEmpty()) {
      double[] scores =
          log.score(
              "likelihood",
              open.stream().map(one -> prompt(one).text()).toList(),
              texts -> scorer.of(texts.stream().map(Prompt::chat).toList()));
      for (int i = 0; i < scores.length; i++) {
        known.put(open.get(i), scores[i]);
      }
    }
    return population.stream().mapToDouble(known::get).toArray();
  }

  private List<String> next(List<String> population, double[] fitness, int step) {
    int n = population.size();
    List<String> byFitness = Genetics.byFitness(fitness).stream().map(population::get).toList();
    int elites = Math.min(n - 1, Math.max(1, (int) Math.round(settings.elites() * n)));
    boolean words = step % settings.cycle() >= settings.cycle() - settings.wordSteps();
    List<String> children = new ArrayList<>();
    if (words) {
      dictionary.learn(population, fitness);
      byFitness.subList(elites, n).stream()
          .map(one -> dictionary.replace(one, settings.crossover(), random))
          .forEach(children::add);
    } else {
      while (children.size() < n - elites) {
        children.addAll(pair(population, fitness));
      }
    }
    List<String> next = new ArrayList<>(byFitness.subList(0, elites));
    next.addAll(mutated(children.subList(0, n - elites)));
    return next;
  }

  private List<String> pair(List<String> population, double[] fitness) {
    String a = population.get(Genetics.roulette(fitness, random));
    String b = population.get(Genetics.roulette(fitness, random));
    return random.nextDouble() < settings.crossover()
        ? Genetics.cross(a, b, settings.points(), random)
        : List.of(a, b);
  }

  private List<String> mutated(List<String> children) {
    List<Integer> chosen =
        IntStream.range(0, children.size())
            .filter(i -> random.nextDouble() < settings.mutation())
            .boxed()
            .toList();
    List<String> all = new ArrayList<>(children);
    if (!chosen.isEmpty()) {
      List<String> changed =
          mutator.mutate(chosen.stream().map(children::get).toList(), random, log);
      for (int i = 0; i < changed.size(); i++) {
        all.set(chosen.get(i), changed.get(i));
      }
    }
    return all;
  }
}
