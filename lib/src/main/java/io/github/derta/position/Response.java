package io.github.derta.position;

import io.github.derta.text.RefusalPhrases.Match;
import io.github.derta.text.Words;
import java.util.Optional;

/**
 * A response and its first refusal.
 *
 * @param record number of the record in its file, counted from 1, bad ones included
 * @param text the response, without the prompt if that was cut
 * @param promptCut whether a prompt stood before it and was cut
 * @param refusal the first refusal phrase, empty if there is none
 * @param position where that begins, in words or tokens counted from 1; 0 if there is none
 */
public record Response(
    long record, String text, boolean promptCut, Optional<Match> refusal, int position) {

  /** {@return whether the response is empty or white space} */
  public boolean isEmpty() {
    return text.chars().allMatch(c -> Words.isSpace((char) c));
  }

  /** {@return number of words, 0 if the response is empty or white space} */
  public int words() {
    return Words.count(text);
  }

  /** {@return the phrase as the set spells it, empty if there is no refusal} */
  public String phrase() {
    return refusal.map(match -> match.phrase().text()).orElse("");
  }
}
