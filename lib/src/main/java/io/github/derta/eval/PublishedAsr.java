package io.github.derta.eval;

import io.github.derta.attack.Question;
import io.github.derta.kitchen.Verdict.Outcome;
import io.github.derta.position.PublishedName;
import io.github.derta.position.PublishedResponses;
import io.github.derta.position.PublishedResponses.Text;
import io.github.derta.stats.Rate;
import io.github.derta.stats.Rates;
import io.github.derta.text.Words;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * The responses that the paper's authors published, judged anew, beside the attack success rate
 * that the paper gives for them (its Tables 2 and 10, its Figure 5 for DPO at 70B).
 */
public final class PublishedAsr {

  private PublishedAsr() {}

  /**
   * {@return a rate for each file and judge: {@code model, method, attack, judge, records, empty,
   * hits, n, share, low, high, paper} and the {@code difference} to the paper, both as shares;
   * missing if it gives none. A hit is a response without a refusal, among the records of different
   * prompts; an empty one counts, as it does for the authors of the phrase lists}
   *
   * @param responses the published ones
   * @param judges who judges them; they are not told the questions
   */
  public static Table measure(PublishedResponses responses, List<Judge> judges) {
    List<Text> texts = new ArrayList<>();
    responses.forEach(texts::add);
    return measure(texts, judges);
  }

  static Table measure(List<Text> all, List<Judge> judges) {
    return all.stream()
        .collect(
            Collectors.groupingBy(
                text -> PublishedName.of(text.attack(), text.file()),
                LinkedHashMap::new,
                Collectors.toList()))
        .entrySet()
        .stream()
        .flatMap(file -> judges.stream().map(judge -> row(file.getKey(), file.getValue(), judge)))
        .reduce(Table::append)
        .orElseGet(Table::create);
  }

  private static Table row(PublishedName name, List<Text> texts, Judge judge) {
    Question unknown = new Question("", "");
    List<String> distinct =
        texts.stream().filter(text -> text.duplicateOf() < 0).map(Text::response).toList();
    long empty = distinct.stream().filter(one -> Words.count(one) == 0).count();
    long hits =
        distinct.stream()
            .filter(one -> judge.judge(unknown, one).outcome() != Outcome.REFUSED)
            .count();
    Rate rate = new Rate(hits, distinct.size());
    double paper = PaperTables.percent(name) / 100;
    return Rates.of(
            List.of(rate),
            StringColumn.create("model", name.model()),
            StringColumn.create("method", name.method()),
            StringColumn.create("attack", name.attack()),
            StringColumn.create("judge", judge.name()),
            IntColumn.create("records", IntStream.of(texts.size())),
            IntColumn.create("empty", IntStream.of((int) empty)))
        .addColumns(
            DoubleColumn.create("paper", paper),
            DoubleColumn.create("difference", rate.share() - paper));
  }
}
