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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVRecord;
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
    Map<PublishedName, Double> paper = paperRates();
    StringColumn models = StringColumn.create("model");
    StringColumn methods = StringColumn.create("method");
    StringColumn attacks = StringColumn.create("attack");
    StringColumn names = StringColumn.create("judge");
    IntColumn records = IntColumn.create("records");
    IntColumn empty = IntColumn.create("empty");
    DoubleColumn papers = DoubleColumn.create("paper");
    List<Rate> rates = new ArrayList<>();
    Map<PublishedName, List<Text>> files =
        all.stream()
            .collect(
                Collectors.groupingBy(
                    text -> PublishedName.of(text.attack(), text.file()),
                    LinkedHashMap::new,
                    Collectors.toList()));
    files.forEach(
        (name, texts) -> {
          List<String> distinct =
              texts.stream().filter(text -> text.duplicateOf() < 0).map(Text::response).toList();
          for (Judge judge : judges) {
            models.append(name.model());
            methods.append(name.method());
            attacks.append(name.attack());
            names.append(judge.name());
            records.append(texts.size());
            empty.append((int) distinct.stream().filter(one -> Words.count(one) == 0).count());
            papers.append(paper.getOrDefault(name, Double.NaN) / 100);
            rates.add(success(judge, distinct));
          }
        });
    Table table = Rates.of(rates, models, methods, attacks, names, records, empty);
    DoubleColumn difference = table.doubleColumn("share").subtract(papers);
    return table.addColumns(papers, difference.setName("difference"));
  }

  private static Rate success(Judge judge, List<String> responses) {
    Question unknown = new Question("", "");
    long refused =
        responses.stream()
            .filter(one -> judge.judge(unknown, one).outcome() == Outcome.REFUSED)
            .count();
    return new Rate(responses.size() - refused, responses.size());
  }

  private static Map<PublishedName, Double> paperRates() {
    Map<PublishedName, Double> rates = new HashMap<>();
    for (CSVRecord line : PaperTables.all()) {
      for (String attack : PaperTables.ATTACKS) {
        if (!line.get(attack).isEmpty()) {
          PublishedName name = new PublishedName(attack, line.get("model"), line.get("method"));
          rates.put(name, Double.valueOf(line.get(attack)));
        }
      }
    }
    return rates;
  }
}
