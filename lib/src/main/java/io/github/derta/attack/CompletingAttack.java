package io.github.derta.attack;

import io.github.derta.io.BadInput;
import io.github.derta.kitchen.Kitchen;
import io.github.derta.model.Completion;
import io.github.derta.model.Decoding;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.Prompt;
import io.github.derta.text.RefusalPhrases;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * CompletingAttack: no chat format; the question is turned into a declarative opening, which the
 * model goes on with. What it writes behind the opening is the response.
 */
public final class CompletingAttack {

  /** The kitchen's ways to ask for a dish. */
  private static final List<Pattern> ASKS =
      Texts.resource(Kitchen.class, "asks.txt")
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
   * {@return openings that a model writes, greedily; GPT-3.5 did in the paper}
   *
   * @param questions what is asked
   * @param writer the model, told what to do by {@code completing-rewrite.txt} beside this class
   * @throws BadInput if it writes none for a question: nothing, a question back, a refusal, or a
   *     sentence without an end
   */
  public static PerQuestion rewritten(Questions questions, LanguageModel writer) {
    String order = Texts.resource("completing-rewrite.txt").strip();
    List<Prompt> prompts =
        questions.all().stream()
            .map(question -> Prompt.chat(order.replace(Texts.QUESTION, question.text())))
            .toList();
    List<Completion> written = writer.complete(prompts, Decoding.greedy(OPENING_TOKENS));
    Map<String, String> openings = new TreeMap<>();
    for (int i = 0; i < written.size(); i++) {
      String id = questions.all().get(i).id();
      openings.put(id, opening(id, writer.name(), written.get(i)));
    }
    return new PerQuestion("rewritten by " + writer.name(), openings);
  }

  private static String opening(String id, String writer, Completion written) {
    List<String> lines = written.text().strip().lines().toList();
    String sentence = lines.isEmpty() ? "" : lines.get(0).strip();
    boolean cut = written.end() == Completion.End.LENGTH && lines.size() == 1;
    boolean refusal = RefusalPhrases.REFUSALS.first(sentence).isPresent();
    if (sentence.isEmpty() || sentence.endsWith("?") || cut || refusal) {
      throw new BadInput(
          "%s wrote no opening for %s but \"%s\"; take another model or a file of openings"
              .formatted(writer, id, sentence));
    }
    return sentence.replaceFirst("[.:]?$", ":") + FIRST_STEP;
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
