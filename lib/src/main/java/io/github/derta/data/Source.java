package io.github.derta.data;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.io.Item;
import io.github.derta.io.Records;
import io.github.derta.io.Role;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Training data that was read from files of any shape that {@link Records} knows. A malformed
 * record, or another one with the same {@code id} in a file, is an error with its file and line; a
 * record that is well formed but of no use is skipped and counted.
 *
 * @param <T> the records
 * @param items all usable ones in the order of the files
 * @param skipped how many were left out, by reason
 */
public record Source<T>(List<T> items, Map<String, Integer> skipped) {

  /** A response that waits for one of the other kind to the same prompt. */
  private record Half(String response, boolean safe) {}

  /** One that grows. */
  private Source() {
    this(new ArrayList<>(), new TreeMap<>());
  }

  /** Whether the record's texts are all there; else it is skipped. */
  private boolean takes(Item item, Role... roles) {
    boolean empty = item.isBlank(roles);
    if (empty) {
      skip("empty question or answer");
    } else if (item.hasEarlierTurns()) {
      skip("several turns, of which a row has room for one");
    }
    return !empty && !item.hasEarlierTurns();
  }

  private void skip(String reason) {
    skipped.merge(reason, 1, Integer::sum);
  }

  /**
   * Helpful pairs: the paper's and Alpaca's {@code instruction}, {@code output}, and where present
   * {@code input}, which goes on a line of its own behind the instruction; {@code prompt}, {@code
   * completion}; {@code messages}; ShareGPT's {@code conversations}; {@code prompt}, {@code
   * chosen}, {@code rejected}. What is {@code rejected} is kept for DPO. The system's message of a
   * chat goes before the question, as Mistral's template has it; chats of several turns are
   * skipped.
   *
   * @param files the paper's own files or a user's
   * @return the pairs
   * @throws io.github.derta.io.BadInput if a record lacks a field
   */
  public static Source<HelpfulPair> helpful(List<Path> files) {
    Source<HelpfulPair> reading = new Source<>();
    each(
        files,
        Role.LEARNED,
        item -> {
          if (reading.takes(item, Role.QUESTION, Role.LEARNED)) {
            String rejected = item.isBlank(Role.REJECTED) ? null : item.text(Role.REJECTED);
            reading.items.add(
                new HelpfulPair(question(item), item.text(Role.LEARNED), rejected, false));
          }
        });
    return reading;
  }

  /**
   * Safety triples: {@code instruction}, {@code output} (the harmful answer), {@code
   * safe_response}; {@code prompt}, {@code chosen} (the safe answer), {@code rejected}; or
   * BeaverTails ({@code prompt}, {@code response}, {@code is_safe}), whose safe and unsafe
   * responses to one prompt are joined in order, each used once.
   *
   * @param files the paper's own files or a user's
   * @return the triples
   * @throws io.github.derta.io.BadInput if a record lacks a field
   */
  public static Source<SafetyTriple> safety(List<Path> files) {
    Source<SafetyTriple> reading = new Source<>();
    Map<String, Deque<Half>> waiting = new HashMap<>();
    each(
        files,
        Role.HARMFUL,
        item -> {
          boolean whole = item.shape().holds(Role.SAFE);
          boolean taken =
              reading.takes(item, Role.QUESTION, Role.HARMFUL, whole ? Role.SAFE : Role.HARMFUL);
          if (taken && whole) {
            String harmful = item.text(Role.HARMFUL);
            reading.items.add(new SafetyTriple(question(item), harmful, item.text(Role.SAFE)));
          } else if (taken) {
            join(item, waiting, reading);
          }
        });
    waiting.values().stream()
        .flatMap(Deque::stream)
        .forEach(alone -> reading.skip("no response of the other kind to the same prompt"));
    return reading;
  }

  /**
   * Ready rows: {@code prefix}, {@code text} and {@code safe}, "true" for an RTO row.
   *
   * @param file rows of {@code BuildData.java} or of the public code
   * @return the rows
   * @throws io.github.derta.io.BadInput if a record lacks a field or {@code safe} is neither "true"
   *     nor "false"
   */
  public static Source<Row> rows(Path file) {
    Source<Row> reading = new Source<>();
    each(
        List.of(file),
        Role.ROW,
        item -> {
          String safe = item.line().text("safe");
          if (!safe.matches("true|false")) {
            throw item.line()
                .bad("field \"safe\" is neither; \"true\" (an RTO row) or \"false\" is needed");
          }
          Row.Kind kind = safe.equals("true") ? Row.Kind.RTO : Row.Kind.NEXT_TOKEN;
          if (reading.takes(item, Role.ROW)) {
            reading.items.add(new Row(item.line().text("prefix"), item.text(Role.ROW), kind));
          }
        });
    return reading;
  }

  /**
   * Preference pairs: {@code prompt}, {@code chosen} and {@code rejected}, ready to train on.
   *
   * @param file pairs of {@code BuildData.java} or of TRL, strings in the model's chat format
   * @return the pairs
   * @throws io.github.derta.io.BadInput if a record lacks a field or holds messages
   */
  public static Source<Preference> preferences(Path file) {
    Source<Preference> reading = new Source<>();
    each(
        List.of(file),
        Role.LEARNED,
        item -> {
          if (item.line().value().valueStream().anyMatch(JsonNode::isArray)) {
            String how = "BuildData.java --method dpo --helpful FILE writes them in a chat format";
            throw item.line().bad("lists of messages, no text to train on; " + how);
          }
          if (reading.takes(item, Role.LEARNED, Role.REJECTED)) {
            String rejected = item.text(Role.REJECTED);
            String prompt = item.line().text("prompt");
            reading.items.add(new Preference(prompt, item.text(Role.LEARNED), rejected));
          }
        });
    return reading;
  }

  /**
   * Questions that are kept for testing.
   *
   * @param file records with questions, or text with a question a line
   * @return the questions
   * @throws io.github.derta.io.BadInput if a record has none
   */
  public static List<String> questions(Path file) {
    List<String> questions = new ArrayList<>();
    each(List.of(file), Role.QUESTION, item -> questions.add(item.text(Role.QUESTION)));
    return questions;
  }

  private static void each(List<Path> files, Role wanted, Consumer<Item> use) {
    files.forEach(file -> Records.of(file, wanted).forEach(use));
  }

  private static String question(Item item) {
    String system = item.system();
    return (system.isBlank() ? "" : system + "\n\n") + item.text(Role.QUESTION);
  }

  private static void join(
      Item item, Map<String, Deque<Half>> waiting, Source<SafetyTriple> reading) {
    String isSafe = item.line().value().path("is_safe").asText().toLowerCase(Locale.ROOT);
    if (!isSafe.matches("true|false")) { // in CSV it is a word
      throw item.line().bad("field \"is_safe\" is neither true nor false");
    }
    Half half = new Half(item.text(Role.HARMFUL), isSafe.equals("true"));
    String prompt = question(item);
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
