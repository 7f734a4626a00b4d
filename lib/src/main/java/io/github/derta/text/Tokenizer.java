package io.github.derta.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A Hugging Face {@code tokenizer.json}. One rule for special tokens: text that a chat template
 * rendered is encoded as it is, {@link #encode(String, Collection)}; raw text gets what the
 * tokenizer adds, {@link #encodeRaw}. Special tokens in texts of others become no control ids.
 */
public final class Tokenizer implements AutoCloseable {

  /** Classes of transformers that add tokens by tokenizer_config.json, whatever the file says. */
  private static final String BY_CONFIG = "(Llama|CodeLlama|Gemma)Tokenizer(Fast)?";

  private final HuggingFaceTokenizer tokenizer;
  private final String source;
  private final Map<String, Integer> special = new LinkedHashMap<>();
  private final int vocabularySize;
  private final BitSet firstCharacters = new BitSet(); // of special tokens
  private final PieceCache cache; // null where texts cannot be cut into pieces
  private int[] before; // what is added to raw text
  private int[] behind;
  private PlainTexts plain; // made when a text of others first holds a special token

  private Tokenizer(HuggingFaceTokenizer tokenizer, Path file) throws IOException {
    this.tokenizer = tokenizer;
    this.source = file.toString();
    JsonNode json = JsonLines.MAPPER.readTree(file.toFile());
    JsonNode vocabulary = json.path("model").path("vocab"); // ids by token; of Unigram a list
    int size = vocabulary.isArray() ? vocabulary.size() : 0;
    for (JsonNode id : vocabulary.isObject() ? vocabulary : MissingNode.getInstance()) {
      size = Math.max(size, id.asInt() + 1);
    }
    for (JsonNode token : json.path("added_tokens")) {
      size = Math.max(size, token.path("id").asInt() + 1);
      if (token.path("special").asBoolean()) {
        special.put(token.path("content").asText(), token.path("id").asInt());
      }
    }
    this.vocabularySize = size;
    this.cache = PieceCache.fits(json) ? new PieceCache(text -> encode(text, false)) : null;
    special.keySet().forEach(token -> firstCharacters.set(token.charAt(0)));
    added(file.resolveSibling("tokenizer_config.json"));
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
      return new Tokenizer(open(file), file);
    } catch (IOException | RuntimeException e) {
      throw new BadInput(file + ": not a Hugging Face tokenizer.json (" + e.getMessage() + ")", e);
    }
  }

  /** Truncation is off, or the library cuts at 512 tokens with no more than a warning. */
  static HuggingFaceTokenizer open(Path file) throws IOException {
    return HuggingFaceTokenizer.builder()
        .optTokenizerPath(file)
        .optAddSpecialTokens(false)
        .optTruncation(false)
        .optPadding(false)
        .build();
  }

  /**
   * {@return its token ids; special tokens written in it, such as {@code <|im_start|>}, become
   * their ids, none is added}
   *
   * @param text any text
   */
  public int[] encode(String text) {
    return cache != null ? cache.encode(text) : encode(text, false);
  }

  /**
   * The ids of a rendered conversation, in which special tokens are those of the template alone.
   *
   * @param text what a chat template rendered, to be encoded as it is
   * @param messages what was said in it, in order; special tokens in these are encoded as text
   * @return token ids
   * @throws BadInput if a message holds a special token and the template has changed the message
   */
  public int[] encode(String text, Collection<String> messages) {
    return messages.stream().noneMatch(this::holdsSpecial)
        ? encode(text)
        : plain().encode(text, messages);
  }

  /**
   * {@return whether a special token is written in a text}
   *
   * @param text a text of others
   */
  public boolean holdsSpecial(String text) {
    for (int i = 0; i < text.length(); i++) {
      // Llama 3 has 256 special tokens, and a data set many rows: one pass over each.
      if (firstCharacters.get(text.charAt(i))) {
        int at = i;
        if (special.keySet().stream().anyMatch(one -> text.startsWith(one, at))) {
          return true;
        }
      }
    }
    return false;
  }

  /** The tokenizer for texts of others. */
  private synchronized PlainTexts plain() {
    if (plain == null) {
      plain = PlainTexts.of(Path.of(source), special);
    }
    return plain;
  }

  private void added(Path config) {
    JsonNode json = ChatTemplate.json(config);
    if (json.path("tokenizer_class").asText().matches(BY_CONFIG)) {
      before = json.path("add_bos_token").asBoolean(true) ? token(json, "bos_token") : new int[0];
      behind = json.path("add_eos_token").asBoolean(false) ? token(json, "eos_token") : new int[0];
      return;
    }
    int[] bare = encode("a", false);
    int[] wrapped = encode("a", true);
    int at = 0;
    while (at + bare.length < wrapped.length
        && !Arrays.equals(wrapped, at, at + bare.length, bare, 0, bare.length)) {
      at++;
    }
    before = Arrays.copyOf(wrapped, at);
    behind = Arrays.copyOfRange(wrapped, at + bare.length, wrapped.length);
  }

  private int[] token(JsonNode config, String name) {
    JsonNode token = config.path(name);
    String text = token.isObject() ? token.path("content").asText() : token.asText();
    return special.containsKey(text) ? new int[] {special.get(text)} : new int[0];
  }

  /**
   * {@return the ids of raw text with those that the tokenizer adds, as transformers gives them;
   * but no second beginning in front of a text that begins with one}
   *
   * @param text special tokens written in it become their ids
   */
  public int[] encodeRaw(String text) {
    int[] ids = encode(text);
    boolean begun =
        ids.length >= before.length
            && Arrays.equals(ids, 0, before.length, before, 0, before.length);
    return joined(joined(begun ? new int[0] : before, ids), behind);
  }

  /**
   * What this tokenizer puts in front of every raw text: a beginning-of-sequence token, or nothing.
   *
   * @return token ids
   */
  public int[] begin() {
    return before.clone();
  }

  private static int[] joined(int[] first, int[] second) {
    int[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  /**
   * {@return the ids of the prompt of a training row. One that holds a special token is taken for
   * rendered by a template and encoded as it is; any other gets {@link #begin} in front}
   *
   * @param text a prompt
   */
  public int[] encodePrompt(String text) {
    int[] ids = encode(text);
    return holdsSpecial(text) ? ids : joined(before, ids);
  }

  /**
   * {@return the ids of an answer behind a prompt; a special token at its end stays one, others are
   * text}
   *
   * @param text an answer of a training row
   */
  public int[] encodeAnswer(String text) {
    if (!holdsSpecialInside(text)) {
      return encodeContinuation(text);
    }
    String end = end(text);
    String said = text.substring(0, text.length() - end.length());
    int[] ids = continuation(said, one -> plain().encode(one, List.of(one)));
    return end.isEmpty() ? ids : joined(ids, new int[] {special.get(end)});
  }

  /**
   * {@return whether a special token is written in an answer, one at its end apart}
   *
   * @param text an answer of a training row
   */
  public boolean holdsSpecialInside(String text) {
    return holdsSpecial(text.substring(0, text.length() - end(text).length()));
  }

  private String end(String text) {
    return special.keySet().stream()
        .filter(text::endsWith)
        .max(Comparator.comparingInt(String::length))
        .orElse("");
  }

  /**
   * {@return the tokens of a text that stands behind another: without the blank that SentencePiece
   * tokenizers, as of Llama 2 and Mistral, put in front of every text}
   *
   * @param text for example a response
   */
  public int[] encodeContinuation(String text) {
    return continuation(text, this::encode);
  }

  private int[] continuation(String text, Function<String, int[]> encode) {
    if (Arrays.equals(behind("\n", "a", this::encode), encode("a"))) {
      return encode.apply(text); // puts nothing in front
    }
    int[] ids = behind("\n", text, encode);
    return ids != null ? ids : behind(".", text, encode);
  }

  /** The tokens of a text behind a character, or null if the two merge. */
  private static int[] behind(String character, String text, Function<String, int[]> encode) {
    int[] first = encode.apply(character);
    int[] both = encode.apply(character + text);
    boolean apart =
        both.length >= first.length && Arrays.equals(first, Arrays.copyOf(both, first.length));
    return apart ? Arrays.copyOfRange(both, first.length, both.length) : null;
  }

  /** Without the cache. */
  int[] encode(String text, boolean special) {
    return encode(tokenizer, text, special);
  }

  /** Only the ids: the library's own Encoding also makes strings and spans of every token. */
  static int[] encode(HuggingFaceTokenizer tokenizer, String text, boolean special) {
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
    return vocabularySize;
  }

  /**
   * The ids of special tokens, which {@link #decode} can leave out.
   *
   * @return id by text, in the order of the file
   */
  public Map<String, Integer> specialTokens() {
    return Collections.unmodifiableMap(special);
  }

  @Override
  public void close() {
    tokenizer.close();
    if (plain != null) {
      plain.close();
    }
  }
}
