package io.github.derta.eval;

import io.github.derta.attack.Question;
import io.github.derta.kitchen.Verdict.Outcome;
import io.github.derta.position.PublishedName;
import io.github.derta.position.PublishedResponses;
import io.github.derta.position.PublishedResponses.Text;
import io.github.derta.stats.Rate;
import io.github.derta.text.Words;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVRecord;

/**
 * The responses that the paper's authors published, judged anew, beside the attack success rate
 * that the paper gives for them (its Tables 2 and 10, its Figure 5 for DPO at 70B).
 *
 * @param name attack, model and method
 * @param judge who judges
 * @param n records of the file
 * @param success responses without a refusal, among the records of different prompts; an empty
 *     response counts, as it does for the authors of the phrase lists
 * @param empty how many of these are empty
 * @param paper the paper's rate in percent; NaN if it gives none
 */
public record PublishedAsr(
    PublishedName name, String judge, long n, Rate success, long empty, double paper) {

  private static final Map<PublishedName, Double> PAPER = paperRates();

  /**
   * {@return one rate for each file and judge}
   *
   * @param responses the published ones
   * @param judges who judges them; they are not told the questions
   */
  public static List<PublishedAsr> measure(PublishedResponses responses, List<Judge> judges) {
    List<Text> texts = new ArrayList<>();
    responses.forEach(texts::add);
    return measure(texts, judges);
  }

  static List<PublishedAsr> measure(List<Text> all, List<Judge> judges) {
    Map<PublishedName, List<Text>> files =
        all.stream()
            .collect(
                Collectors.groupingBy(
                    text -> PublishedName.of(text.attack(), text.file()),
                    LinkedHashMap::new,
                    Collectors.toList()));
    List<PublishedAsr> rates = new ArrayList<>();
    files.forEach((name, texts) -> judges.forEach(judge -> rates.add(of(name, texts, judge))));
    return rates;
  }

  private static PublishedAsr of(PublishedName name, List<Text> texts, Judge judge) {
    List<String> distinct =
        texts.stream().filter(text -> text.duplicateOf() < 0).map(Text::response).toList();
    Question unknown = new Question("", "");
    List<Judgement> judgements =
        distinct.stream().map(response -> judge.judge(unknown, response)).toList();
    Rate refused = Judgement.rate(judgements, Outcome.REFUSED);
    return new PublishedAsr(
        name,
        judge.name(),
        texts.size(),
        new Rate(refused.n() - refused.hits(), refused.n()),
        distinct.stream().filter(response -> Words.count(response) == 0).count(),
        PAPER.getOrDefault(name, Double.NaN));
  }

  /** {@return this rate minus the paper's, in points; NaN if the paper gives none} */
  public double difference() {
    return 100 * success.share() - paper;
  }

  /** {@return its row of a table, by column} */
  public Map<String, Object> row() {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("model", name.model());
    row.put("method", name.method());
    row.put("attack", name.attack());
    row.put("judge", judge);
    row.put("n", n);
    row.put("distinct_n", success.n());
    row.put("empty", empty);
    Cells.put(row, "keyword_asr", success);
    row.put("paper_asr", Cells.rounded(paper / 100));
    row.put("difference", Cells.rounded(difference() / 100));
    return row;
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
