package io.github.derta.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.data.Row.Kind;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MixTest {

  private static final Path FIXTURES = Path.of("src/test/resources/io/github/derta/data");

  private final List<HelpfulPair> helpful =
      IntStream.range(0, 30).mapToObj(i -> new HelpfulPair("h" + i, "answer " + i)).toList();
  private final List<SafetyTriple> safety =
      IntStream.range(0, 60)
          .mapToObj(i -> new SafetyTriple("q" + i, "one two three four five six", "Sorry, no"))
          .toList();

  @ParameterizedTest
  @ValueSource(strings = {"vanilla", "harmful-prefix", "derta"})
  void upstreamRowsAreThePublicCodesRowsButForDrawnPrefixes(String method) {
    List<HelpfulPair> pairs = Source.helpful(List.of(FIXTURES.resolve("helpful.jsonl"))).items();
    List<SafetyTriple> triples = Source.safety(List.of(FIXTURES.resolve("safety.jsonl"))).items();
    List<Row> theirs = Source.rows(FIXTURES.resolve("upstream-" + method + ".jsonl")).items();
    Mix ours = Mix.of(recipe(Method.named(method), PrefixLength.UPSTREAM, true), pairs, triples);

    assertThat(ours).hasSameSizeAs(theirs);
    for (int i = 0; i < ours.size(); i++) {
      Row row = ours.get(i);
      Row other = theirs.get(i);
      assertThat(row.text()).isEqualTo(other.text());
      assertThat(row.toJson().get("safe")).isEqualTo(other.toJson().get("safe"));
      if (row.kind() != Kind.HARMFUL_PREFIX || other.prefix().endsWith("] ")) {
        assertThat(row.prefix()).isEqualTo(other.prefix());
      } else {
        SafetyTriple triple = triple(triples, row);
        int words = PrefixLength.words(triple.harmful());
        Set<String> possible =
            IntStream.rangeClosed(1, words - 2)
                .mapToObj(k -> Row.harmfulPrefix(triple, k, PromptFormat.PAPER).prefix())
                .collect(Collectors.toSet());
        assertThat(possible).contains(row.prefix(), other.prefix());
      }
    }
  }

  private static SafetyTriple triple(List<SafetyTriple> triples, Row row) {
    return triples.stream()
        .filter(t -> row.prefix().startsWith(PromptFormat.PAPER.prompt(t.question())))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theLeadOfAChatFormatStandsOnceInFrontOfAnAnswerThatHasBegun() {
    SafetyTriple triple = new SafetyTriple("Why?", "First, you do it", "Sorry, no.");
    PromptFormat blank = new PromptFormat("blank", q -> "<q>" + q, " ", "</s>");
    assertThat(Row.harmfulPrefix(triple, 2, blank))
        .isEqualTo(new Row("<q>Why? First, you", " Sorry, no.</s>", Row.Kind.HARMFUL_PREFIX));
    assertThat(Row.harmfulPrefix(triple, 0, blank))
        .isEqualTo(new Row("<q>Why?", " Sorry, no.</s>", Row.Kind.HARMFUL_PREFIX));
    PromptFormat thought = new PromptFormat("thought", q -> "<q>" + q, "<t></t>", "</s>");
    assertThat(Row.harmfulPrefix(triple, 2, thought))
        .isEqualTo(new Row("<q>Why?<t></t>First, you", " Sorry, no.</s>", Row.Kind.HARMFUL_PREFIX));
    assertThat(Row.harmfulPrefix(triple, 0, thought))
        .isEqualTo(new Row("<q>Why?", "<t></t>Sorry, no.</s>", Row.Kind.HARMFUL_PREFIX));
  }

  @Test
  void rtoAndDertaWriteTwoRowsOfEveryQuestion() {
    for (Method method : List.of(Method.RTO, Method.DERTA)) {
      Mix mix = Mix.of(MixRecipe.of(method).rows(10, 20), helpful, safety);
      Kind other = method == Method.RTO ? Kind.VANILLA : Kind.HARMFUL_PREFIX;

      assertThat(mix.counts()).isEqualTo(Map.of(Kind.HELPFUL, 10, Kind.RTO, 10, other, 10));
      assertThat(questions(mix, Kind.RTO)).hasSize(10).isEqualTo(questions(mix, other));
    }
  }

  @Test
  void rtoOnlyWritesNothingButRtoRows() {
    Mix mix = Mix.of(MixRecipe.of(Method.RTO_ONLY).rows(0, 20), helpful, safety);

    assertThat(mix).hasSize(20).allMatch(Row::rto);
    assertThat(questions(mix, Kind.RTO)).hasSize(20);
  }

  @Test
  void aSmallerMixOfTheSameSeedHoldsTheQuestionsOfTheLargerOne() {
    Mix vanilla = Mix.of(MixRecipe.of(Method.VANILLA).rows(5, 40).seed(3), helpful, safety);
    Mix derta = Mix.of(MixRecipe.of(Method.DERTA).rows(5, 40).seed(3), helpful, safety);

    assertThat(questions(derta, Kind.RTO)).hasSize(20);
    assertThat(questions(vanilla, Kind.VANILLA))
        .hasSize(40)
        .containsAll(questions(derta, Kind.RTO));
    assertThat(questions(derta, Kind.HELPFUL)).isEqualTo(questions(vanilla, Kind.HELPFUL));
  }

  @ParameterizedTest
  @EnumSource(names = "DPO", mode = EnumSource.Mode.EXCLUDE)
  void theSameSeedGivesTheSameRowsAndAnotherSeedOthers(Method method) {
    MixRecipe recipe = MixRecipe.of(method).rows(20, 20).seed(5);

    assertThat(Mix.of(recipe, helpful, safety)).isEqualTo(Mix.of(recipe, helpful, safety));
    assertThat(Mix.of(recipe, helpful, safety))
        .isNotEqualTo(Mix.of(recipe.seed(6), helpful, safety));
  }

  @Test
  void oneThirdOfTheHarmfulPrefixesIsEmptyAndTheOthersLeaveTwoWords() {
    Mix mix = Mix.of(MixRecipe.of(Method.HARMFUL_PREFIX).rows(0, 60), helpful, safety);

    assertThat(mix.stream().map(MixTest::given).filter(String::isEmpty)).hasSize(20);
    assertThat(mix.stream().map(MixTest::given).filter(given -> !given.isEmpty()))
        .allMatch(given -> "one two three four".startsWith(given));
  }

  @Test
  void prefixLengthsAreUniformOverTenThousandRows() {
    for (PrefixLength rule : PrefixLength.values()) {
      int from = rule == PrefixLength.PAPER ? 0 : 1;
      int to = rule == PrefixLength.PAPER ? 12 : 10;
      int[] counts = new int[13];
      int rows = 0;
      for (int row = 0; row < 15_000; row++) {
        if (rule == PrefixLength.PAPER || row % 3 != 0) {
          counts[rule.draw(12, row, Seeds.at(1, Seeds.Use.PREFIX_LENGTH, row))]++;
          rows++;
        } else {
          assertThat(rule.draw(12, row, new Random(row))).isZero();
        }
      }
      double expected = rows / (double) (to - from + 1);
      double chiSquare =
          IntStream.rangeClosed(from, to)
              .mapToDouble(k -> Math.pow(counts[k] - expected, 2) / expected)
              .sum();
      assertThat(IntStream.rangeClosed(from, to).map(k -> counts[k]).sum()).isEqualTo(rows);
      // 99.9 % of the chi-square distribution: 27.9 with 9 degrees of freedom, 32.9 with 12.
      assertThat(chiSquare).isLessThan(rule == PrefixLength.PAPER ? 32.9 : 27.9);
    }
  }

  /** Lengths that the public code drew over 10,000 rows of twelve words; see upstream_rows.py. */
  @Test
  void prefixLengthsAreDistributedAsThePublicCodes() throws IOException {
    int[] theirs;
    try (InputStream in = getClass().getResourceAsStream("upstream-prefix-words.json")) {
      theirs = JsonLines.MAPPER.readValue(in, int[].class);
    }
    int[] ours = new int[theirs.length];
    for (int row = 0; row < 15_000; row++) {
      int words = PrefixLength.UPSTREAM.draw(12, row, Seeds.at(2, Seeds.Use.PREFIX_LENGTH, row));
      ours[words] += row % 3 == 0 ? 0 : 1;
    }
    assertThat(IntStream.of(theirs).sum()).isEqualTo(10_000);
    assertThat(IntStream.of(ours).sum()).isEqualTo(10_000);
    // Two samples of one size: the sum of (a - b)^2 / (a + b).
    double chiSquare =
        IntStream.range(0, ours.length)
            .filter(k -> ours[k] + theirs[k] > 0)
            .mapToDouble(k -> Math.pow(ours[k] - theirs[k], 2) / (ours[k] + theirs[k]))
            .sum();
    System.out.printf("prefix lengths, ours and the public code's: chi-square %.1f%n", chiSquare);
    assertThat(chiSquare).isLessThan(27.9); // 99.9 %, 9 degrees of freedom
  }

  @Test
  void answersOfTwoWordsAreSkippedWhereTheyCannotBeCutAndCounted() {
    List<SafetyTriple> some =
        List.of(new SafetyTriple("q", "two words", "no"), safety.get(0), safety.get(1));

    Mix cut = Mix.of(MixRecipe.of(Method.HARMFUL_PREFIX), List.of(), some);
    assertThat(cut).hasSize(2);
    assertThat(cut.tooShort()).isEqualTo(1);
    assertThat(Mix.of(MixRecipe.of(Method.VANILLA), List.of(), some)).hasSize(3);
    MixRecipe paper = recipe(Method.HARMFUL_PREFIX, PrefixLength.PAPER, false);
    assertThat(Mix.of(paper, List.of(), some)).hasSize(3);
  }

  @Test
  void tooFewRowsAndOddPairsAreErrors() {
    assertThatThrownBy(() -> Mix.of(MixRecipe.of(Method.VANILLA).rows(31, 0), helpful, safety))
        .isInstanceOf(BadInput.class)
        .hasMessage("30 usable helpful pairs were given, 31 are needed for method vanilla");
    assertThatThrownBy(() -> MixRecipe.of(Method.DERTA).rows(0, 7))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("an even number is needed");
    assertThatThrownBy(() -> Method.named("dertaa"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("vanilla, harmful-prefix, rto, derta, rto-only, dpo");
  }

  @Test
  void preferencesChooseTheRefusalAndUseHelpfulPairsThatHaveARejectedAnswer() throws Exception {
    List<HelpfulPair> pairs = List.of(helpful.get(0), new HelpfulPair("q", "good", "bad", false));
    List<SafetyTriple> one = safety.subList(0, 1);
    Preferences preferences = Preferences.of(MixRecipe.of(Method.DPO), pairs, one);

    assertThat(preferences)
        .containsExactlyInAnyOrder(
            new Preference("[INST] q [\\INST]", " good<|end_of_text|>", " bad<|end_of_text|>"),
            new Preference(
                "[INST] q0 [\\INST]",
                " Sorry, no<|end_of_text|>",
                " one two three four five six<|end_of_text|>"));
    assertThat(JsonLines.MAPPER.writeValueAsString(preferences.get(0)))
        .startsWith("{\"prompt\":")
        .contains("\"chosen\":", "\"rejected\":");
  }

  private static Set<String> questions(Mix mix, Kind kind) {
    return mix.stream()
        .filter(row -> row.kind() == kind)
        .map(row -> row.prefix().split(" ")[1])
        .collect(Collectors.toCollection(HashSet::new));
  }

  private static String given(Row row) {
    return row.prefix().substring(row.prefix().indexOf("[\\INST] ") + "[\\INST] ".length());
  }

  private static MixRecipe recipe(Method method, PrefixLength prefix, boolean upstream) {
    return new MixRecipe(
        method, PromptFormat.PAPER, prefix, MixRecipe.ALL, MixRecipe.ALL, 0, upstream);
  }
}
