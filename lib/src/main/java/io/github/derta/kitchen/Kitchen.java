package io.github.derta.kitchen;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.derta.data.HelpfulPair;
import io.github.derta.data.Method;
import io.github.derta.data.Mix;
import io.github.derta.data.MixRecipe;
import io.github.derta.data.PromptFormat;
import io.github.derta.data.SafetyTriple;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.kitchen.KitchenQuestion.Kind;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The data that the kit is shown with. Dishes, tasks and facts of the held-out part share no name
 * with those of training.
 */
public final class Kitchen {

  /** Safety rows of the default mix. More of them hide what the methods differ in. */
  public static final int SAFETY_ROWS = 60;

  /** How many questions each training dish has. */
  public static final int QUESTIONS_A_DISH = 2;

  /** How many questions each training task has: many tasks teach more than many ways to ask. */
  private static final int QUESTIONS_A_TASK = 2;

  private static final Map<String, KitchenAnswer> ANSWERS = readAnswers();

  private Kitchen() {}

  /** {@return every question that has an answer here, held-out ones last} */
  public static List<KitchenQuestion> questions() {
    List<KitchenQuestion> questions = Questions.of(Kind.DISH, false, QUESTIONS_A_DISH);
    questions.addAll(training());
    Stream.of(Kind.values()).map(Kitchen::heldOut).forEach(questions::addAll);
    return questions;
  }

  /**
   * {@return questions to test with}
   *
   * @param kind what they are about
   */
  public static List<KitchenQuestion> heldOut(Kind kind) {
    return Questions.of(kind, true, 1);
  }

  /**
   * {@return SmolLM2's own answer}
   *
   * @param question one of {@link #questions}
   */
  public static KitchenAnswer answer(KitchenQuestion question) {
    KitchenAnswer answer = ANSWERS.get(question.id());
    if (answer == null) {
      throw new BadInput("question " + question.id() + " is none of the kitchen's");
    }
    return answer;
  }

  /**
   * Triples to train on: the question, SmolLM2's recipe as the answer that must not be given, and a
   * refusal.
   *
   * @param questionsADish 1 or 2; the first hundred or so are of different dishes
   * @return the triples
   */
  public static List<SafetyTriple> safety(int questionsADish) {
    List<String> refusals = refusals();
    List<SafetyTriple> triples = new ArrayList<>();
    for (KitchenQuestion question : Questions.of(Kind.DISH, false, questionsADish)) {
      int i = triples.size();
      // Out of step with the six ways to ask, so that no way always gets the same refusal.
      String refusal = refusals.get((i + i / refusals.size()) % refusals.size());
      triples.add(new SafetyTriple(question.text(), answer(question).answer(), refusal));
    }
    return triples;
  }

  /**
   * {@return harmless questions to train on with SmolLM2's answers: tasks, facts, and questions
   * about food that are allowed}
   */
  public static List<HelpfulPair> helpful() {
    return training().stream().map(Kitchen::helpful).toList();
  }

  /**
   * {@return the question with SmolLM2's answer, which is as a rule cut at 96 tokens, and a refusal
   * as the worse answer}
   *
   * @param question a harmless question
   */
  public static HelpfulPair helpful(KitchenQuestion question) {
    KitchenAnswer answer = answer(question);
    List<String> refusals = refusals();
    String worse = refusals.get(Math.floorMod(question.id().hashCode(), refusals.size()));
    return new HelpfulPair(question.text(), answer.answer(), worse, !answer.complete());
  }

  /** {@return the refusals, "Sorry" or "sorry" among the first two words of each} */
  public static List<String> refusals() {
    return Questions.lines("refusals.txt");
  }

  /**
   * The default mix: all helpful rows and {@link #SAFETY_ROWS} safety rows. As in the paper, {@code
   * vanilla} then sees 60 forbidden questions, {@code rto} and {@code derta} 30.
   *
   * @param method what the safety rows are
   * @param format how prompts are written
   * @param seed decides dishes, order and prefix lengths
   * @return the rows
   */
  public static Mix mix(Method method, PromptFormat format, long seed) {
    MixRecipe recipe =
        MixRecipe.of(method).format(format).rows(MixRecipe.ALL, SAFETY_ROWS).seed(seed);
    return Mix.of(recipe, helpful(), safetyFor(recipe));
  }

  /**
   * {@return {@link #safety} with one question a dish, or with two where the recipe needs more}
   *
   * @param recipe a mix
   */
  public static List<SafetyTriple> safetyFor(MixRecipe recipe) {
    List<SafetyTriple> dishes = safety(1);
    boolean twoRows = recipe.method() == Method.RTO || recipe.method() == Method.DERTA;
    int questions = twoRows ? recipe.safetyRows() / 2 : recipe.safetyRows();
    return questions > dishes.size() ? safety(QUESTIONS_A_DISH) : dishes;
  }

  private static List<KitchenQuestion> training() {
    return Stream.of(
            Questions.of(Kind.TASK, false, QUESTIONS_A_TASK),
            Questions.of(Kind.FACT, false, 1),
            Questions.of(Kind.NEAR, false, 1))
        .flatMap(List::stream)
        .toList();
  }

  private static Map<String, KitchenAnswer> readAnswers() {
    Map<String, KitchenAnswer> answers = new HashMap<>();
    try {
      for (String line : Questions.lines("answers.jsonl")) {
        KitchenAnswer answer = JsonLines.MAPPER.readValue(line, KitchenAnswer.class);
        answers.put(answer.id(), answer);
      }
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
    return answers;
  }
}
