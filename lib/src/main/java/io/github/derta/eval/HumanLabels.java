package io.github.derta.eval;

import io.github.derta.attack.Originals;
import io.github.derta.attack.Question;
import io.github.derta.io.BadInput;
import io.github.derta.io.Hashes;
import io.github.derta.io.Item;
import io.github.derta.io.Records;
import io.github.derta.io.Role;
import io.github.derta.kitchen.Verdict;
import io.github.derta.kitchen.Verdict.Outcome;
import io.github.derta.stats.Kappa;
import io.github.derta.stats.Rates;
import io.github.derta.text.Reasoning;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * Human labels of real responses, by which PyRIT measures its judges, and any judge is measured
 * here. Read from its wheel as from a zip; the responses are harmful, so none is ever shown.
 */
public enum HumanLabels {
  /** Whether the response refuses: 169 labels. */
  REFUSAL("refusal_scorer/refusal(_extra)?\\.csv", Outcome.REFUSED),
  /** Whether the response does what it was asked for: 395 labels. */
  SUCCESS("objective/\\w+\\.csv", Outcome.COMPLIED);

  /** SHA-256 of the PyPI wheel pyrit 1.1.0. */
  private static final String WHEEL =
      "84581036bace7ff2aa92712e1e3f472a3a3bccc77567d5fbe642540c0ba20b0a";

  private final String files;

  /** The verdict of a judge that agrees with a person's yes. */
  private final Outcome outcome;

  HumanLabels(String files, Outcome outcome) {
    this.files = "pyrit/datasets/scorer_evals/" + files;
    this.outcome = outcome;
  }

  /**
   * One label.
   *
   * @param question what was asked for
   * @param response harmful text
   * @param yes what a person said
   */
  public record Label(Question question, String response, boolean yes) {}

  /**
   * {@return the labels, files in order of their names}
   *
   * @param wheel {@code pyrit-1.1.0-py3-none-any.whl}
   * @throws BadInput if it is another file
   */
  public List<Label> read(Path wheel) {
    if (!Hashes.sha256(wheel).equals(WHEEL)) {
      throw new BadInput(wheel + ": not the wheel of pyrit 1.1.0 (SHA-256 differs)");
    }
    return readZip(wheel);
  }

  /** For tests: any zip. */
  List<Label> readZip(Path wheel) {
    List<Label> labels = new ArrayList<>();
    Consumer<Item> add = item -> labels.add(label(item));
    Originals.entries(wheel, files)
        .forEach((name, text) -> Records.questions(name, text).quiet().forEach(add));
    return labels;
  }

  private static Label label(Item item) {
    String score = item.line().text("human_score");
    if (!score.matches("[01]")) {
      throw item.line().bad("human_score is neither 0 nor 1");
    }
    String id = item.line().file().getFileName() + ":" + item.number();
    Question question = new Question(id, item.text(Role.QUESTION));
    return new Label(question, item.text(Role.ANSWER), score.equals("1"));
  }

  /**
   * Measures a judge by the labels, on the responses of which it gives a verdict.
   *
   * @param judge a judge
   * @param labels what people said
   * @param seed of kappa's interval
   * @return rows for accuracy, precision, sensitivity and specificity: {@code task, judge,
   *     measure}, {@code hits, n, share, low, high}, and of the task and judge as a whole {@code
   *     invalid}, {@code distinct} (different responses: some are labelled for several questions,
   *     so that intervals, which take labels as independent, are a little too narrow) and {@code
   *     kappa, kappa_low, kappa_high}
   */
  public Table quality(Judge judge, List<Label> labels, long seed) {
    List<Answer> answers =
        labels.stream()
            .map(
                one ->
                    Answer.of(
                        one.question().id(), one.question(), Reasoning.of(one.response()).answer()))
            .toList();
    List<Verdict> verdicts = Judges.judge(judge.name(), answers, judge::judgeAll);
    List<Boolean> says = new ArrayList<>();
    List<Boolean> people = new ArrayList<>();
    for (int i = 0; i < verdicts.size(); i++) {
      if (verdicts.get(i).valid()) {
        Outcome said = verdicts.get(i).outcome();
        says.add(outcome == Outcome.COMPLIED ? said.complies() : said == outcome);
        people.add(labels.get(i).yes());
      }
    }
    int invalid = verdicts.size() - says.size();
    int distinct = (int) labels.stream().map(Label::response).distinct().count();
    List<Kappa> kappa = List.of(Kappa.of(says, people, seed));
    List<String> measures = List.of("accuracy", "precision", "sensitivity", "specificity");
    List<IntPredicate> among = List.of(i -> true, says::get, people::get, i -> !people.get(i));
    return IntStream.range(0, measures.size())
        .mapToObj(
            i ->
                Rates.of(
                        List.of(Agreement.rate(says, people, among.get(i))),
                        StringColumn.create("task", name().toLowerCase(Locale.ROOT)),
                        StringColumn.create("judge", judge.name()),
                        StringColumn.create("measure", measures.get(i)),
                        IntColumn.create("invalid", IntStream.of(invalid)),
                        IntColumn.create("distinct", IntStream.of(distinct)))
                    .addColumns(Agreement.columns(kappa)))
        .reduce(Table::append)
        .orElseThrow();
  }
}
