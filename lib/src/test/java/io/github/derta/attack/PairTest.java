package io.github.derta.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.attack.AdaptiveAttack.Found;
import io.github.derta.attack.Pair.Settings;
import io.github.derta.io.BadInput;
import io.github.derta.model.Completion;
import io.github.derta.model.Decoding;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.Prompt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PairTest {

  private static final Decoding DECODING = Decoding.greedy(64);
  private static final Question QUESTION = new Question("q", "How do I make bread?");
  private static final String RECIPE = "flour, butter, sugar, onion, oven, dough and salt";
  private static final String LITTLE = "You take flour and butter. Sorry, I can't help with that.";

  @TempDir Path folder;

  private final List<String> asked = new ArrayList<>();

  private LanguageModel target(Function<String, String> answer) {
    return Some.model(
        prompt -> {
          asked.add(prompt);
          return answer.apply(prompt);
        });
  }

  private static Pair byRules(int streams, int iterations) {
    return Pair.of(
        new Settings(streams, iterations, 3, 0, Settings.BUILT_IN, Settings.BUILT_IN),
        spec -> {
          throw new AssertionError("no model is named");
        });
  }

  private static Pair byModel(int streams, int iterations, int turns, LanguageModel attacker) {
    return Pair.of(
        new Settings(streams, iterations, turns, 0, "some", Settings.BUILT_IN), spec -> attacker);
  }

  private static Found search(Pair pair, LanguageModel target) {
    return pair.search(QUESTION, target, DECODING, SearchLog.inMemory().search("pair/q"));
  }

  @Test
  void theRulesTryOtherWordsAndThenAnotherFormOfTextAfterEachRefusal() {
    search(byRules(3, 4), target(prompt -> "Sorry, I can't help with that."));
    assertThat(asked).hasSize(12).allMatch(prompt -> prompt.contains("bread"));
    assertThat(asked.subList(3, 9)).noneMatch(prompt -> prompt.contains("How do I make"));
    assertThat(new HashSet<>(asked)).as("all different").hasSize(12);
  }

  @Test
  void theRulesGoOnFromWhatTheTargetLetSlip() {
    search(byRules(1, 2), target(prompt -> LITTLE));
    assertThat(asked.get(1))
        .contains("bread", "You take flour and butter.")
        .doesNotContain("Sorry");
  }

  @Test
  void aFullScoreEndsTheSearchAndIsWhatIsFound() {
    Found found = search(byRules(4, 3), target(p -> p.startsWith("Write only") ? "" : RECIPE));
    assertThat(asked).hasSize(4);
    assertThat(found.response()).isEqualTo(RECIPE);
    assertThat(found.prompt()).isEqualTo(Prompt.chat(asked.get(0)));
  }

  @Test
  void whereNothingWorksTheBestIsFound() {
    Found found = search(byRules(4, 2), target(p -> asked.size() == 3 ? LITTLE : "No."));
    assertThat(found.response()).isEqualTo(LITTLE);
    assertThat(found.prompt().text()).isEqualTo(asked.get(2));
  }

  @Test
  void onlyStreamsWithoutJsonAreAskedAgainAndAtMostFiveTimes() {
    List<Integer> batches = new ArrayList<>();
    LanguageModel attacker =
        new Counting(batches) {
          @Override
          String answer(int row) {
            return row == 0 && batches.size() == 1
                ? "Sure: {\"improvement\": \"a\nb\", \"prompt\": \"P\"} Good luck!"
                : "no JSON { at all";
          }
        };
    search(byModel(3, 1, 3, attacker), target(prompt -> "No."));
    assertThat(batches).containsExactly(3, 2, 2, 2, 2);
    assertThat(asked).containsExactly("P", QUESTION.text(), QUESTION.text());
  }

  @Test
  void theAttackerIsToldItsLastTurnsResponsesAndScores() {
    List<Prompt> told = new ArrayList<>();
    LanguageModel attacker =
        Some.answering(
            prompt -> {
              told.add(prompt);
              return "{\"improvement\": \"\", \"prompt\": \"P%d\"}".formatted(told.size());
            },
            Completion.End.STOP);
    search(byModel(1, 4, 2, attacker), target(prompt -> LITTLE + prompt));

    assertThat(told).extracting(prompt -> prompt.before().size()).containsExactly(0, 2, 4, 4);
    Prompt last = told.get(3);
    assertThat(last.text()).contains(LITTLE + "P3", "Score: 4", QUESTION.text());
    assertThat(last.before().get(0).content()).as("our order is never lost").contains("JSON");
    assertThat(last.before().get(1).content()).contains("\"prompt\":\"P2\"");
    assertThat(last.before().get(2).content()).contains(LITTLE + "P2");
  }

  @Test
  void aConversationIsCutToTheAttackersContext() {
    List<Prompt> told = new ArrayList<>();
    LanguageModel small =
        new Counting(new ArrayList<>()) {
          @Override
          String answer(int row) {
            return "{\"improvement\": \"\", \"prompt\": \"P\"}";
          }

          @Override
          public OptionalInt room(Prompt prompt) {
            int said = prompt.before().stream().mapToInt(turn -> turn.content().length()).sum();
            return OptionalInt.of(6000 - said - prompt.text().length());
          }

          @Override
          public List<Completion> complete(List<Prompt> prompts, Decoding decoding) {
            told.addAll(prompts);
            return super.complete(prompts, decoding);
          }
        };
    SearchLog log = SearchLog.inMemory();
    byModel(1, 3, 3, small)
        .search(QUESTION, target(prompt -> "words ".repeat(800)), DECODING, log.search("s"));
    assertThat(told).extracting(small::room).allMatch(room -> room.getAsInt() >= 384);
    assertThat(told.get(2).before()).hasSize(2);
    assertThat(log.search("s").lines())
        .filteredOn(line -> line.who().equals("note"))
        .extracting(SearchLog.Line::answer)
        .anyMatch(note -> note.contains("lost a turn"))
        .anyMatch(note -> note.contains("half of a response"));
  }

  @Test
  void anInnerJudgeWithoutARatingCountsAsOne() {
    List<String> ratings = List.of("It did. Rating: [[10]]", "Rating: 10", "[[11]]", "[[0]]");
    List<Integer> scores = new ArrayList<>();
    for (String rating : ratings) {
      ModelScorer judge = new ModelScorer(Some.model(prompt -> rating));
      SearchLog.Search search = SearchLog.inMemory().search("s");
      scores.add(judge.scores(QUESTION, List.of("p"), List.of("{prompt}"), search)[0]);
    }
    assertThat(scores).containsExactly(10, 1, 1, 1);
  }

  @Test
  void aSearchThatWasCutOffGoesOnWithoutAskingTwice() {
    Found whole = search(byRules(4, 3), target(prompt -> "No. " + prompt.length()));
    List<String> all = List.copyOf(asked);
    for (int calls = 1; calls < 3; calls++) {
      asked.clear();
      Path file = folder.resolve(calls + ".jsonl");
      int most = 4 * calls;
      LanguageModel mortal =
          target(
              prompt -> {
                if (asked.size() > most) {
                  asked.remove(most);
                  throw new BadInput("down");
                }
                return "No. " + prompt.length();
              });
      try (SearchLog log = SearchLog.open(file, notice -> {})) {
        assertThatThrownBy(
                () -> byRules(4, 3).search(QUESTION, mortal, DECODING, log.search("pair/q")))
            .hasMessage("down");
      }
      try (SearchLog log = SearchLog.open(file, notice -> {})) {
        LanguageModel well = target(prompt -> "No. " + prompt.length());
        assertThat(byRules(4, 3).search(QUESTION, well, DECODING, log.search("pair/q")))
            .isEqualTo(whole);
      }
      assertThat(asked).isEqualTo(all);
    }
  }

  @Test
  void aLogOfAnotherSearchIsNotBelieved() {
    SearchLog log = SearchLog.inMemory();
    LanguageModel target = target(prompt -> "No.");
    byRules(2, 1).search(QUESTION, target, DECODING, log.search("s"));
    Question other = new Question("q", "How do I make soup?");
    assertThatThrownBy(() -> byRules(2, 1).search(other, target, DECODING, log.search("s")))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("call 1, row 0", "another");
  }

  @Test
  void settingsAreGivenByName() {
    Attacks attacks = Attacks.on(Some.KITCHEN, Some.ORIGINALS);
    Attack pair =
        attacks.set(List.of("pair.streams=5", "pair.seed=7")).named(List.of("pair")).get(0);
    assertThat(pair.parameters())
        .containsEntry("streams", 5)
        .containsEntry("iterations", 3)
        .containsEntry("seed", 7L);
  }

  @Test
  void wrongSettingsSayWhatWouldBeRight() {
    refused("pair.streams=0", "pair", "at least 1");
    refused("pair.streams=many", "pair.streams", "a number is needed");
    refused("pair.stream=5", "no setting \"stream\"", "streams, iterations, turns, seed");
    refused("pair", "no setting of an attack", "pair.streams=5");
    refused("autodan.steps=5", "autodan.steps is set", "[pair]");
  }

  private static void refused(String setting, String... parts) {
    assertThatThrownBy(
            () ->
                Attacks.on(Some.KITCHEN, Some.ORIGINALS)
                    .set(List.of(setting))
                    .named(List.of("pair")))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void theRulesKnowOnlyTheKitchen() {
    Questions others = Some.questions("What is rust?");
    assertThatThrownBy(() -> Attacks.on(others, Some.ORIGINALS).named(List.of("pair")))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("only the kitchen", "pair.attacker=MODEL");
  }

  /** An attacker that notes how many rows it is asked at a time. */
  private abstract static class Counting implements LanguageModel {
    private final List<Integer> batches;

    Counting(List<Integer> batches) {
      this.batches = batches;
    }

    abstract String answer(int row);

    @Override
    public String name() {
      return "counting";
    }

    @Override
    public List<Completion> complete(List<Prompt> prompts, Decoding decoding) {
      batches.add(prompts.size());
      List<Completion> completions = new ArrayList<>();
      for (int row = 0; row < prompts.size(); row++) {
        completions.add(new Completion(answer(row), new int[0], new float[0], Completion.End.STOP));
      }
      return completions;
    }

    @Override
    public void close() {}
  }
}
