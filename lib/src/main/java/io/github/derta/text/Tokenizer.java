package io.github.derta.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import io.github.derta.io.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * A Hugging Face {@code tokenizer.json}. Special tokens written in a text, such as {@code
 * <|im_start|>}, become their ids; none is added and nothing is cut.
 */
public final class Tokenizer implements AutoCloseable {

  private final HuggingFaceTokenizer tokenizer;

  private final String source;
  private final TokenTable table;
  private final PieceCache cache;

  private Tokenizer(HuggingFaceTokenizer tokenizer, Path file, TokenTable table) {
    this.tokenizer = tokenizer;
    this.source = file.toString();
    this.table = table;
    this.cache = new PieceCache(text -> encode(text, false));
  }

  /**
   * {@return the tokenizer}
   *
   * @param path a {@code tokenizer.json} or a folder that holds one
   * @throws BadInput if there is none or it cannot be read
   */
  public static Tokenizer load(Path path) {
    Path file = Files.isDirectory(path) ? path.resolve("tokenizer.json") : path;
    if (!Files.isRegularFile(file)) {
      throw new BadInput(file + ": no such file; a Hugging Face tokenizer.json is needed");
    }
    try {
      // Truncation is off, or the library cuts at 512 tokens with no more than a warning.
      return new Tokenizer(
          HuggingFaceTokenizer.builder()
              .optTokenizerPath(file)
              .optAddSpecialTokens(false)
              .optTruncation(false)
              .optPadding(false)
              .build(),
          file,
          TokenTable.read(file));
    } catch (IOException | RuntimeException e) {
      throw new BadInput(file + ": not a Hugging Face tokenizer.json (" + e.getMessage() + ")", e);
    }
  }

  /**
   * {@return its token ids}
   *
   * @param text any text
   */
  public int[] encode(String text) {
    return table.pieces() ? cache.encode(text) : encode(text, false);
  }

  /**
   * What this tokenizer puts in front of every text where special tokens are asked for: a
   * beginning-of-sequence token, or nothing.
   *
   * @return token ids, to be left out in front of a text that begins with them
   */
  public int[] begin() {
    int[] bare = encode("a", false);
    int[] wrapped = encode("a", true);
    for (int i = 0; i + bare.length <= wrapped.length; i++) {
      if (Arrays.equals(wrapped, i, i + bare.length, bare, 0, bare.length)) {
        return Arrays.copyOf(wrapped, i);
      }
    }
    return new int[0];
  }

  /**
   * {@return the tokens of a text that a model begins with: {@link #begin} first, unless the text
   * begins with it}
   *
   * @param text a prompt
   */
  public int[] encodePrompt(String text) {
    int[] ids = encode(text);
    int[] begin = begin();
    if (ids.length >= begin.length && Arrays.equals(ids, 0, begin.length, begin, 0, begin.length)) {
      return ids;
    }
    int[] all = Arrays.copyOf(begin, begin.length + ids.length);
    System.arraycopy(ids, 0, all, begin.length, ids.length);
    return all;
  }

  /**
   * {@return the tokens of a text that stands behind another: without the blank that SentencePiece
   * tokenizers, as of Llama 2 and Mistral, put in front of every text}
   *
   * @param text for example a response
   */
  public int[] encodeContinuation(String text) {
    if (Arrays.equals(behind("\n", "a"), encode("a"))) {
      return encode(text); // puts nothing in front
    }
    int[] ids = behind("\n", text);
    return ids != null ? ids : behind(".", text);
  }

  /** The tokens of a text behind a character, or null if the two merge. */
  private int[] behind(String character, String text) {
    int[] first = encode(character);
    int[] both = encode(character + text);
    boolean apart =
        both.length >= first.length && Arrays.equals(first, Arrays.copyOf(both, first.length));
    return apart ? Arrays.copyOfRange(both, first.length, both.length) : null;
  }

  /** Without the cache, to test it against. */
  int[] encodeWhole(String text) {
    return encode(text, false);
  }

  /** Only the ids: the library's own Encoding also makes strings and spans of every token. */
  private int[] encode(String text, boolean special) {
    long encoding = TokenizersLibrary.LIB.encode(tokenizer.getHandle(), text, special);
    try {
      long[] ids = TokenizersLibrary.LIB.getTokenIds(encoding);
      return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
    }
  }

  /**
   * {@return their text}
   *
   * @param ids token ids
   * @param skipSpecial whether special tokens are left out of the text
   */
  public String decode(int[] ids, boolean skipSpecial) {
    return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), skipSpecial);
  }

  /**
   * The id of a text that is one token to this tokenizer, such as {@code Sorry} or {@code
   * <|im_end|>}.
   *
   * @param text the text
   * @return its id
   * @throws BadInput if it is another number of tokens
   */
  public int singleToken(String text) {
    int[] ids = encode(text);
    if (ids.length != 1) {
      throw new BadInput(
          "%s: \"%s\" is %d tokens %s, exactly one is needed"
              .formatted(source, text, ids.length, Arrays.toString(ids)));
    }
    return ids[0];
  }

  /**
   * The number of ids this tokenizer may give; a model's embedding may have more rows.
   *
   * @return the largest id plus one
   */
  public int vocabularySize() {
    return table.size();
  }

  /**
   * The ids of special tokens, which {@link #decode} can leave out.
   *
   * @return id by text, in the order of the file
   */
  public Map<String, Integer> specialTokens() {
    return table.special();
  }

  /** Whether {@link PieceCache} is used. */
  boolean cached() {
    return table.pieces();
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
