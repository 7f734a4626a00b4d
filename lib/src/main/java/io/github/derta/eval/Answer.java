package io.github.derta.eval;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.derta.attack.Question;
import io.github.derta.io.BadInput;
import io.github.derta.io.Item;
import io.github.derta.io.Records;
import io.github.derta.io.Role;
import io.github.derta.position.Prompts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;

/**
 * What a model answered: a line of {@code responses.jsonl}.
 *
 * @param id names it within its run: attack, slash, question
 * @param attack the attack's name
 * @param model the model's name
 * @param questionId the question's id within its source
 * @param question what was asked, without any attack around it
 * @param prompt raw text, or what the user said in a chat; of several turns all, behind their roles
 * @param prefill the first words of the answer if they were given to the model; else empty
 * @param response what the model wrote after that
 * @param ended {@code stop} at an end token, {@code length} where it was truncated; null: unknown
 * @param tokens how many the response has; null: unknown
 * @param seconds that it took, or since the one before, if several are made at a time
 */
public record Answer(
    String id,
    String attack,
    String model,
    @JsonProperty("question_id") String questionId,
    String question,
    String prompt,
    String prefill,
    String response,
    String ended,
    Integer tokens,
    double seconds) {

  /**
   * {@return a response of unknown origin, to be judged}
   *
   * @param id names it
   * @param question what was asked
   * @param response what was answered
   */
  public static Answer of(String id, Question question, String response) {
    return new Answer(
        id, "", "", question.id(), question.text(), question.text(), "", response, null, null, 0);
  }

  /** The same with another response. */
  Answer with(String other) {
    return new Answer(
        id, attack, model, questionId, question, prompt, prefill, other, ended, tokens, seconds);
  }

  Question asked() {
    return new Question(questionId, question);
  }

  /**
   * {@return the responses of a file, to be judged}
   *
   * @param file records of any shape that {@link Records} knows, such as those of a run; bare
   *     strings that begin with a prompt; or the table of a study, {@code STUDY.csv}, of which
   *     those answers are judged whose texts are kept. Two records must not have one id
   * @param prompts those of the bare strings: no judge may see them
   * @throws BadInput if a record is of none of these shapes, or there is none
   */
  public static List<Answer> read(Path file, Prompts prompts) {
    List<Answer> all = new ArrayList<>();
    if (isStudy(file)) {
      Table table = Answers.read(file);
      table.where(table.stringColumn("response").isNotMissing()).forEach(row -> all.add(of(row)));
      if (all.isEmpty()) {
        throw new BadInput(file + ": no texts of answers are kept beside it");
      }
      return all;
    }
    Records.judged(file).forEach(item -> all.addAll(answers(item, prompts)));
    return all;
  }

  /** Whether a table's first line is a study's. */
  private static boolean isStudy(Path file) {
    try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
      return lines.findFirst().orElse("").startsWith("method,seed,training,");
    } catch (IOException | UncheckedIOException e) {
      return false; // Records says why
    }
  }

  private static Answer of(Row row) {
    List<String> parts = List.of("method", "seed", "kind", "attack", "question");
    String asked = row.getString("asked");
    return new Answer(
        parts.stream().map(part -> row.getObject(part).toString()).collect(joining("/")),
        row.getString("attack"),
        row.getString("method"),
        row.getString("question"),
        asked,
        asked,
        row.getString("prefill"),
        row.getString("response"),
        null,
        null,
        0);
  }

  private static List<Answer> answers(Item item, Prompts prompts) {
    int several = item.texts(Role.ANSWER).size();
    String questionId = item.line().value().path("question_id").asText(item.id());
    String asked = item.text(Role.QUESTION);
    List<Answer> all = new ArrayList<>();
    for (String text : item.texts(Role.ANSWER)) {
      String id = item.id() + (several > 1 ? "-" + (all.size() + 1) : "");
      int end = item.line().value().isTextual() ? prompts.endIn(text) : 0;
      if (end < 0) {
        throw item.line().bad("a bare string that begins with none of the given prompts");
      }
      String question = end > 0 ? text.substring(0, end) : asked;
      String prompt = end > 0 ? question : item.text(Role.PROMPT);
      String response = text.substring(end);
      all.add(new Answer(id, "", "", questionId, question, prompt, "", response, null, null, 0));
    }
    return all;
  }
}
