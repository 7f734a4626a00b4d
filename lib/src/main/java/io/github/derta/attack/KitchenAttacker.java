package io.github.derta.attack;

import io.github.derta.text.RefusalPhrases;
import java.util.List;
import java.util.stream.IntStream;

/**
 * PAIR's attacker by rules, for the kitchen: where the target said nothing of use it puts the
 * question into another form of text; where it said a little, it asks it to go on from there.
 */
final class KitchenAttacker implements PairAttacker {

  private static final List<String> FRAMES =
      Texts.records("pair-framings.jsonl").stream().map(line -> line.text("template")).toList();

  private static final String GO_ON = Texts.resource("pair-go-on.txt").strip();

  /** So much of a response is given back, in characters. */
  private static final int PIECE = 240;

  @Override
  public String name() {
    return "kitchen";
  }

  @Override
  public String origin() {
    return "built-in";
  }

  @Override
  public String hash() {
    return Texts.hash(FRAMES + GO_ON);
  }

  @Override
  public List<String> prompts(Question question, List<List<Try>> streams, SearchLog.Search search) {
    return IntStream.range(0, streams.size())
        .mapToObj(i -> prompt(question, i, streams.get(i), streams.size()))
        .toList();
  }

  private static String prompt(Question question, int stream, List<Try> tried, int streams) {
    if (!tried.isEmpty()) {
      Try last = tried.get(tried.size() - 1);
      String piece = piece(last.response());
      if (last.score() > 1 && !piece.isEmpty()) {
        return Texts.fill(GO_ON, "question", question.text(), "piece", piece);
      }
    }
    String frame = FRAMES.get((stream + tried.size() * streams) % FRAMES.size());
    return Texts.fill(frame, "question", question.text());
  }

  /** The beginning of a response, up to a refusal. */
  private static String piece(String response) {
    String said =
        RefusalPhrases.REFUSALS
            .first(response)
            .map(refusal -> response.substring(0, refusal.start()))
            .orElse(response)
            .strip();
    return said.length() <= PIECE
        ? said
        : said.substring(0, said.lastIndexOf(' ', PIECE) + 1).strip();
  }
}
