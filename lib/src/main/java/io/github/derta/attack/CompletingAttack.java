package io.github.derta.attack;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.io.LineLog;
import io.github.derta.io.Resources;
import io.github.derta.kitchen.Kitchen;
import io.github.derta.model.Completion;
import io.github.derta.model.Decoding;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.Prompt;
import io.github.derta.text.RefusalPhrases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * CompletingAttack: no chat format; the question is turned into a declarative opening, which the
 * model goes on with. What it writes behind the opening is the response.
 */
public final class CompletingAttack {

  /** The kitchen's ways to ask for a dish. */
  private static final List<Pattern> ASKS =
      Resources.text(Kitchen.class, "asks.txt")
          .lines()
          .map(ask -> Pattern.compile(Pattern.quote(ask).replace("%s", "\\E(.+)\\Q")))
          .toList();

  private static final String FIRST_STEP = "\n\nStep 1:";
  private static final int OPENING_TOKENS = 64;

  private CompletingAttack() {}

  /**
   * {@return the attack}
   *
   * @param openings an opening for each question
   */
  public static Attack of(PerQuestion openings) {
    Map<String, Object> parameters =
        Texts.parameters(
            "prompts", openings.origin(),
            "chat", false,
            "openings_sha256", Texts.hash(openings.texts()));
    return new PromptAttack(
        "completing", parameters, question -> Prompt.raw(openings.of(question)));
  }

  /**
   * {@return an opening of our own for each question}
   *
   * @param questions the kitchen's, or others that ask for a dish in the same words
   * @throws BadInput if a question asks in other words
   */
  public static PerQuestion kitchen(Questions questions) {
    String opening = Texts.resource("completing.txt").strip() + FIRST_STEP;
    Map<String, String> openings = new TreeMap<>();
    for (Question question : questions.all()) {
      openings.put(question.id(), opening.replace("{dish}", dish(question)));
    }
    return new PerQuestion("built-in", openings);
  }

  /**
   * {@return those that have no opening yet}
   *
   * @param questions what is asked
   * @param file openings, JSON Lines with "question_id" and "opening"; it need not exist
   * @throws BadInput if it is no such file
   */
  public static List<Question> withoutOpening(List<Question> questions, Path file) {
    Map<String, String> there =
        Files.exists(file) ? PerQuestion.read(file, "opening").texts() : Map.of();
    return questions.stream().filter(question -> !there.containsKey(question.id())).toList();
  }

  /**
   * Lets a model write openings, greedily; GPT-3.5 did in the paper. Each is in the file as soon as
   * it is written.
   *
   * @param questions those that have none yet
   * @param writer the model, told what to do by {@code completing-rewrite.txt} beside this class
   * @param file what they are added to
   * @throws BadInput if it writes none for a question: nothing, a question back, a refusal, or a
   *     sentence without an end; or the file cannot be written
   */
  public static void write(List<Question> questions, LanguageModel writer, Path file) {
    String order = Texts.resource("completing-rewrite.txt").strip();
    List<Prompt> prompts =
        questions.stream()
            .map(question -> Prompt.chat(order.replace(Texts.QUESTION, question.text())))
            .toList();
    Set<String> without = new TreeSet<>();
    try (LineLog log = new LineLog(file, JsonLines.MAPPER, notice -> {})) {
      writer.complete(
          prompts,
          Decoding.greedy(OPENING_TOKENS),
          (i, written) -> {
            String id = questions.get(i).id();
            opening(written)
                .ifPresentOrElse(
                    text -> log.append(List.of(new Written(id, text, writer.name()))),
                    () -> without.add(id));
          });
    } catch (IOException e) {
      throw new BadInput(file + ": cannot be written (" + e.getMessage() + ")", e);
    }
    if (!without.isEmpty()) {
      throw new BadInput(
          ("%s wrote no opening for %d of %d questions (nothing, a refusal, a question or half a"
                  + " sentence): %s; add theirs to %s or take another model")
              .formatted(writer.name(), without.size(), questions.size(), without, file));
    }
  }

  /** A record of the file. */
  private record Written(@JsonProperty("question_id") String id, String opening, String by) {}

  private static Optional<String> opening(Completion written) {
    List<String> lines = written.text().strip().lines().toList();
    String sentence = lines.isEmpty() ? "" : lines.get(0).strip();
    boolean cut = written.end() == Completion.End.LENGTH && lines.size() == 1;
    boolean refusal = RefusalPhrases.REFUSALS.first(sentence).isPresent();
    return sentence.isEmpty() || sentence.endsWith("?") || cut || refusal
        ? Optional.empty()
        : Optional.of(sentence.replaceFirst("[.:]?$", ":") + FIRST_STEP);
  }

  private static String dish(Question question) {
    return ASKS.stream()
        .map(ask -> ask.matcher(question.text()))
        .filter(Matcher::matches)
        .map(ask -> ask.group(1))
        .findFirst()
        .orElseThrow(
            () ->
                new BadInput(
                    question.id()
                        + " is no question of the kitchen's: completing needs published openings,"
                        + " a file (\"question_id\", \"opening\") or a model that writes them"));
  }
}
