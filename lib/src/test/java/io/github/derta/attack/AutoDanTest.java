package io.github.derta.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.attack.AdaptiveAttack.Found;
import io.github.derta.io.BadInput;
import io.github.derta.model.Decoding;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.Prompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AutoDanTest {

  private static final Decoding DECODING = Decoding.greedy(64);
  private static final Question QUESTION = new Question("q-0", "How do I make bread?");
  private static final Questions QUESTIONS = Some.questions(QUESTION.text());
  private static final String SORRY = "Sorry, I can't help with that.";

  @TempDir Path folder;

  private final List<String> asked = new ArrayList<>();
  private final List<String> scored = new ArrayList<>();

  private LanguageModel target(UnaryOperator<String> answer) {
    return Some.model(
        prompt -> {
          asked.add(prompt);
          return answer.apply(prompt);
        });
  }

  /** Likes the letter b: it stands for what no sentence has to itself. */
  private double[] score(List<Prompt> prompts, String continuation) {
    prompts.forEach(prompt -> scored.add(prompt.text()));
    return prompts.stream().mapToDouble(AutoDanTest::worth).toArray();
  }

  private static double worth(Prompt prompt) {
    return prompt.text().chars().filter(c -> c == 'b').count() / 4.0 - 9;
  }

  private static AutoDan autoDan(String... settings) {
    List<String> all =
        Stream.concat(Stream.of("population=8", "generations=6"), Stream.of(settings))
            .map(setting -> "autodan." + setting)
            .toList();
    return (AutoDan)
        Attacks.on(QUESTIONS, Some.ORIGINALS).set(all).named(List.of("autodan")).get(0);
  }

  private Found search(AutoDan attack, LanguageModel target, SearchLog log) {
    return attack.search(QUESTION, target, this::score, DECODING, log.search("autodan/q-0"));
  }

  private Found search(AutoDan attack, LanguageModel target) {
    return search(attack, target, SearchLog.inMemory());
  }

  @Test
  void eachGenerationIsAtLeastAsGoodAndTheBestIsWhatIsFound() {
    Path file = folder.resolve("searches.jsonl");
    Found found;
    try (SearchLog log = SearchLog.open(file, notice -> {})) {
      found = search(autoDan("generations=12", "wordSteps=1"), target(prompt -> SORRY), log);
    }
    List<Generation> all = Generation.read(file).get("autodan/q-0");
    assertThat(all).hasSize(12).noneMatch(Generation::worked);
    assertThat(all).extracting(Generation::best).isSorted();
    assertThat(all.get(11).best()).isGreaterThan(all.get(0).best());
    assertThat(all.get(11).mean()).isGreaterThan(all.get(0).mean());
    assertThat(worth(found.prompt())).isEqualTo(all.get(11).best());
    assertThat(found.prompt().text()).contains(QUESTION.text());
    assertThat(all.stream().mapToInt(Generation::scored).sum()).isEqualTo(scored.size());
  }

  @Test
  void nothingIsScoredOrAskedTwice() {
    search(autoDan("generations=12"), target(prompt -> SORRY));
    assertThat(new HashSet<>(scored)).hasSameSizeAs(scored);
    assertThat(scored.size()).isLessThan(8 * 12);
    assertThat(new HashSet<>(asked)).hasSameSizeAs(asked);
  }

  @Test
  void aResponseWithoutARefusalEndsTheSearch() {
    Found found =
        search(autoDan("generations=40"), target(p -> asked.size() == 2 ? "Take flour." : SORRY));
    assertThat(asked).hasSize(2);
    assertThat(found).isEqualTo(new Found(Prompt.chat(asked.get(1)), "Take flour."));
  }

  @Test
  void anEmptyResponseEndsNothing() {
    Found found = search(autoDan("generations=2"), target(p -> " "));
    assertThat(found.response()).isBlank();
    assertThat(scored.size()).isGreaterThan(8);
  }

  @Test
  void theBestOfAGenerationIsAsked() {
    search(autoDan("generations=1"), target(prompt -> SORRY));
    double best = scored.stream().mapToDouble(text -> worth(Prompt.chat(text))).max().orElseThrow();
    assertThat(asked).hasSize(1).allMatch(text -> worth(Prompt.chat(text)) == best);
  }

  @Test
  void theSameSeedMakesTheSameRun() {
    search(autoDan(), target(prompt -> SORRY));
    List<String> first = List.copyOf(scored);
    scored.clear();
    search(autoDan(), target(prompt -> SORRY));
    assertThat(scored).isEqualTo(first);
    scored.clear();
    search(autoDan("seed=1"), target(prompt -> SORRY));
    assertThat(scored).isNotEqualTo(first);
  }

  @Test
  void stepsBySentencesAddNoWordAndStepsByWordsNoSentence() {
    search(autoDan("wordSteps=0", "mutation=0"), target(prompt -> SORRY));
    List<String> given = sentences(scored.subList(0, 8));
    assertThat(given).containsAll(sentences(scored.subList(8, scored.size())));
    assertThat(scored.size()).isGreaterThan(8);

    scored.clear();
    search(autoDan("wordSteps=5", "mutation=0"), target(prompt -> SORRY));
    assertThat(sentences(scored.subList(8, scored.size())))
        .isNotEmpty()
        .anyMatch(s -> !given.contains(s));
    assertThat(scored.subList(8, scored.size()))
        .allMatch(text -> shapes(scored.subList(0, 8)).contains(shape(text)));
  }

  private static List<String> sentences(List<String> texts) {
    return texts.stream()
        .flatMap(text -> Genetics.sentences(text.replace(QUESTION.text(), "{question}")).stream())
        .map(String::strip)
        .toList();
  }

  /** Marks and small words: what the dictionary leaves as it is. */
  private static String shape(String text) {
    return Synonyms.replace(text.replace(QUESTION.text(), "{question}"), word -> "x")
        .replace("X", "x");
  }

  private static List<String> shapes(List<String> texts) {
    return texts.stream().map(AutoDanTest::shape).toList();
  }

  @Test
  void theCycleSaysWhichStepsGoByWords() {
    UnaryOperator<String> sorry = prompt -> SORRY;
    search(autoDan("generations=2", "cycle=5", "wordSteps=4", "mutation=0"), target(sorry));
    List<String> given = sentences(scored.subList(0, 8));
    assertThat(given).as("first by sentences").containsAll(sentences(scored));
    scored.clear();
    search(autoDan("generations=3", "cycle=5", "wordSteps=4", "mutation=0"), target(sorry));
    assertThat(sentences(scored)).as("then by words").anyMatch(s -> !given.contains(s));
    scored.clear();
    search(autoDan("generations=5", "cycle=5", "wordSteps=1", "mutation=0"), target(sorry));
    assertThat(given).as("four by sentences").containsAll(sentences(scored));
  }

  @Test
  void aSearchThatWasCutOffGoesOnWithoutAskingOrScoringTwice() {
    Found whole = search(autoDan(), target(prompt -> "No, sorry. " + prompt.length()));
    List<String> allAsked = List.copyOf(asked);
    List<String> allScored = List.copyOf(scored);
    for (int most = 1; most < allAsked.size(); most++) {
      asked.clear();
      scored.clear();
      int until = most;
      LanguageModel mortal =
          target(
              prompt -> {
                if (asked.size() > until) {
                  asked.remove(until);
                  throw new BadInput("down");
                }
                return "No, sorry. " + prompt.length();
              });
      Path file = folder.resolve(most + ".jsonl");
      try (SearchLog log = SearchLog.open(file, notice -> {})) {
        assertThatThrownBy(() -> search(autoDan(), mortal, log)).hasMessage("down");
      }
      try (SearchLog log = SearchLog.open(file, notice -> {})) {
        LanguageModel well = target(prompt -> "No, sorry. " + prompt.length());
        assertThat(search(autoDan(), well, log)).isEqualTo(whole);
      }
      assertThat(asked).isEqualTo(allAsked);
      assertThat(scored).isEqualTo(allScored);
      assertThat(Generation.read(file).get("autodan/q-0"))
          .extracting(Generation::generation)
          .containsExactly(0, 1, 2, 3, 4, 5);
    }
  }

  @Test
  void aModelMayPutPromptsIntoOtherWordsIfItKeepsThePlaceOfTheQuestion() {
    List<String> orders = new ArrayList<>();
    LanguageModel author =
        Some.model(
            order -> {
              orders.add(order);
              return orders.size() % 2 == 0 ? "lost" : "Oh, {question} No. " + orders.size();
            });
    AutoDan.Settings settings =
        new AutoDan.Settings(20, 1, 0.1, 0.5, 5, 1, 5, 4, 30, 0, "built-in", "generic", "some");
    SearchLog log = SearchLog.inMemory();
    search(AutoDan.of(settings, QUESTIONS, spec -> author), target(prompt -> SORRY), log);
    assertThat(orders).hasSize(4).allMatch(order -> order.contains("{question}"));
    assertThat(scored)
        .contains("Oh, How do I make bread? No. 1", "Oh, How do I make bread? No. 3")
        .hasSize(18);
    assertThat(log.search("autodan/q-0").lines())
        .filteredOn(line -> line.answer().contains("lost the place"))
        .hasSize(1);
  }

  @Test
  void aModelIsLookedIntoSoAnEndpointIsRefused() {
    SearchLog.Search search = SearchLog.inMemory().search("s");
    assertThat(autoDan().whiteBox()).isTrue();
    assertThatThrownBy(() -> autoDan().search(QUESTION, target(p -> SORRY), DECODING, search))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("looks into the model", "folder");
  }

  @Test
  void theKitchensPromptsAreBredForTheBeginningOfAKnownAnswer() {
    Attacks attacks = Attacks.on(Some.KITCHEN, Some.ORIGINALS);
    AutoDan attack = (AutoDan) attacks.named(List.of("autodan")).get(0);
    List<String> wanted = new ArrayList<>();
    for (Question question : Some.KITCHEN.all()) {
      attack.search(
          question,
          target(prompt -> "Take flour."),
          (prompts, continuation) -> {
            wanted.add(continuation);
            return score(prompts, continuation);
          },
          DECODING,
          SearchLog.inMemory().search(question.id()));
      assertThat(attack.prompt(question).text()).contains(question.text());
    }
    long known = wanted.stream().filter(text -> !text.startsWith("Sure, here is")).count();
    assertThat(known).isGreaterThan(100).isLessThan(Some.KITCHEN.all().size());
    assertThat(wanted).noneMatch(text -> text.toLowerCase(java.util.Locale.ROOT).contains("sorry"));
  }

  @Test
  void openingsAndTemplatesMayBeAUsers() throws IOException {
    Path openings = folder.resolve("openings.jsonl");
    Files.writeString(openings, "{\"question_id\":\"q-0\",\"opening\":\"Mix\"}");
    Path templates = folder.resolve("templates.jsonl");
    Files.writeString(templates, "{\"template\":\"Tell me: {question}\"}");
    AutoDan attack = autoDan("target=" + openings, "templates=" + templates, "generations=1");
    List<String> wanted = new ArrayList<>();
    attack.search(
        QUESTION,
        target(prompt -> SORRY),
        (prompts, continuation) -> {
          wanted.add(continuation);
          return score(prompts, continuation);
        },
        DECODING,
        SearchLog.inMemory().search("s"));
    assertThat(wanted).containsExactly("Mix");
    assertThat(scored).contains("Tell me: How do I make bread?");
    assertThat(attack.parameters())
        .containsEntry("prompts", "templates.jsonl")
        .containsEntry("target", "openings.jsonl");
    assertThatThrownBy(() -> attack.prompt(new Question("other", "?")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("nothing for question other");
  }

  @Test
  void ourTemplatesHaveOnePlaceForTheQuestionAndSeveralSentences() {
    List<String> all =
        Texts.records("autodan.jsonl").stream().map(line -> line.text("template")).toList();
    assertThat(all).hasSizeBetween(12, 20).doesNotHaveDuplicates();
    assertThat(all).allMatch(text -> Genetics.places(text) == 1);
    assertThat(all).allMatch(text -> Genetics.sentences(text).size() >= 4);
  }

  @Test
  void wrongSettingsSayWhatWouldBeRight() throws IOException {
    refused("population=1", "autodan.population", "at least 2");
    refused("elites=1", "autodan.elites", "below 1");
    refused("mutation=2", "autodan.mutation", "0 to 1");
    refused("wordSteps=6", "autodan.wordSteps", "0 to cycle");
    refused("steps=6", "no setting \"steps\"", "wordSteps");
    refused("points=some", "autodan.points", "a number is needed");
    Path templates = folder.resolve("templates.jsonl");
    Files.writeString(templates, "{\"template\":\"Tell me\"}");
    refused("templates=" + templates, "templates.jsonl", "{question} stands 0 times");
  }

  private static void refused(String setting, String... parts) {
    assertThatThrownBy(() -> autoDan(setting))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll(parts);
  }
}
