package io.github.derta.attack;

import io.github.derta.model.Decoding;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.Prompt;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** PAIR's inner judge as a model, which ends its answer in {@code Rating: [[n]]}. */
final class ModelScorer implements PairJudge {

  private static final String ORDER = Texts.resource("pair-judge.txt").strip();
  private static final Decoding GREEDY = Decoding.greedy(128);
  private static final Pattern RATING = Pattern.compile("\\[\\[(10|[1-9])]]");

  private final LanguageModel model;

  ModelScorer(LanguageModel model) {
    this.model = model;
  }

  @Override
  public String name() {
    return model.name();
  }

  @Override
  public String hash() {
    return Texts.hash(ORDER);
  }

  @Override
  public int[] scores(
      Question question, List<String> prompts, List<String> responses, SearchLog.Search search) {
    List<Prompt> orders =
        IntStream.range(0, prompts.size())
            .mapToObj(
                i ->
                    Texts.fill(
                        ORDER,
                        "question",
                        question.text(),
                        "prompt",
                        prompts.get(i),
                        "response",
                        responses.get(i)))
            .map(Prompt::chat)
            .toList();
    List<String> ratings = search.complete("judge", model, orders, GREEDY);
    return ratings.stream().mapToInt(rating -> score(rating, search)).toArray();
  }

  private static int score(String rating, SearchLog.Search search) {
    Matcher matcher = RATING.matcher(rating);
    if (!matcher.find()) {
      search.note("the judge gave no rating; counted as 1");
      return 1;
    }
    return Integer.parseInt(matcher.group(1));
  }

  @Override
  public void close() {
    model.close();
  }
}
