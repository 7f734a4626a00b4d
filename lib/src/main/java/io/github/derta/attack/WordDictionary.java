package io.github.derta.attack;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * What words are worth by AutoDAN's momentum: the mean fitness of the prompts that hold a word,
 * averaged with what it was worth before. Only the best are kept.
 */
final class WordDictionary {

  private final int most;
  private final Function<String, List<String>> synonyms;
  private final Map<String, Double> worth = new LinkedHashMap<>();

  /**
   * An empty one.
   *
   * @param most words that are kept
   * @param synonyms of a word, for {@link #replace}
   */
  WordDictionary(int most, Function<String, List<String>> synonyms) {
    this.most = most;
    this.synonyms = synonyms;
  }

  /** Learns from prompts and their fitness. */
  void learn(List<String> templates, double[] fitness) {
    Map<String, List<Double>> seen = new LinkedHashMap<>();
    for (int i = 0; i < fitness.length; i++) {
      for (String word : new LinkedHashSet<>(Synonyms.words(templates.get(i)))) {
        seen.computeIfAbsent(word, w -> new ArrayList<>()).add(fitness[i]);
      }
    }
    Map<String, Double> all = new HashMap<>(worth);
    seen.forEach(
        (word, values) -> {
          double mean = values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
          all.merge(word, mean, (before, now) -> (before + now) / 2);
        });
    worth.clear();
    all.entrySet().stream()
        .sorted(
            Map.Entry.<String, Double>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(most)
        .forEach(entry -> worth.put(entry.getKey(), entry.getValue()));
  }

  /** The words with what they are worth, the best first. */
  Map<String, Double> words() {
    return worth;
  }

  /**
   * A prompt in which words give way to synonyms, the more easily the more these are worth. A word
   * that is not known is worth as much as the last that is.
   *
   * @param template the prompt
   * @param rate the share of words for which that is tried
   * @param random for the draws
   */
  String replace(String template, double rate, SplittableRandom random) {
    double least = worth.values().stream().mapToDouble(Double::doubleValue).min().orElse(0);
    return Synonyms.replace(
        template,
        word -> {
          if (random.nextDouble() >= rate) {
            return word;
          }
          List<String> choices = new ArrayList<>(synonyms.apply(word));
          choices.add(word);
          double[] worths =
              choices.stream().mapToDouble(choice -> worth.getOrDefault(choice, least)).toArray();
          return choices.get(Genetics.roulette(worths, random));
        });
  }
}
