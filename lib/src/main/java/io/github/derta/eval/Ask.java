package io.github.derta.eval;

import io.github.derta.attack.AdaptiveAttack.Found;
import io.github.derta.attack.Attack;
import io.github.derta.attack.Question;
import io.github.derta.io.BadInput;
import io.github.derta.model.Completion;
import io.github.derta.model.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One question as one attack asks it.
 *
 * @param id names it within its run: attack, slash, question
 * @param attack the attack
 * @param question the question
 * @param prompt what the model is given; of an adaptive attack, what its search begins with
 */
public record Ask(String id, Attack attack, Question question, Prompt prompt) {

  /**
   * Prepares an attack. Questions that cannot be asked this way, such as those whose answer is
   * shorter than what should be given of it, are left out.
   *
   * @param attack the attack
   * @param questions what is to be answered
   * @return in the order of the questions, at least one
   * @throws BadInput if no question can be asked this way; the message is that of the last one
   */
  public static List<Ask> all(Attack attack, List<Question> questions) {
    List<Ask> asks = new ArrayList<>();
    BadInput why = new BadInput("attack " + attack.name() + ": there is no question");
    for (Question question : questions) {
      try {
        String id = attack.name() + "/" + question.id();
        asks.add(new Ask(id, attack, question, attack.prompt(question)));
      } catch (BadInput e) {
        why = e;
      }
    }
    if (asks.isEmpty()) {
      throw why;
    }
    return asks;
  }

  /**
   * {@return whether any question can be asked this way}
   *
   * @param attack the attack
   * @param questions what is to be answered
   */
  public static boolean possible(Attack attack, List<Question> questions) {
    try {
      return !all(attack, questions).isEmpty();
    } catch (BadInput e) {
      return false;
    }
  }

  /** What the model answered. */
  Answer answered(String model, Completion completion, double seconds) {
    return answer(
        model,
        prompt,
        completion.text(),
        completion.end().name().toLowerCase(Locale.ROOT),
        completion.ids().length == 0 ? null : completion.ids().length,
        seconds);
  }

  /** What the model answered to the prompt that was found. */
  Answer found(String model, Found found, double seconds) {
    return answer(model, found.prompt(), found.response(), null, null, seconds);
  }

  private Answer answer(
      String model, Prompt last, String response, String ended, Integer tokens, double seconds) {
    return new Answer(
        id,
        attack.name(),
        model,
        question.id(),
        question.text(),
        last.logged(),
        last.prefill(),
        response,
        ended,
        tokens,
        Math.round(1000 * seconds) / 1000.0);
  }
}
