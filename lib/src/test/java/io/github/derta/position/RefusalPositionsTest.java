package io.github.derta.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import io.github.derta.text.RefusalPhrases;
import io.github.derta.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RefusalPositionsTest {

  @TempDir Path folder;

  private final RefusalPositions sorry = RefusalPositions.of(RefusalPhrases.of(List.of("sorry")));

  @Test
  void aGluedRefusalStandsInTheWordThatHoldsIt() {
    assertThat(sorry.in("I'm sorry")).isEqualTo(2);
    assertThat(sorry.in("print x.Sorry, no")).isEqualTo(2);
    assertThat(sorry.in("\u00A0 one\u2003two SORRY")).isEqualTo(3);
    assertThat(sorry.in("\uD83D\uDE00 sorry")).isEqualTo(2);
    assertThat(sorry.in("no refusal")).isZero();
    assertThat(sorry.in("")).isZero();
  }

  @Test
  void aPhraseStandsWhereItsFirstWordDoes() {
    RefusalPositions refusals = RefusalPositions.of(RefusalPhrases.REFUSALS);
    assertThat(refusals.in("Well, friend. I\u2019m very sad. I\ncannot")).isEqualTo(6);
  }

  @Property
  void isTheFirstSplitWordThatContainsThePhrase(@ForAll("texts") String text) {
    List<String> words =
        Pattern.compile("\\P{IsWhite_Space}+")
            .matcher(text)
            .results()
            .map(MatchResult::group)
            .toList();
    int expected = 0;
    for (int i = words.size(); i > 0; i--) {
      expected = words.get(i - 1).toLowerCase(Locale.ROOT).contains("sorry") ? i : expected;
    }
    assertThat(sorry.in(text)).isEqualTo(expected);
  }

  @Test
  void inTokensItIsOneAndTheTokensBefore() throws IOException {
    // A word-level tokenizer: one token a word or mark.
    Path file =
        Files.writeString(
            folder.resolve("tokenizer.json"),
            "{\"version\":\"1.0\",\"added_tokens\":[],\"normalizer\":null,"
                + "\"pre_tokenizer\":{\"type\":\"Whitespace\"},\"post_processor\":null,"
                + "\"decoder\":null,\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"x\":0,\"[UNK]\":1},"
                + "\"unk_token\":\"[UNK]\"}}");
    try (Tokenizer tokenizer = Tokenizer.load(file)) {
      RefusalPositions inTokens = sorry.inTokens(tokenizer);
      assertThat(inTokens.in("Sorry")).isEqualTo(1);
      assertThat(inTokens.in("a b.Sorry")).isEqualTo(4);
      assertThat(inTokens.in("\uD83D\uDE00 c sorry")).isEqualTo(3);
      assertThat(inTokens.in("word ".repeat(2000) + "sorry")).isEqualTo(2001);
      assertThat(inTokens.in("none")).isZero();
    }
  }

  @Test
  void readsRecordsAndBareStrings() throws IOException {
    Path file =
        file(
            "{\"question\":\"sorry?\",\"response\":\"ok\",\"more\":{\"response\":[1]}}\n"
                + "\"a sorry\"\n{\"response\":\"\"}\n{\"x\":{\"response\":\"no\"},\"response\":\"Sorry\"}\n");
    List<String> read = new ArrayList<>();
    sorry.read(
        file, r -> read.add(r.record() + " " + r.text() + " " + r.position() + " " + r.words()));
    assertThat(read).containsExactly("1 ok 0 1", "2 a sorry 2 2", "3  0 0", "4 Sorry 1 1");
  }

  @Test
  void eachWrongRecordHasItsOwnMessage() throws IOException {
    assertMistake("{\"dish\":\"x\"}\n", "fields \"dish\": no answer of a model there; known");
    assertMistake("{\"how do I\":\"x\"}\n", "fields (a text): no answer");
    assertMistake("{\"response\":5}\n", "field \"response\" is a number; a string is needed");
    assertMistake("{\"response\":[\"x\"]}\n", "field \"response\" is an array");
    assertMistake("{\"response\":{\"x\":1}}\n", "field \"response\" is an object");
    assertMistake("{\"response\":true}\n", "field \"response\" is a boolean");
    assertMistake("17\n", "the record is a number; an object or a string is needed");
    assertMistake("[[\"x\"]]\n", "the record is an array");
    assertMistake("{\"response\":\"x\"\n", "not JSON");
  }

  @Test
  void emptyFilesAndFilesWithoutRecordsAreToldApart() throws IOException {
    Path empty = file("");
    assertThatThrownBy(() -> sorry.read(empty, r -> {}))
        .isInstanceOf(BadInput.class)
        .hasMessage(empty + ": an empty file; one JSON record a line is needed");
    for (String blank : List.of("\n \n", "[]", "[ ]\n")) {
      Path file = file(blank);
      assertThatThrownBy(() -> sorry.read(file, r -> {}))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("holds no record");
    }
  }

  @Test
  void skipsBadRecordsInArraysToo() throws IOException {
    Path file = file("[{\"response\":\"Sorry\"},\n{\"a\":[1,{}]},\n3,\n[[]],\n\"x sorry\"]");
    FileCounts counts = sorry.count(file, true, bytes -> {}, response -> {});
    assertThat(counts.positions().responses()).isEqualTo(2);
    assertThat(counts.positions().median()).hasValue(1.5);
    assertThat(counts.bad()).isEqualTo(3);
    assertThat(counts.firstBad())
        .hasValueSatisfying(bad -> assertThat(bad).hasMessageContaining(":2: "));
  }

  @Test
  void findsFilesInFoldersSortedAndOnce() throws IOException {
    Path b = Files.writeString(folder.resolve("b.json"), "x");
    Path inner = Files.createDirectory(folder.resolve("a"));
    Path a = Files.writeString(inner.resolve("z.list"), "x");
    Files.writeString(folder.resolve(".hidden"), "x");
    assertThat(RefusalPositions.files(List.of(folder, b))).containsExactly(a, b);
    Path bare = Files.createDirectory(folder.resolve("bare"));
    assertThatThrownBy(() -> RefusalPositions.files(List.of(bare)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("a folder without files");
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of("sorry", "So", "rry", "x.", " ", "\u00A0", "\n", "\uD83D\uDE00", "b")
        .list()
        .ofMaxSize(15)
        .map(parts -> String.join("", parts));
  }

  private void assertMistake(String content, String problem) throws IOException {
    Path file = file(content);
    assertThatThrownBy(() -> sorry.read(file, response -> {}))
        .isInstanceOf(BadInput.class)
        .hasMessageStartingWith(file + ":1: ")
        .hasMessageContaining(problem);
  }

  private Path file(String content) throws IOException {
    return Files.writeString(folder.resolve("responses.any"), content);
  }
}
