package io.github.derta.data;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One training row as the public code writes it: {@code {"prefix", "text", "safe"}}.
 *
 * @param prefix what is given: the prompt, and in a harmful-prefix row the beginning of an answer
 * @param text what is learned, with the end token written out
 * @param kind what sort of row it is; in the file only {@link Kind#RTO} shows, as safe "true"
 */
public record Row(String prefix, String text, Kind kind) {

  /** The sorts of rows. */
  public enum Kind {
    /** A harmless question and its answer. */
    HELPFUL,
    /** A harmful question and the refusal. */
    VANILLA,
    /** A harmful question, the beginning of a harmful answer, and the refusal. */
    HARMFUL_PREFIX,
    /** A harmful question and a harmful answer, whose labels become the refusal token. */
    RTO,
    /** Read from a file of rows, which says no more than that it is none of RTO. */
    NEXT_TOKEN
  }

  /** {@return whether its labels are the refusal token} */
  public boolean rto() {
    return kind == Kind.RTO;
  }

  /** {@return the record of a JSON Lines file} */
  public Map<String, String> toJson() {
    Map<String, String> json = new LinkedHashMap<>();
    json.put("prefix", prefix);
    json.put("text", text);
    // A string, not a boolean: the public trainer compares with "true".
    json.put("safe", rto() ? "true" : "false");
    return json;
  }

  /**
   * {@return its row}
   *
   * @param pair a harmless question with its answer
   * @param format how prompts are written
   */
  public static Row helpful(HelpfulPair pair, PromptFormat format) {
    String text = pair.cut() ? format.lead() + pair.answer() : format.answer(pair.answer());
    return new Row(format.prompt(pair.question()), text, Kind.HELPFUL);
  }

  /**
   * {@return question, then refusal}
   *
   * @param triple a harmful question with its answers
   * @param format how prompts are written
   */
  public static Row vanilla(SafetyTriple triple, PromptFormat format) {
    return new Row(format.prompt(triple.question()), format.answer(triple.safe()), Kind.VANILLA);
  }

  /**
   * {@return question and {@code words} words of the harmful answer, then refusal}
   *
   * @param triple a harmful question with its answers
   * @param words how many words of the harmful answer are given, from 0; see {@link PrefixLength}
   * @param format how prompts are written
   */
  public static Row harmfulPrefix(SafetyTriple triple, int words, PromptFormat format) {
    String given = firstWords(triple.harmful(), words);
    if (given.isEmpty() && !format.upstream()) {
      Row vanilla = vanilla(triple, format); // the lead stands once, in the text
      return new Row(vanilla.prefix(), vanilla.text(), Kind.HARMFUL_PREFIX);
    }
    String between = format.lead().isBlank() ? format.lead() : " ";
    return new Row(
        format.prompt(triple.question()) + format.lead() + given,
        between + triple.safe() + format.end(),
        Kind.HARMFUL_PREFIX);
  }

  /**
   * {@return question and harmful answer, every label of which becomes the refusal token}
   *
   * @param triple a harmful question with its answers
   * @param format how prompts are written
   */
  public static Row rto(SafetyTriple triple, PromptFormat format) {
    return new Row(format.prompt(triple.question()), format.answer(triple.harmful()), Kind.RTO);
  }

  /** The first words with the single spaces between them, as Python's " ".join(split(" ")[:k]). */
  private static String firstWords(String text, int words) {
    int end = -1;
    for (int i = 0; i < words; i++) {
      end = text.indexOf(' ', end + 1);
      if (end < 0) {
        return text;
      }
    }
    return words == 0 ? "" : text.substring(0, end);
  }
}
