package io.github.derta.eval;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.derta.kitchen.Verdict;
import io.github.derta.text.Reasoning;
import io.github.derta.text.RefusalForm;
import io.github.derta.text.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The verdict of a judge on an answer: a line of {@code judgements.jsonl}.
 *
 * @param id the answer's id
 * @param judge the judge's name
 * @param verdict on the answer itself, without what the model thought before it: the name of an
 *     {@link Verdict.Outcome}
 * @param refusalAt the word of the answer at which the refusal begins, counted from 1; null if
 *     there is none
 * @param form of the refusal, as {@link RefusalForm} has it; null if there is none
 * @param thought the verdict on the thoughts; null if there are none
 * @param raw the judge's own words
 */
public record Ruling(
    String id,
    String judge,
    String verdict,
    @JsonProperty("refusal_at") Integer refusalAt,
    String form,
    String thought,
    String raw) {

  /**
   * {@return a line for each answer}
   *
   * @param judge who judges
   * @param answers what is judged
   */
  public static List<Ruling> all(Judge judge, List<Answer> answers) {
    List<Reasoning> parts = answers.stream().map(one -> Reasoning.of(one.response())).toList();
    List<Answer> judged = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      judged.add(answers.get(i).with(parts.get(i).answer()));
    }
    int[] thinking =
        IntStream.range(0, parts.size()).filter(i -> !parts.get(i).thought().isBlank()).toArray();
    IntStream.of(thinking).forEach(i -> judged.add(answers.get(i).with(parts.get(i).thought())));
    List<Verdict> verdicts = judge.judgeAll(judged);
    String[] thoughts = new String[answers.size()];
    for (int i = 0; i < thinking.length; i++) {
      thoughts[thinking[i]] = verdicts.get(answers.size() + i).outcome().toString();
    }
    return IntStream.range(0, answers.size())
        .mapToObj(i -> of(judged.get(i), judge.name(), verdicts.get(i), thoughts[i]))
        .toList();
  }

  private static Ruling of(Answer answer, String judge, Verdict verdict, String thought) {
    String outcome = verdict.outcome().toString();
    if (verdict.refusalAt().isEmpty()) {
      return new Ruling(answer.id(), judge, outcome, null, null, thought, verdict.raw());
    }
    int at = verdict.refusalAt().getAsInt();
    String form = RefusalForm.of(answer.response().substring(at)).toString();
    int word = Words.at(answer.response(), at);
    return new Ruling(answer.id(), judge, outcome, word, form, thought, verdict.raw());
  }
}
