package io.github.derta.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTest {

  private static final Path SMOLLM2 =
      Path.of(System.getProperty("derta.home"), ".derta/models/smollm2-135m-instruct");

  private static Path tiny() throws URISyntaxException {
    return Path.of(TokenizerTest.class.getResource("tiny-tokenizer").toURI());
  }

  @Test
  void idsAndTextsAreThoseOfTransformers() throws IOException, URISyntaxException {
    try (Tokenizer tokenizer = Tokenizer.load(tiny())) {
      agrees(tokenizer, "tiny");
    }
  }

  @Test
  void idsAndTextsOfSmolLm2AreThoseOfTransformers() throws IOException {
    assumeThat(SMOLLM2).exists();
    try (Tokenizer tokenizer = Tokenizer.load(SMOLLM2)) {
      agrees(tokenizer, "smollm2");
      assertThat(tokenizer.vocabularySize()).isEqualTo(49152);
      assertThat(tokenizer.singleToken("Sorry")).isEqualTo(37388);
      assertThat(tokenizer.singleToken(" sorry")).isEqualTo(22657);
    }
  }

  private static void agrees(Tokenizer tokenizer, String name) throws IOException {
    JsonNode expected =
        JsonLines.MAPPER.readTree(TokenizerTest.class.getResourceAsStream("tokens.json")).get(name);
    assertThat(expected).hasSizeGreaterThan(10);
    for (JsonNode row : expected) {
      int[] ids = JsonLines.MAPPER.convertValue(row.get("ids"), int[].class);
      assertThat(tokenizer.encode(row.get("text").textValue())).isEqualTo(ids);
      assertThat(tokenizer.decode(ids, false)).isEqualTo(row.get("decoded").textValue());
      assertThat(tokenizer.decode(ids, true)).isEqualTo(row.get("plain").textValue());
    }
  }

  @Test
  void aLongTextIsNotCut() throws URISyntaxException {
    try (Tokenizer tokenizer = Tokenizer.load(tiny())) {
      assertThat(tokenizer.encode("1".repeat(5000))).hasSize(5000);
    }
  }

  @Test
  void aTextThatMustBeOneTokenIsOne() throws URISyntaxException {
    try (Tokenizer tokenizer = Tokenizer.load(tiny())) {
      assertThat(tokenizer.singleToken("<|im_end|>")).isEqualTo(2);
      assertThat(tokenizer.specialTokens())
          .isEqualTo(Map.of("<|endoftext|>", 0, "<|im_start|>", 1, "<|im_end|>", 2));
      int size = tokenizer.vocabularySize();
      assertThat(tokenizer.decode(new int[] {size - 1}, false)).isNotEmpty();
      assertThatThrownBy(() -> tokenizer.singleToken("12"))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("\"12\" is 2 tokens [")
          .hasMessageContaining("exactly one is needed");
    }
  }

  @Test
  void aMissingOrBrokenFileIsNamed(@TempDir Path folder) throws IOException {
    assertThatThrownBy(() -> Tokenizer.load(folder))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("tokenizer.json: no such file");
    for (String broken : new String[] {"", "{}", "[1]", "{\"model\": {\"type\": \"BPE\"}}"}) {
      Files.writeString(folder.resolve("tokenizer.json"), broken);
      assertThatThrownBy(() -> Tokenizer.load(folder))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("not a Hugging Face tokenizer.json");
    }
  }

  @Test
  void aContinuationHasNoBlankThatSentencePieceWouldPutInFront(@TempDir Path folder)
      throws IOException {
    String json =
        """
        {"version":"1.0","added_tokens":[],"pre_tokenizer":null,"post_processor":null,
        "decoder":{"type":"Fuse"},
        "normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},
        {"type":"Replace","pattern":{"String":" "},"content":"▁"}]},
        "model":{"type":"BPE","fuse_unk":false,"byte_fallback":false,
        "vocab":{"▁":0,"a":1,"b":2,".":3,"\\n":4,"▁a":5},"merges":["▁ a"]}}
        """;
    Path file = Files.writeString(folder.resolve("tokenizer.json"), json);
    try (Tokenizer tokenizer = Tokenizer.load(file)) {
      assertThat(tokenizer.encode("b a")).containsExactly(0, 2, 5);
      assertThat(tokenizer.encode(" a")).containsExactly(0, 5); // two blanks
      assertThat(tokenizer.encodeContinuation(" a")).containsExactly(5);
      assertThat(tokenizer.encodeContinuation("ab")).containsExactly(1, 2);
    }
  }

  @Test
  void aContinuationIsThePlainTextWhereNothingIsPutInFront()
      throws IOException, URISyntaxException {
    try (Tokenizer tokenizer = Tokenizer.load(tiny())) {
      for (String text : new String[] {" Sorry", "abc", "\n\nx", "12", ""}) {
        assertThat(tokenizer.encodeContinuation(text)).isEqualTo(tokenizer.encode(text));
      }
    }
  }
}
