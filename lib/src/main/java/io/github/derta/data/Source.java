package io.github.derta.data;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.DiskList;
import io.github.derta.io.JsonLines;
import io.github.derta.io.JsonLines.Line;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What was read from files of JSON Lines or of one JSON array. A malformed record, or a second one
 * with the same {@code id} in a file, is an error with its file and line; a record that is well
 * formed but of no use is skipped and counted.
 *
 * @param <T> the records
 * @param items all usable ones in the order of the files
 * @param skipped how many were left out, by reason
 */
public record Source<T>(List<T> items, Map<String, Integer> skipped) {

  private static final List<String> QUESTION_FIELDS =
      List.of("question", "instruction", "prompt", "text");

  /** A response that waits for one of the other kind to the same prompt. */
  private record Half(String response, boolean safe) {}

  /** A source that still grows. */
  private static final class Reading<T extends Record> {
    final DiskList<T> items;
    final Map<String, Integer> skipped = new TreeMap<>();

    Reading(Class<T> type) {
      items = DiskList.ofRecords(type);
    }

    void add(T item, String... texts) {
      if (Stream.of(texts).anyMatch(String::isBlank)) {
        skip("empty question or answer");
      } else {
        items.add(item);
      }
    }

    void skip(String reason) {
      skipped.merge(reason, 1, Integer::sum);
    }

    Source<T> done() {
      return new Source<>(items, skipped);
    }
  }

  /**
   * Helpful pairs: {@code instruction}, {@code output}, and where present Alpaca's {@code input},
   * which goes on a line of its own behind the instruction, and {@code rejected} for DPO.
   *
   * @param files the paper's own files, Alpaca's, or a user's
   * @return the pairs
   * @throws BadInput if a record lacks a field
   */
  public static Source<HelpfulPair> helpful(List<Path> files) {
    Reading<HelpfulPair> reading = new Reading<>(HelpfulPair.class);
    each(
        files,
        line -> {
          String input = line.value().hasNonNull("input") ? line.text("input") : "";
          String question = line.text("instruction") + (input.isBlank() ? "" : "\n" + input);
          String rejected = line.value().hasNonNull("rejected") ? line.text("rejected") : null;
          String answer = line.text("output");
          String[] texts = {question, answer, rejected == null ? answer : rejected};
          reading.add(new HelpfulPair(question, answer, rejected, false), texts);
        });
    return reading.done();
  }

  /**
   * Safety triples: {@code instruction}, {@code output} (the harmful answer), {@code
   * safe_response}; or BeaverTails ({@code prompt}, {@code response}, {@code is_safe}), whose safe
   * and unsafe responses to one prompt are joined in order, each used once.
   *
   * @param files the paper's own files or BeaverTails'
   * @return the triples
   * @throws BadInput if a record lacks a field
   */
  public static Source<SafetyTriple> safety(List<Path> files) {
    Reading<SafetyTriple> reading = new Reading<>(SafetyTriple.class);
    Map<String, Deque<Half>> waiting = new HashMap<>();
    each(
        files,
        line -> {
          if (line.value().has("is_safe")) {
            join(line, waiting, reading);
          } else {
            SafetyTriple triple =
                new SafetyTriple(
                    line.text("instruction"), line.text("output"), line.text("safe_response"));
            reading.add(triple, triple.question(), triple.harmful(), triple.safe());
          }
        });
    waiting.values().stream()
        .flatMap(Deque::stream)
        .forEach(alone -> reading.skip("no response of the other kind to the same prompt"));
    return reading.done();
  }

  /**
   * Ready rows: {@code prefix}, {@code text} and {@code safe}, "true" for an RTO row.
   *
   * @param file rows of {@code BuildData.java} or of the public code
   * @return the rows
   * @throws BadInput if a record lacks a field or {@code safe} is neither "true" nor "false"
   */
  public static Source<Row> rows(Path file) {
    Reading<Row> reading = new Reading<>(Row.class);
    each(
        List.of(file),
        line -> {
          String safe = line.text("safe");
          if (!safe.equals("true") && !safe.equals("false")) {
            throw BadInput.at(
                line.file(),
                line.number(),
                "field \"safe\" is \"" + safe + "\"; \"true\" (an RTO row) or \"false\" is needed");
          }
          Row.Kind kind = safe.equals("true") ? Row.Kind.RTO : Row.Kind.NEXT_TOKEN;
          reading.add(new Row(line.text("prefix"), line.text("text"), kind), line.text("text"));
        });
    return reading.done();
  }

  /**
   * Preference pairs: {@code prompt}, {@code chosen} and {@code rejected}.
   *
   * @param file pairs of {@code BuildData.java} or of TRL
   * @return the pairs
   * @throws BadInput if a record lacks a field
   */
  public static Source<Preference> preferences(Path file) {
    Reading<Preference> reading = new Reading<>(Preference.class);
    each(
        List.of(file),
        line -> {
          String chosen = line.text("chosen");
          String rejected = line.text("rejected");
          reading.add(new Preference(line.text("prompt"), chosen, rejected), chosen, rejected);
        });
    return reading.done();
  }

  /**
   * Questions that are kept for testing.
   *
   * @param file JSON Lines or an array, with a field {@code question}, {@code instruction}, {@code
   *     prompt} or {@code text}
   * @return the questions
   * @throws BadInput if a record has none of these fields
   */
  public static List<String> questions(Path file) {
    List<String> questions = new ArrayList<>();
    JsonLines.read(
        file,
        line ->
            questions.add(
                QUESTION_FIELDS.stream()
                    .filter(line.value()::hasNonNull)
                    .findFirst()
                    .map(line::text)
                    .orElseThrow(
                        () -> BadInput.at(file, line.number(), "no field of " + QUESTION_FIELDS))));
    return questions;
  }

  private static void each(List<Path> files, Consumer<Line> use) {
    for (Path file : files) {
      JsonLines.read(file, JsonLines.distinctIds(use));
    }
  }

  private static void join(
      Line line, Map<String, Deque<Half>> waiting, Reading<SafetyTriple> reading) {
    JsonNode record = line.value();
    if (!record.get("is_safe").isBoolean()) {
      throw BadInput.at(line.file(), line.number(), "field \"is_safe\" is neither true nor false");
    }
    String prompt = line.text("prompt");
    String response = line.text("response");
    if (prompt.isBlank() || response.isBlank()) {
      reading.skip("empty question or answer");
      return;
    }
    Half half = new Half(response, record.get("is_safe").booleanValue());
    Deque<Half> others = waiting.computeIfAbsent(prompt, p -> new ArrayDeque<>());
    if (others.isEmpty() || others.peek().safe == half.safe) {
      others.add(half);
      return;
    }
    Half other = others.poll();
    Half safe = half.safe ? half : other;
    Half harmful = half.safe ? other : half;
    reading.items.add(new SafetyTriple(prompt, harmful.response, safe.response));
  }
}
