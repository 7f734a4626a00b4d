package io.github.derta.data;

import io.github.derta.io.BadInput;
import io.github.derta.io.DiskList;
import io.github.derta.text.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Rows in tokens, kept in a temporary file: 16 bytes of memory a row.
 *
 * <p>Prompt and response are tokenised apart and joined, so the boundary between them is exact: a
 * tokenizer that would merge characters across it is kept from doing so. It is also what happens at
 * generation, where the prompt is encoded before a response exists. (The public code encodes both
 * as one text and masks as many tokens as the prompt alone has, which shifts the mask where a merge
 * crosses.)
 */
public final class TokenRows extends AbstractList<TokenRow> implements RandomAccess, AutoCloseable {

  private static final int CHUNK = 4096;

  private static final Pattern END_MARK = Pattern.compile("<\\|[^<|>]*\\|>$|</s>$");

  private final DiskList<TokenRow> rows = new DiskList<>(TokenRows::toBytes, TokenRows::fromBytes);
  private int[] lengths = new int[CHUNK];
  private int[] labels = new int[CHUNK];
  private final LongAdder foreignEnds = new LongAdder();
  private final LongAdder marked = new LongAdder();

  private final int block;

  private TokenRows(int block) {
    this.block = block;
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
    TokenRows result = new TokenRows(block);
    for (int from = 0; from < rows.size(); from += CHUNK) {
      IntStream.range(from, Math.min(from + CHUNK, rows.size()))
          .parallel()
          .mapToObj(i -> result.row(rows.get(i), tokenizer, block))
          .forEachOrdered(result::append);
    }
    return result;
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
   * {@return how many tokens it has}
   *
   * @param index a row
   */
  public int length(int index) {
    return lengths[index];
  }

  /**
   * {@return how many of its tokens may have a label}
   *
   * @param index a row
   */
  public int labels(int index) {
    return labels[index];
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

  @Override
  public void close() {
    rows.close();
  }

  private void append(TokenRow row) {
    int index = rows.size();
    if (index == lengths.length) {
      lengths = Arrays.copyOf(lengths, 2 * index);
      labels = Arrays.copyOf(labels, 2 * index);
    }
    lengths[index] = row.ids().length;
    labels[index] = row.labels();
    rows.add(row);
  }

  private TokenRow row(Row row, Tokenizer tokenizer, int block) {
    int[] prompt = tokenizer.encodePrompt(row.prefix());
    int[] response = tokenizer.encodeAnswer(row.text());
    if (tokenizer.holdsSpecialInside(row.text())) {
      marked.increment();
    }
    int full = prompt.length + response.length;
    IntBuffer ids = IntBuffer.allocate(full).put(prompt).put(response);
    int[] kept = full > block ? Arrays.copyOf(ids.array(), block) : ids.array();
    int given = Math.min(prompt.length, kept.length);
    Matcher end = END_MARK.matcher(row.text());
    if (end.find() && !tokenizer.specialTokens().containsKey(end.group())) {
      foreignEnds.increment();
    }
    return new TokenRow(kept, given, row.rto(), full > block);
  }

  private static byte[] toBytes(TokenRow row) {
    ByteBuffer bytes = ByteBuffer.allocate(8 + 4 * row.ids().length);
    bytes.putInt(row.prompt()).putInt((row.rto() ? 1 : 0) | (row.cut() ? 2 : 0));
    bytes.asIntBuffer().put(row.ids());
    return bytes.array();
  }

  private static TokenRow fromBytes(byte[] stored) {
    ByteBuffer bytes = ByteBuffer.wrap(stored);
    int prompt = bytes.getInt();
    int flags = bytes.getInt();
    int[] ids = new int[bytes.remaining() / 4];
    bytes.asIntBuffer().get(ids);
    return new TokenRow(ids, prompt, (flags & 1) != 0, (flags & 2) != 0);
  }
}
