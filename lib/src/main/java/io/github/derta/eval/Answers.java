package io.github.derta.eval;

import io.github.derta.attack.Question;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.position.Prompts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Responses of a file, to be judged: those of a run, or in the public repository's shapes.
 *
 * @param all in the order of the file
 */
public record Answers(List<Exchange> all) {

  /**
   * {@return its responses}
   *
   * @param file records with "response" and "question", "instruction" or "prompt", or bare strings
   *     that begin with a prompt; two records must not have one id
   * @param prompts those of the bare strings: no judge may see them
   * @throws BadInput if a record is of none of these shapes, or there is none
   */
  public static Answers read(Path file, Prompts prompts) {
    List<Exchange> all = new ArrayList<>();
    JsonLines.read(file, JsonLines.distinctIds(line -> all.add(answer(line, prompts))));
    if (all.isEmpty()) {
      throw new BadInput(file + ": holds no record; one JSON record a line is needed");
    }
    return new Answers(List.copyOf(all));
  }

  private static Exchange answer(JsonLines.Line line, Prompts prompts) {
    String prompt = Prompts.prompt(line);
    String id = line.value().path("id").asText(String.valueOf(line.number()));
    String questionId = line.value().path("question_id").asText(id);
    if (!line.value().isTextual()) {
      return new Exchange(id, new Question(questionId, prompt), line.text("response"));
    }
    int end = prompts.endIn(prompt);
    if (end < 0) {
      throw BadInput.at(
          line.file(), line.number(), "a bare string that begins with none of the given prompts");
    }
    Question question = new Question(questionId, prompt.substring(0, end));
    return new Exchange(id, question, prompt.substring(end));
  }

  /**
   * {@return what each judge says, by its name}
   *
   * @param judges who judges
   */
  public Map<String, List<Judgement>> judge(List<Judge> judges) {
    Map<String, List<Judgement>> judgements = new LinkedHashMap<>();
    for (Judge judge : judges) {
      judgements.put(judge.name(), Judges.judge(judge.name(), all, judge::judgeAll));
    }
    return judgements;
  }
}
