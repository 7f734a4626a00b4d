package io.github.derta.attack;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** AutoDAN's selection and crossover. Prompts are templates with one place for the question. */
final class Genetics {

  /** A mark at the end of a sentence; the dot behind a number counts the steps of an answer. */
  private static final String MARK = "(?<!\\d)[.!?][\"')\\]]{0,2}";

  /** Behind the blanks after the end of a sentence, and behind line ends. */
  private static final Pattern BETWEEN =
      Pattern.compile("(?<=%s\\s{1,3})(?=\\S)|(?<=\\n)(?=\\S)".formatted(MARK));

  private static final Pattern ENDED = Pattern.compile(MARK + "$");

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
   * counterparts, so that both children have just one, and so are last sentences without an end,
   * which begin the answer: none comes to stand in the midst of a child.
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
    String[] x = aligned(first, before, before + behind + 1);
    String[] y = aligned(second, before, before + behind + 1);
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

  /**
   * Moved so that the question is in a given place, and a last sentence without an end in the last
   * one, unless the question is in it; nothing where there is no sentence.
   */
  private static String[] aligned(List<String> sentences, int place, int length) {
    String[] all = new String[length];
    Arrays.fill(all, "");
    int last = sentences.size() - 1;
    int from = place - place(sentences);
    for (int i = 0; i <= last; i++) {
      all[from + i] = sentences.get(i);
    }
    if (place(sentences) < last && !ENDED.matcher(sentences.get(last)).find()) {
      String before = all[from + last - 1];
      String blanks = before.substring(before.stripTrailing().length());
      all[from + last - 1] = before.stripTrailing();
      all[from + last] = "";
      all[length - 1] = blanks + sentences.get(last);
    }
    return all;
  }

  private static String join(String[] sentences) {
    StringBuilder text = new StringBuilder();
    for (String sentence : sentences) {
      boolean blank = text.isEmpty() || Character.isWhitespace(text.charAt(text.length() - 1));
      boolean apart = blank || sentence.isEmpty() || Character.isWhitespace(sentence.charAt(0));
      text.append(apart ? "" : " ").append(sentence);
    }
    return text.toString().strip().replaceAll(" +\n", "\n");
  }
}
