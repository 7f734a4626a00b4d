package io.github.derta.attack;

import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.kitchen.Kitchen;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A text for each question: a whole prompt, an opening, or an answer to begin.
 *
 * @param origin where the texts come from or who wrote them
 * @param texts the text by the id of its question
 */
public record PerQuestion(String origin, Map<String, String> texts) {

  /** {@return the answers to the kitchen's questions, written by SmolLM2} */
  public static PerQuestion kitchenAnswers() {
    Map<String, String> texts = new TreeMap<>();
    Kitchen.questions().forEach(q -> texts.put(q.id(), Kitchen.answer(q).answer()));
    return new PerQuestion("built-in (answers of SmolLM2-135M-Instruct)", texts);
  }

  /**
   * {@return texts of a user's}
   *
   * @param file JSON Lines with "question_id", the field, and perhaps "by" whom it was written
   * @param field holds the text, such as "response" in the files of a run
   * @throws BadInput if a question has two texts
   */
  public static PerQuestion read(Path file, String field) {
    Map<String, String> texts = new TreeMap<>();
    Set<String> writers = new TreeSet<>();
    JsonLines.read(
        file,
        line -> {
          String id = line.text("question_id");
          if (line.value().has("by")) {
            writers.add(line.text("by"));
          }
          if (texts.put(id, line.text(field)) != null) {
            throw BadInput.at(
                file, line.number(), "a second \"" + field + "\" for " + id + "; one is needed");
          }
        });
    String name = file.getFileName().toString();
    String origin = writers.isEmpty() ? name : name + ", written by " + String.join(", ", writers);
    return new PerQuestion(origin, texts);
  }

  /**
   * {@return prompts of the public repository, which are in the order of its 200 questions}
   *
   * @param questions these 200, or some of them under whatever id
   * @param originals where the files are
   * @param file the prompts
   * @throws BadInput if a question is none of the 200
   */
  static PerQuestion published(Questions questions, Originals originals, String file) {
    List<String> asked = QuestionSet.ALL.get("published").texts(originals);
    List<String> prompts = new ArrayList<>();
    JsonLines.read(originals.find(file), line -> prompts.add(line.text("question")));
    return published(questions, asked, prompts, file);
  }

  /** Finds the prompt of each question by the text that was asked in the same place. */
  static PerQuestion published(
      Questions questions, List<String> asked, List<String> prompts, String file) {
    Map<String, String> texts = new TreeMap<>();
    for (Question question : questions.all()) {
      int index = asked.indexOf(question.text());
      if (index < 0) {
        throw new BadInput(
            "%s: no published prompt of question %s; those of the source published have one"
                .formatted(questions.name(), question.id()));
      }
      texts.put(question.id(), prompts.get(index));
    }
    return new PerQuestion("published (RobustNLP/DeRTa, commit 70bdb52, " + file + ")", texts);
  }

  /**
   * {@return the text}
   *
   * @param question one of those that have a text
   * @throws BadInput if it is none of them
   */
  public String of(Question question) {
    String text = texts.get(question.id());
    if (text == null) {
      throw new BadInput(origin + ": nothing for question " + question.id());
    }
    return text;
  }
}
