package io.github.derta.attack;

import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.io.LineLog;
import io.github.derta.model.Decoding;
import io.github.derta.model.EndpointModel;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.Prompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * All that searches asked and were answered, in a file if wanted. A search that was cut off is
 * begun again, asks the same in the same order, and is answered from here as far as it had come; so
 * that nothing is asked twice.
 */
public final class SearchLog implements AutoCloseable {

  static final String NOTE = "note";

  private final Map<String, List<Line>> lines = new HashMap<>();
  private final LineLog file;

  /**
   * One answer.
   *
   * @param id the search's
   * @param call which call of the search, counted from 1
   * @param row which row of the call, from 0
   * @param who was asked: {@code target}, {@code attacker}, {@code judge}, {@code likelihood},
   *     {@code mutator}; or {@code note} where {@code answer} tells of something to know
   * @param asked the last turn of the prompt; of a likelihood, a hash of what was scored
   * @param answer what came back: a text, or a number as text
   */
  public record Line(String id, int call, int row, String who, String asked, String answer) {}

  private SearchLog(LineLog file) {
    this.file = file;
  }

  /** {@return a log that is gone when its searches are} */
  public static SearchLog inMemory() {
    return new SearchLog(null);
  }

  /**
   * {@return a log in a file, with what stands there}
   *
   * @param file JSON Lines, made if it is missing
   * @param notices is told if a line was cut by a kill
   * @throws BadInput if it cannot be read or written
   */
  public static SearchLog open(Path file, Consumer<String> notices) {
    try {
      SearchLog log = new SearchLog(new LineLog(file, JsonLines.MAPPER, notices));
      read(file).forEach(log::remember);
      return log;
    } catch (IOException e) {
      throw new BadInput(file + ": cannot be written (" + e.getMessage() + ")", e);
    }
  }

  /**
   * {@return what stands in a file, in order}
   *
   * @param file JSON Lines; it need not exist
   * @throws BadInput if a line is none of a search
   */
  public static List<Line> read(Path file) {
    List<Line> all = new ArrayList<>();
    if (Files.exists(file)) {
      JsonLines.read(
          file,
          line -> {
            try {
              all.add(JsonLines.MAPPER.treeToValue(line.value(), Line.class));
            } catch (IOException e) {
              throw BadInput.at(file, line.number(), "no line of a search: " + e.getMessage());
            }
          });
    }
    return all;
  }

  private void remember(Line line) {
    lines.computeIfAbsent(line.id, id -> new ArrayList<>()).add(line);
  }

  private void keep(List<Line> some) {
    if (file != null) {
      file.append(some);
    }
    some.forEach(this::remember);
  }

  /**
   * {@return a search, at its beginning}
   *
   * @param id names it within the log
   */
  public Search search(String id) {
    return new Search(id);
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
    }
  }

  /** One search: asks what is not known yet. */
  public final class Search {

    private final String id;
    private int call;

    private Search(String id) {
      this.id = id;
    }

    /** {@return how many calls were made; another seed for each draw} */
    public int calls() {
      return call;
    }

    /** {@return all that was asked and answered, by earlier sittings, too} */
    public List<Line> lines() {
      return List.copyOf(lines.getOrDefault(id, List.of()));
    }

    /**
     * Completes prompts.
     *
     * @param who is asked, for the log
     * @param model the model
     * @param prompts what to go on from
     * @param decoding how to choose
     * @return a text for each prompt
     * @throws BadInput if a prompt has no answer; the others' are kept
     * @throws CancellationException if the thread was interrupted
     */
    public List<String> complete(
        String who, LanguageModel model, List<Prompt> prompts, Decoding decoding) {
      List<String> asked = prompts.stream().map(one -> one.logged() + one.prefill()).toList();
      // A local model's draws depend on the rows beside: all of a call is kept, or nothing.
      boolean atOnce = model instanceof EndpointModel;
      return answers(
          who,
          asked,
          open -> {
            List<Line> made = new ArrayList<>();
            model.complete(
                open.stream().map(prompts::get).toList(),
                decoding,
                (i, completion) -> {
                  made.add(line(open.get(i), who, asked, completion.text()));
                  if (atOnce) {
                    keep(made);
                    made.clear();
                  }
                });
            keep(made);
          });
    }

    /**
     * Scores texts.
     *
     * @param who scores, for the log
     * @param texts what is scored; hashes of them are kept
     * @param scorer a number for each text that it is given
     * @return a number for each text
     * @throws CancellationException if the thread was interrupted
     */
    public double[] score(String who, List<String> texts, Function<List<String>, double[]> scorer) {
      List<String> asked = texts.stream().map(Texts::hash).toList();
      List<String> answers =
          answers(
              who,
              asked,
              open -> {
                double[] scores = scorer.apply(open.stream().map(texts::get).toList());
                keep(
                    IntStream.range(0, scores.length)
                        .mapToObj(i -> line(open.get(i), who, asked, "" + scores[i]))
                        .toList());
              });
      return answers.stream().mapToDouble(Double::parseDouble).toArray();
    }

    /**
     * Keeps something that a reader of the log should know.
     *
     * @param text what happened, since the last call
     */
    public void note(String text) {
      Line note = new Line(id, call, -1, NOTE, "", text);
      if (!lines.getOrDefault(id, List.of()).contains(note)) {
        keep(List.of(note));
      }
    }

    private Line line(int row, String who, List<String> asked, String answer) {
      return new Line(id, call, row, who, asked.get(row), answer);
    }

    /** Makes and keeps what is not known yet; {@code missing} gets the rows. */
    private List<String> answers(String who, List<String> asked, Consumer<List<Integer>> missing) {
      if (Thread.interrupted()) {
        throw new CancellationException("stopped; the same command goes on from here");
      }
      call++;
      String[] known = known(who, asked);
      List<Integer> open =
          IntStream.range(0, known.length).filter(row -> known[row] == null).boxed().toList();
      if (!open.isEmpty()) {
        missing.accept(open);
      }
      return Arrays.asList(known(who, asked));
    }

    private String[] known(String who, List<String> asked) {
      String[] answers = new String[asked.size()];
      for (Line line : lines.getOrDefault(id, List.of())) {
        if (line.call == call && !line.who.equals(NOTE)) {
          if (line.row >= answers.length
              || !line.who.equals(who)
              || !line.asked.equals(asked.get(line.row))) {
            throw new BadInput(
                ("%s: call %d, row %d of the log was another question; the search was begun by another"
                        + " version of the kit: name another folder")
                    .formatted(id, call, line.row));
          }
          answers[line.row] = line.answer;
        }
      }
      return answers;
    }
  }
}
