package io.github.derta.attack;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.derta.io.JsonLines;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How far AutoDAN was with one generation, as the log of its search has it.
 *
 * @param generation its number, from 0
 * @param best the highest mean log-likelihood of the wanted beginning
 * @param mean that of all prompts
 * @param scored how many prompts were new
 * @param worked whether the response to the best one held no phrase of refusal
 */
public record Generation(int generation, double best, double mean, int scored, boolean worked) {

  private static final String MARK = "{\"generation\":";

  /**
   * {@return the generations of each search in order, by its id: attack, slash, question}
   *
   * @param searches a run's {@code searches.jsonl}
   * @throws io.github.derta.io.BadInput if it is no log of searches
   */
  public static Map<String, List<Generation>> read(Path searches) {
    Map<String, List<SearchLog.Line>> lines = new LinkedHashMap<>();
    for (SearchLog.Line line : SearchLog.read(searches)) {
      lines.computeIfAbsent(line.id(), id -> new ArrayList<>()).add(line);
    }
    Map<String, List<Generation>> all = new LinkedHashMap<>();
    lines.forEach((id, its) -> all.put(id, of(its)));
    all.values().removeIf(List::isEmpty); // searches of other attacks
    return all;
  }

  /** The generations of one search. */
  static List<Generation> of(List<SearchLog.Line> lines) {
    List<Generation> all = new ArrayList<>();
    for (SearchLog.Line line : lines) {
      if (line.who().equals(SearchLog.NOTE) && line.answer().startsWith(MARK)) {
        try {
          all.add(JsonLines.MAPPER.readValue(line.answer(), Generation.class));
        } catch (JsonProcessingException e) {
          throw new IllegalStateException("a note that the kit did not write", e);
        }
      }
    }
    return all;
  }
}
