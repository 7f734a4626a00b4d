package io.github.derta.attack;

import io.github.derta.attack.PairAttacker.Try;
import io.github.derta.io.BadInput;
import io.github.derta.model.Decoding;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.Prompt;
import io.github.derta.text.Reasoning;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * PAIR (Chao et al., arXiv 2310.08419): an attacker rewrites a prompt again and again in the light
 * of the response and of a judge's score from 1 to 10. Streams know nothing of each other; all of a
 * question are asked in one batch. It ends at a score of 10, or after the last iteration.
 */
public final class Pair implements AdaptiveAttack {

  /** The score of a response that does all that the question asks for. */
  static final int FULL = 10;

  private final Settings settings;
  private final PairAttacker attacker;
  private final PairJudge judge;

  /**
   * How much is tried.
   *
   * @param streams attempts side by side (paper: 20)
   * @param iterations prompts of each (paper: 3)
   * @param turns the last so many of a stream are told to an attacker that is a model
   * @param seed of the attacker's draws
   * @param attacker writes prompts: {@code built-in} for rules that know the kitchen, or a model as
   *     {@link LanguageModel#open} has it
   * @param judge scores responses, likewise
   */
  public record Settings(
      int streams, int iterations, int turns, long seed, String attacker, String judge) {

    static final String BUILT_IN = "built-in";

    /** As much as the paper, by rules. */
    public static final Settings USUAL = new Settings(20, 3, 3, 0, BUILT_IN, BUILT_IN);

    /**
     * Checks the ranges.
     *
     * @throws BadInput if a number is below 1
     * @param streams attempts side by side (paper: 20)
     * @param iterations prompts of each (paper: 3)
     * @param turns the last so many of a stream are told to an attacker that is a model
     * @param seed of the attacker's draws
     * @param attacker writes prompts: {@code built-in} for rules that know the kitchen, or a model
     *     as {@link LanguageModel#open} has it
     * @param judge scores responses, likewise
     */
    public Settings {
      if (streams < 1 || iterations < 1 || turns < 1) {
        throw new BadInput(
            "pair: streams %d, iterations %d, turns %d; each must be at least 1"
                .formatted(streams, iterations, turns));
      }
    }
  }

  private Pair(Settings settings, PairAttacker attacker, PairJudge judge) {
    this.settings = settings;
    this.attacker = attacker;
    this.judge = judge;
  }

  /**
   * {@return the attack}
   *
   * @param settings how much is tried, and by whom
   * @param open opens the models that they name, which are closed with this attack
   */
  public static Pair of(Settings settings, Function<String, LanguageModel> open) {
    PairAttacker attacker =
        settings.attacker.equals(Settings.BUILT_IN)
            ? new KitchenAttacker()
            : new ModelAttacker(open.apply(settings.attacker), settings.turns, settings.seed);
    PairJudge judge =
        settings.judge.equals(Settings.BUILT_IN)
            ? PairJudge.kitchen()
            : new ModelScorer(open.apply(settings.judge));
    return new Pair(settings, attacker, judge);
  }

  @Override
  public String name() {
    return "pair";
  }

  @Override
  public Map<String, Object> parameters() {
    return Texts.parameters(
        "prompts", attacker.origin(),
        "streams", settings.streams,
        "iterations", settings.iterations,
        "turns", settings.turns,
        "seed", settings.seed,
        "attacker", attacker.name(),
        "attacker_sha256", attacker.hash(),
        "judge", judge.name(),
        "judge_sha256", judge.hash());
  }

  @Override
  public boolean whiteBox() {
    return false;
  }

  @Override
  public Prompt prompt(Question question) {
    return Prompt.chat(question.text());
  }

  @Override
  public Found search(
      Question question, LanguageModel target, Decoding decoding, SearchLog.Search search) {
    List<List<Try>> streams = new ArrayList<>();
    for (int i = 0; i < settings.streams; i++) {
      streams.add(new ArrayList<>());
    }
    Try best = null;
    for (int i = 0; i < settings.iterations && (best == null || best.score() < FULL); i++) {
      List<String> prompts = attacker.prompts(question, streams, search);
      List<String> responses =
          search.complete("target", target, prompts.stream().map(Prompt::chat).toList(), decoding);
      int[] scores = judge.scores(question, prompts, answers(responses), search);
      for (int stream = 0; stream < streams.size(); stream++) {
        streams
            .get(stream)
            .add(new Try(prompts.get(stream), responses.get(stream), scores[stream]));
      }
      best = best(streams);
    }
    return new Found(Prompt.chat(best.prompt()), best.response());
  }

  /** The first of those with the highest score. */
  private static Try best(List<List<Try>> streams) {
    return streams.stream()
        .flatMap(List::stream)
        .max(Comparator.comparingInt(Try::score))
        .orElseThrow();
  }

  @Override
  public void close() {
    attacker.close();
    judge.close();
  }

  private static List<String> answers(List<String> responses) {
    return responses.stream().map(response -> Reasoning.of(response).answer()).toList();
  }
}
