package io.github.derta.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.derta.io.JsonLines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;

class PieceCacheTest {

  private static final Path FOLDER =
      Path.of("src/test/resources/io/github/derta/text/tiny-tokenizer");

  /** The committed tokenizer, and those that a clone has. */
  private static final List<Tokenizer> TOKENIZERS =
      Stream.of(
              FOLDER,
              Path.of("../.derta/models/smollm2-135m-instruct"),
              Path.of("../.derta/models/llama3-tokenizer"))
          .filter(Files::isDirectory)
          .map(Tokenizer::load)
          .toList();

  @AfterContainer
  static void close() {
    TOKENIZERS.forEach(Tokenizer::close);
  }

  @Property(tries = 500)
  void piecesGiveTheIdsOfTheWholeText(@ForAll("texts") String text) {
    for (Tokenizer tokenizer : TOKENIZERS) {
      assertThat(tokenizer.encode(text)).isEqualTo(tokenizer.encode(text, false));
    }
  }

  @Provide
  Arbitrary<String> texts() {
    Arbitrary<String> part =
        Arbitraries.of(
            "the",
            "The",
            " ",
            " ",
            " ",
            "  ",
            "\n",
            "\t",
            "Sorry",
            "can't",
            "I'm",
            "é",
            "e\u0301",
            "12",
            "7",
            ".",
            ",",
            "<|im_end|>",
            "<|im_start|>",
            "<s>",
            "<|eot_id|>",
            "\u2019s",
            "中文",
            "🍞",
            "\u00a0",
            "x",
            "flour",
            "QUICK",
            "-",
            "\\",
            "'",
            "\"",
            "\r\n",
            "\u200d");
    return part.list().ofMaxSize(30).map(parts -> String.join("", parts));
  }

  @Example
  void itIsUsedOnlyWhereAWordIsCutBeforeItsSpace() throws Exception {
    assertThat(PieceCache.fits(JsonLines.object(FOLDER.resolve("tokenizer.json")))).isTrue();
    assertThat(fits("{'type':'ByteLevel'}", "[]")).isTrue();
    assertThat(fits("{'type':'ByteLevel','use_regex':false}", "[]")).isFalse();
    assertThat(fits("{'type':'Metaspace'}", "[]")).isFalse();
    assertThat(fits("null", "[]")).isFalse();
    assertThat(fits(split(" ?\\\\p{L}+|\\\\s+"), "[]")).isTrue();
    assertThat(fits(split("[\\\\p{L} ]+"), "[]")).isFalse(); // tokens of several words
    assertThat(fits("{'type':'ByteLevel'}", "[{'content':'<a b>'}]")).isFalse();
    assertThat(fits("{'type':'ByteLevel'}", "[{'content':'the '}]")).isFalse();
    assertThat(fits("{'type':'ByteLevel'}", "[{'content':'<a> '}]")).isTrue();
    assertThat(fits("{'type':'ByteLevel'}", "[{'content':'<a>','rstrip':true}]")).isFalse();
  }

  private static String split(String regex) {
    return "{'type':'Split','pattern':{'Regex':'" + regex + "'},'behavior':'Isolated'}";
  }

  private static boolean fits(String preTokenizer, String addedTokens) throws Exception {
    String json = "{'pre_tokenizer':%s,'added_tokens':%s}".formatted(preTokenizer, addedTokens);
    return PieceCache.fits(JsonLines.MAPPER.readTree(json.replace('\'', '"')));
  }
}
