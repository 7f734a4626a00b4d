package io.github.derta.model;

import io.github.derta.io.BadInput;
import java.util.List;

/**
 * How a completion is chosen.
 *
 * @param maxNewTokens its longest length in tokens, at least 1
 * @param temperature 0: the most probable token each time; else logits are divided by it and a
 *     token is drawn
 * @param topP draw among the fewest tokens that together have this probability, in (0, 1]
 * @param seed of the draws; a row's draws do not depend on the rows beside it
 * @param stop texts that end a completion, which is cut before them
 */
public record Decoding(
    int maxNewTokens, double temperature, double topP, long seed, List<String> stop) {

  /**
   * Checks the ranges.
   *
   * @throws BadInput if a number is out of its range or a stop text is empty
   * @param maxNewTokens its longest length in tokens, at least 1
   * @param temperature 0: the most probable token each time; else logits are divided by it and a
   *     token is drawn
   * @param topP draw among the fewest tokens that together have this probability, in (0, 1]
   * @param seed of the draws; a row's draws do not depend on the rows beside it
   * @param stop texts that end a completion, which is cut before them
   */
  public Decoding {
    stop = List.copyOf(stop);
    require(maxNewTokens >= 1, "maxNewTokens", maxNewTokens, "at least 1");
    boolean divides = temperature == 0 || temperature >= 1e-5 && temperature < 1e4;
    require(divides, "temperature", temperature, "0 (greedy) or from 1e-5 to 1e4");
    require(topP > 0 && topP <= 1, "topP", topP, "above 0, at most 1");
    require(!stop.contains(""), "stop", "\"\"", "not empty");
  }

  /**
   * The most probable token each time.
   *
   * @param maxNewTokens the longest length of a completion in tokens
   * @return greedy decoding without stop texts
   */
  public static Decoding greedy(int maxNewTokens) {
    return new Decoding(maxNewTokens, 0, 1, 0, List.of());
  }

  /**
   * Draws tokens by their probability.
   *
   * @param maxNewTokens the longest length of a completion in tokens
   * @param temperature divides the logits; 0 is greedy
   * @param seed of the draws
   * @return sampling without stop texts
   */
  public static Decoding sampling(int maxNewTokens, double temperature, long seed) {
    return new Decoding(maxNewTokens, temperature, 1, seed, List.of());
  }

  private static void require(boolean fine, String name, Object value, String range) {
    if (!fine) {
      throw new BadInput(name + " is " + value + ", must be " + range);
    }
  }
}
