package io.github.derta.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.github.derta.io.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A Hugging Face {@code tokenizer.json}. Special tokens written in a text, such as {@code
 * <|im_start|>}, become their ids; none is added and nothing is cut.
 */
public final class Tokenizer implements AutoCloseable {

  private final HuggingFaceTokenizer tokenizer;

  private Tokenizer(HuggingFaceTokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * @param path a {@code tokenizer.json} or a folder that holds one
   * @return the tokenizer
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
              .build());
    } catch (IOException | RuntimeException e) {
      throw new BadInput(file + ": not a Hugging Face tokenizer.json (" + e.getMessage() + ")", e);
    }
  }

  /**
   * @param text any text
   * @return its token ids
   */
  public int[] encode(String text) {
    Encoding encoding = tokenizer.encode(text, false, false);
    return Arrays.stream(encoding.getIds()).mapToInt(Math::toIntExact).toArray();
  }

  /**
   * @param ids token ids
   * @param skipSpecial whether special tokens are left out of the text
   * @return their text
   */
  public String decode(int[] ids, boolean skipSpecial) {
    return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), skipSpecial);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
