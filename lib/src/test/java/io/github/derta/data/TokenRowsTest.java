package io.github.derta.data;

import static java.util.Comparator.comparingInt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.data.Row.Kind;
import io.github.derta.io.BadInput;
import io.github.derta.text.ChatTemplate;
import io.github.derta.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenRowsTest {

  @TempDir Path folder;

  private Tokenizer tokenizer;

  @BeforeEach
  void load() throws IOException {
    tokenizer = TinyTokenizer.in(folder, true);
  }

  @AfterEach
  void close() {
    tokenizer.close();
  }

  @Test
  void theBoundaryIsExactWhereTheTokenizerWouldMergeAcrossIt() {
    TokenRow row = tokens(1024, new Row("xa", "by</s>", Kind.NEXT_TOKEN)).get(0);
    int[] labels = labels(0.95).of(row, 0, 0);

    assertThat(tokenizer.encode("xaby")).hasSize(3);
    assertThat(row.ids())
        .containsExactly(
            TinyTokenizer.BEGIN, id("x"), id("a"), id("b"), id("y"), TinyTokenizer.END);
    assertThat(row.prompt()).isEqualTo(3);
    assertThat(labels).containsExactly(-100, -100, -100, id("b"), id("y"), TinyTokenizer.END);
  }

  @Test
  void aPromptBeginsAsItDoesAtGeneration() {
    assertThat(tokenizer.encodePrompt("x")).containsExactly(TinyTokenizer.BEGIN, id("x"));
    assertThat(tokenizer.encodePrompt("<s>x")).containsExactly(TinyTokenizer.BEGIN, id("x"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama3", "mistral", "chatml"})
  void noFormatDoublesTheBeginToken(String name) {
    PromptFormat format = PromptFormat.of(name, ChatTemplate.named(name));
    HelpfulPair pair = new HelpfulPair("Why?", "So.");
    TokenRow chat = tokens(1024, Row.helpful(pair, format)).get(0);
    TokenRow paper = tokens(1024, Row.helpful(pair, PromptFormat.PAPER)).get(0);

    if (name.equals("mistral")) {
      assertThat(Row.helpful(pair, format).prefix()).startsWith("<s>");
    }
    for (TokenRow row : List.of(chat, paper)) {
      assertThat(Arrays.stream(row.ids()).filter(id -> id == TinyTokenizer.BEGIN)).hasSize(1);
      assertThat(row.ids()[0]).isEqualTo(TinyTokenizer.BEGIN);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "llama3,<|begin_of_text|>",
    "mistral,<s>",
    "chatml,<|im_start|>",
    "paper,<|begin_of_text|>",
    "paper-evaluation,<|begin_of_text|>"
  })
  void aPromptHasItsTokenizersBeginTokenOnceInFront(String name, String begin, @TempDir Path own)
      throws IOException {
    PromptFormat format = PromptFormat.named(name);
    Row row = Row.helpful(new HelpfulPair("Why?", "So."), format);
    try (Tokenizer tokenizer = TinyTokenizer.in(own, true, begin)) {
      int[] ids = TokenRows.of(List.of(row), tokenizer, 1024).get(0).ids();
      assertThat(ids[0]).isEqualTo(TinyTokenizer.BEGIN);
      assertThat(ids[1]).isNotEqualTo(TinyTokenizer.BEGIN);
    }
  }

  @Test
  void thePapersTwoPromptsAreThoseOfThePublicCode() {
    assertThat(PromptFormat.named("paper").prompt("Why?")).isEqualTo("[INST] Why? [\\INST]");
    assertThat(PromptFormat.named("paper-evaluation").prompt("Why?"))
        .isEqualTo("[INST] \nWhy?\n\n [\\INST]");
    assertThatThrownBy(() -> PromptFormat.named("alpaca"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("paper, paper-evaluation, llama3");
  }

  @ParameterizedTest
  @CsvSource({"llama3,<|eot_id|>", "mistral,</s>", "chatml,<|im_end|>"})
  void aChatFormatWritesWhatItsTemplateWritesOfTheWholeConversation(String name, String end) {
    ChatTemplate template = ChatTemplate.named(name);
    PromptFormat format = PromptFormat.of(name, template);
    Row row = Row.helpful(new HelpfulPair("Why?", "So."), format);
    List<ChatTemplate.Message> both =
        List.of(ChatTemplate.Message.user("Why?"), new ChatTemplate.Message("assistant", "So."));

    assertThat(format.end()).isEqualTo(end);
    assertThat(row.prefix() + row.text()).isEqualTo(template.render(both, false).stripTrailing());
  }

  @Test
  void rtoReplacesEveryResponseLabelWithTheRefusalToken() {
    TokenRow row = tokens(1024, new Row("q", "abab</s>", Kind.RTO)).get(0);

    assertThat(labels(0).of(row, 0, 0))
        .containsExactly(-100, -100, id("Sorry"), id("Sorry"), id("Sorry"));
  }

  @ParameterizedTest
  @CsvSource({"1,1", "19,1", "20,1", "21,2", "40,2", "41,3", "400,20", "401,21"})
  void dropKeepsATwentiethRoundedUpAndAtLeastOne(int responseTokens, int kept) {
    TokenRow row = tokens(1024, new Row("prompt", "x".repeat(responseTokens), Kind.RTO)).get(0);

    for (int epoch = 0; epoch < 5; epoch++) {
      int[] labels = labels(0.95).of(row, 0, epoch);
      assertThat(places(labels)).hasSize(kept).allMatch(place -> place >= row.prompt());
      assertThat(Arrays.stream(labels).filter(label -> label != -100))
          .allMatch(label -> label == id("Sorry"));
    }
  }

  @Test
  void labelsAreRedrawnEveryEpochAndDependOnSeedEpochAndRowAlone() {
    TokenRow row = tokens(1024, new Row("q", "x".repeat(200), Kind.RTO)).get(0);
    Labels rule = labels(0.95);

    assertThat(rule.of(row, 3, 1)).isEqualTo(rule.of(row, 3, 1));
    Set<List<Integer>> different = new HashSet<>();
    for (int epoch = 0; epoch < 5; epoch++) {
      for (int index = 0; index < 5; index++) {
        different.add(places(rule.of(row, index, epoch)));
      }
    }
    assertThat(different).hasSize(25);
  }

  @Test
  void everyResponsePositionIsKeptEquallyOften() {
    TokenRow row = tokens(1024, new Row("q", "x".repeat(40), Kind.RTO)).get(0);
    int[] counts = new int[row.ids().length];
    for (int epoch = 0; epoch < 4000; epoch++) {
      places(labels(0.95).of(row, 0, epoch)).forEach(place -> counts[place]++);
    }
    double chiSquare =
        IntStream.range(2, 42).mapToDouble(i -> Math.pow(counts[i] - 200, 2) / 200).sum();

    assertThat(chiSquare).isLessThan(72.1); // 99.9 %, 39 degrees of freedom
  }

  @Test
  void whatIsBeyondTheBlockIsCutOffAndSaid() {
    TokenRows rows =
        tokens(
            6,
            new Row("qq", "xyz</s>", Kind.NEXT_TOKEN),
            new Row("qqqqqqqq", "xyz</s>", Kind.NEXT_TOKEN),
            new Row("q", "</s>", Kind.NEXT_TOKEN));

    assertThat(rows).extracting(TokenRow::cut).containsExactly(true, true, false);
    assertThat(rows).extracting(TokenRow::labels).containsExactly(3, 0, 1);
    assertThat(rows.foreignEnds()).isZero();
    assertThat(Batches.of(rows, labels(0.95), 8, 0)).hasSize(1);
    assertThat(Batches.of(rows, labels(0.95), 8, 0).get(0).rows()).containsExactlyInAnyOrder(0, 2);
  }

  @Test
  void aFormatMadeForAnotherModelShows() {
    HelpfulPair pair = new HelpfulPair("q", "a");

    assertThat(tokens(99, Row.helpful(pair, PromptFormat.PAPER)).foreignEnds()).isEqualTo(1);
  }

  @Test
  void anEpochHoldsEveryRowOnceAndABatchItsShortestRowsFirst() {
    TokenRows rows = many(500);
    for (int epoch = 0; epoch < 2; epoch++) {
      List<RowBatch> batches = Batches.of(rows, labels(0.95), 16, epoch);
      List<Integer> seen =
          batches.stream().flatMapToInt(b -> Arrays.stream(b.rows())).sorted().boxed().toList();

      assertThat(seen).isEqualTo(IntStream.range(0, 500).boxed().toList());
      assertThat(batches)
          .allSatisfy(
              b ->
                  assertThat(List.of(b.ids())).isSortedAccordingTo(comparingInt(ids -> ids.length)))
          .anySatisfy(b -> assertThat(b.ids()[15].length - b.ids()[0].length).isGreaterThan(30));
    }
  }

  @Test
  void batchesAreTheSameForOneAndEightThreads() throws Exception {
    assertThat(batches(1)).isEqualTo(batches(8)).isNotEmpty();
  }

  @Test
  void batchesDifferBetweenEpochsAndSeeds() {
    TokenRows rows = many(100);
    Labels rule = labels(0.95);

    assertThat(order(rows, rule, 0)).isEqualTo(order(rows, rule, 0));
    assertThat(order(rows, rule, 0)).isNotEqualTo(order(rows, rule, 1));
    assertThat(order(rows, rule, 0)).isNotEqualTo(order(rows, Labels.of(id("Sorry"), 99), 0));
  }

  @Test
  void aRefusalTokenThatIsSplitIsAnError() throws IOException {
    try (Tokenizer without = TinyTokenizer.in(folder, false)) {
      assertThatThrownBy(() -> without.singleToken("Sorry"))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("\"Sorry\" is 5 tokens");
    }
  }

  private List<String> batches(int threads) throws Exception {
    ForkJoinPool pool = new ForkJoinPool(threads);
    try {
      return pool.submit(() -> order(many(9000), labels(0.95), 2)).get();
    } finally {
      pool.shutdown();
    }
  }

  private static List<String> order(TokenRows rows, Labels rule, int epoch) {
    return Batches.of(rows, rule, 16, epoch).stream()
        .map(
            batch ->
                Arrays.toString(batch.rows())
                    + Arrays.deepToString(batch.ids())
                    + Arrays.deepToString(batch.labels()))
        .toList();
  }

  private TokenRows many(int count) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Kind kind = i % 4 == 0 ? Kind.RTO : Kind.NEXT_TOKEN;
      rows.add(new Row("q" + i, "a".repeat(1 + i * 37 % 60) + "</s>", kind));
    }
    return TokenRows.of(rows, tokenizer, 1024);
  }

  private TokenRows tokens(int block, Row... rows) {
    return TokenRows.of(Stream.of(rows).toList(), tokenizer, block);
  }

  private Labels labels(double drop) {
    return new Labels(id("Sorry"), drop, 1);
  }

  private int id(String token) {
    return tokenizer.singleToken(token);
  }

  private static List<Integer> places(int[] labels) {
    return IntStream.range(0, labels.length).filter(i -> labels[i] != -100).boxed().toList();
  }
}
