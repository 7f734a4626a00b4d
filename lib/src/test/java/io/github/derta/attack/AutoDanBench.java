package io.github.derta.attack;

import ai.djl.Device;
import io.github.derta.model.Batch;
import io.github.derta.model.Compute;
import io.github.derta.model.Decoding;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.Llama;
import io.github.derta.model.LocalModel;
import io.github.derta.model.Pass;
import io.github.derta.model.Prompt;
import io.github.derta.text.ChatTemplate;
import io.github.derta.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Searches by AutoDAN whose target always refuses, for environment/bench/autodan.
 *
 * <p>Arguments: {@code speed MODEL}: the seconds of all scoring in two searches, as it is and one
 * prompt at a time, in turn. {@code cycle MODEL N}: the fitness that is reached in N questions with
 * other ways to divide the steps.
 */
final class AutoDanBench {

  private static final Decoding DECODING = Decoding.greedy(1);
  private static final LanguageModel REFUSES = Some.model(prompt -> "Sorry, no.");

  private AutoDanBench() {}

  /** One call of a scorer. */
  private record Scored(List<Prompt> prompts, String continuation) {}

  public static void main(String[] args) {
    Path folder = Path.of(args[1]);
    Compute compute = Compute.faster(Device.cpu());
    try (Tokenizer tokenizer = Tokenizer.load(folder);
        Llama llama = Llama.load(folder, compute, Device.cpu());
        LocalModel model = LocalModel.of("", llama, tokenizer, ChatTemplate.find(folder))) {
      System.err.println("products in " + compute);
      if (args[0].equals("speed")) {
        speed(model, llama);
      } else {
        cycle(model, Integer.parseInt(args[2]));
      }
    }
  }

  private static AutoDan.Settings settings(int generations, double mutation, int words, long seed) {
    AutoDan.Settings usual = AutoDan.Settings.USUAL;
    return new AutoDan.Settings(
        usual.population(),
        generations,
        usual.elites(),
        usual.crossover(),
        usual.points(),
        mutation,
        usual.cycle(),
        words,
        usual.words(),
        seed,
        usual.templates(),
        usual.target(),
        usual.mutator());
  }

  private static List<Generation> search(
      AutoDan.Settings settings, Question question, AutoDanSearch.Likelihood likelihood) {
    AutoDan attack =
        AutoDan.of(
            settings,
            Some.KITCHEN,
            spec -> {
              throw new IllegalStateException(spec);
            });
    SearchLog.Search search = SearchLog.inMemory().search("s");
    attack.search(question, REFUSES, likelihood, DECODING, search);
    return Generation.of(search.lines());
  }

  private static void cycle(LocalModel model, int n) {
    List<Question> some = Some.KITCHEN.all().subList(0, n);
    System.out.println("mutation wordSteps first last scored");
    for (double mutation : List.of(0.01, AutoDan.Settings.USUAL.mutation())) {
      for (int words : List.of(0, 1, 4, 5)) {
        double first = 0;
        double last = 0;
        int scored = 0;
        for (int i = 0; i < n; i++) {
          List<Generation> all =
              search(settings(11, mutation, words, i), some.get(i), model::meanLogLikelihood);
          first += all.get(0).best() / n;
          last += all.get(all.size() - 1).best() / n;
          scored += all.stream().mapToInt(Generation::scored).sum();
        }
        System.out.printf(
            Locale.ROOT, "%.2f %d %.3f %.3f %d%n", mutation, words, first, last, scored);
      }
    }
  }

  private static void speed(LocalModel model, Llama llama) {
    AutoDan.Settings usual = AutoDan.Settings.USUAL;
    double[] seconds = new double[3];
    for (int i = 0; i < 2; i++) {
      List<Scored> calls = new ArrayList<>();
      search(
          settings(usual.generations(), usual.mutation(), usual.wordSteps(), i),
          Some.KITCHEN.all().get(i),
          (prompts, continuation) -> {
            calls.add(new Scored(prompts, continuation));
            return model.meanLogLikelihood(prompts, continuation);
          });
      String opening = calls.get(0).continuation();
      List<Prompt> once = calls.stream().flatMap(call -> call.prompts().stream()).toList();
      // Those that lived on are prompts of earlier generations, and cost as much as these.
      List<Prompt> all =
          IntStream.range(0, usual.population() * usual.generations())
              .mapToObj(j -> once.get(j % once.size()))
              .toList();
      System.err.printf("search %d: %d prompts, %d different%n", i + 1, all.size(), once.size());
      seconds[0] +=
          time(() -> calls.forEach(c -> model.meanLogLikelihood(c.prompts(), c.continuation())));
      seconds[1] +=
          time(() -> all.forEach(prompt -> model.meanLogLikelihood(List.of(prompt), opening)));
      seconds[2] += time(() -> all.forEach(prompt -> plain(model, llama, prompt, opening)));
    }
    System.out.printf(Locale.ROOT, "as AutoDAN scores: %.1f s%n", seconds[0]);
    System.out.printf(
        Locale.ROOT,
        "every prompt alone, logits at the target: %.1f s, %.1fx%n",
        seconds[1],
        seconds[1] / seconds[0]);
    System.out.printf(
        Locale.ROOT,
        "every prompt alone, logits everywhere: %.1f s, %.1fx%n",
        seconds[2],
        seconds[2] / seconds[0]);
  }

  /** As a plain forward pass makes it. */
  private static void plain(LocalModel model, Llama llama, Prompt prompt, String opening) {
    int[] before = model.encode(prompt);
    int[] behind = model.encodeContinuation(opening);
    int[] ids = Arrays.copyOf(before, before.length + behind.length);
    System.arraycopy(behind, 0, ids, before.length, behind.length);
    try (Pass pass = llama.evaluate(new Batch(new int[][] {ids}, new int[][] {ids}))) {
      pass.logProbs();
    }
  }

  private static double time(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }
}
