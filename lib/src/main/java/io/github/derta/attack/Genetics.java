package io.github.derta.attack;

import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** AutoDAN's selection and crossover. Prompts are templates with one place for the question. */
final class Genetics {

  /** Behind the blanks after the end of a sentence, and behind line ends. */
  private static final Pattern BETWEEN =
      Pattern.compile("(?<=[.!?][\"')\\]]{0,2}\\s{1,3})(?=\\S)|(?<=\\n)(?=\\S)");

  private Genetics() {}

  /** How often the question is to be put in. */
  static int places(String template) {
    return template.split(Pattern.quote(Texts.QUESTION), -1).length - 1;
  }

  /** Indices by fitness, the best first; among equals the earlier first. */
  static List<Integer> byFitness(double[] fitness) {
    return IntStream.range(0, fitness.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -fitness[i]))
        .toList();
  }

  /** Draws an index with the probabilities of a softmax. */
  static int roulette(double[] fitness, SplittableRandom random) {
    double best = DoubleStream.of(fitness).max().orElseThrow();
    double[] weights = DoubleStream.of(fitness).map(one -> Math.exp(one - best)).toArray();
    double ball = random.nextDouble() * DoubleStream.of(weights).sum();
    int slot = 0;
    while (slot < weights.length - 1 && ball >= weights[slot]) {
      ball -= weights[slot++];
    }
    return slot;
  }

  /**
   * Two children of two prompts, which are cut between sentences at several points; each piece goes
   * to the one child and its counterpart to the other. The sentences with the question are
   * counterparts, so that both children have just one.
   *
   * @param a a prompt
   * @param b another
   * @param points how often they are cut, or less often if they are short
   * @param random for the draws
   */
  static List<String> cross(String a, String b, int points, SplittableRandom random) {
    List<String> first = sentences(a);
    List<String> second = sentences(b);
    int before = Math.max(place(first), place(second));
    int behind = Math.max(first.size() - place(first), second.size() - place(second));
    String[] x = aligned(first, before, before + behind);
    String[] y = aligned(second, before, before + behind);
    TreeSet<Integer> cuts = new TreeSet<>();
    while (cuts.size() < Math.min(points, x.length - 1)) {
      cuts.add(1 + random.nextInt(x.length - 1));
    }
    boolean swapped = random.nextBoolean();
    for (int i = 0; i < x.length; i++) {
      swapped = cuts.contains(i) ? random.nextBoolean() : swapped;
      if (swapped) {
        String kept = x[i];
        x[i] = y[i];
        y[i] = kept;
      }
    }
    return List.of(join(x), join(y));
  }

  /** With the blanks behind them. */
  static List<String> sentences(String template) {
    return List.of(BETWEEN.split(template));
  }

  private static int place(List<String> sentences) {
    return IntStream.range(0, sentences.size())
        .filter(i -> sentences.get(i).contains(Texts.QUESTION))
        .findFirst()
        .orElseThrow();
  }

  /** Moved so that the question is in a given place; nothing where there is no sentence. */
  private static String[] aligned(List<String> sentences, int place, int length) {
    String[] all = new String[length];
    int from = place - place(sentences);
    for (int i = 0; i < length; i++) {
      boolean there = i >= from && i < from + sentences.size();
      all[i] = there ? sentences.get(i - from) : "";
    }
    return all;
  }

  private static String join(String[] sentences) {
    StringBuilder text = new StringBuilder();
    for (String sentence : sentences) {
      boolean blank = text.length() == 0 || Character.isWhitespace(text.charAt(text.length() - 1));
      text.append(blank || sentence.isEmpty() ? "" : " ").append(sentence);
    }
    return text.toString().strip();
  }
}
