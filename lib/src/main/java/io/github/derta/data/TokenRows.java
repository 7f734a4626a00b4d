package io.github.derta.data;

import io.github.derta.io.BadInput;
import io.github.derta.text.Tokenizer;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Rows in tokens.
 *
 * <p>Prompt and response are tokenised apart and joined, so the boundary between them is exact: a
 * tokenizer that would merge characters across it is kept from doing so. It is also what happens at
 * generation, where the prompt is encoded before a response exists. (The public code encodes both
 * as one text and masks as many tokens as the prompt alone has, which shifts the mask where a merge
 * crosses.)
 */
public final class TokenRows extends AbstractList<TokenRow> implements RandomAccess {

  private static final Pattern END_MARK = Pattern.compile("<\\|[^<|>]*\\|>$|</s>$");

  private final List<TokenRow> rows;
  private final LongAdder foreignEnds = new LongAdder();
  private final LongAdder marked = new LongAdder();
  private final int block;

  private TokenRows(List<Row> rows, Tokenizer tokenizer, int block) {
    this.block = block;
    this.rows =
        IntStream.range(0, rows.size())
            .parallel()
            .mapToObj(i -> row(rows.get(i), tokenizer))
            .toList();
  }

  /**
   * Tokenises rows, on all processors; the result does not depend on how many there are.
   *
   * @param rows the rows
   * @param tokenizer the model's
   * @param block the most tokens of a row; what is beyond is cut off at the end
   * @return the rows in tokens, in the same order
   */
  public static TokenRows of(List<Row> rows, Tokenizer tokenizer, int block) {
    if (block < 2) {
      throw new BadInput("block " + block + ": at least 2 tokens are needed");
    }
    return new TokenRows(rows, tokenizer, block);
  }

  @Override
  public TokenRow get(int index) {
    return rows.get(index);
  }

  @Override
  public int size() {
    return rows.size();
  }

  /** {@return the most tokens that a row may have} */
  public int block() {
    return block;
  }

  /**
   * {@return how many rows end in a mark such as {@code <|end_of_text|>} that is no special token
   * here. Not 0: the rows' format is not this model's, which would learn to spell the mark out.}
   */
  public int foreignEnds() {
    return foreignEnds.intValue();
  }

  /** {@return how many rows have a special token inside their answer, which is encoded as text} */
  public int marked() {
    return marked.intValue();
  }

  private TokenRow row(Row row, Tokenizer tokenizer) {
    int[] prompt = tokenizer.encodePrompt(row.prefix());
    int[] response = tokenizer.encodeAnswer(row.text());
    if (tokenizer.holdsSpecialInside(row.text())) {
      marked.increment();
    }
    int full = prompt.length + response.length;
    int[] kept =
        IntStream.concat(Arrays.stream(prompt), Arrays.stream(response)).limit(block).toArray();
    int given = Math.min(prompt.length, kept.length);
    Matcher end = END_MARK.matcher(row.text());
    if (end.find() && !tokenizer.specialTokens().containsKey(end.group())) {
      foreignEnds.increment();
    }
    return new TokenRow(kept, given, row.rto(), full > block);
  }
}
