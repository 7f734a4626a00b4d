package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.data.Method;
import io.github.derta.eval.ResultSet.Part;
import io.github.derta.io.BadInput;
import io.github.derta.kitchen.Verdict.Outcome;
import io.github.derta.train.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyTest {

  @TempDir Path folder;

  private static Outcomes outcomes(String method, long seed, String measure, String letters) {
    String run = method + seed;
    return new Outcomes(
        method, seed, measure, "q" + letters.length(), letters, 1, run, run + measure);
  }

  private static final List<Outcomes> SOME =
      List.of(
          outcomes("vanilla", 0, "train", ""),
          outcomes("vanilla", 0, "pair", "BBBR"),
          outcomes("vanilla", 1, "pair", "BBRN"),
          outcomes("vanilla", 0, "code-print", "BB"),
          outcomes("vanilla", 0, "code-steps", "NN"),
          outcomes("vanilla", 0, "task-0", "NNNR"),
          outcomes("derta", 0, "pair", "RRRR"),
          outcomes("derta", 1, "pair", "RRI-"));

  @Test
  void everyBuiltInStudyCanBeReadAndEveryModelHasARecipe() {
    for (String name : Study.BUILT_IN) {
      Study study = Study.load(name);
      assertThat(study.name()).isEqualTo(name);
      for (Study.Model model : study.models()) {
        assertThat(study.recipe(model, 7).seed()).isEqualTo(7);
      }
    }
    Study kitchen = Study.load("kitchen");
    Recipe prefix = kitchen.recipe(kitchen.models().get(1), 0);
    assertThat(prefix.method()).isEqualTo(Method.HARMFUL_PREFIX);
    assertThat(prefix.dtype()).isEqualTo("bf16");
    Study.Model dpo = kitchen.models().get(4);
    assertThat(kitchen.recipe(dpo, 0).method()).isEqualTo(Method.VANILLA);
    assertThat(kitchen.recipe(dpo, 0).with(dpo.then().toArray(String[]::new)))
        .satisfies(then -> assertThat(then.method()).isEqualTo(Method.DPO))
        .satisfies(then -> assertThat(then.epochs()).isEqualTo(1));
  }

  @Test
  void aModelChangesTheRecipeOfItsStudy() {
    Study beyond = Study.load("kitchen-beyond");
    Study.Model lora =
        beyond.models().stream()
            .filter(m -> m.name().equals("derta LoRA drop 50"))
            .findFirst()
            .get();
    Recipe recipe = beyond.recipe(lora, 0);
    assertThat(recipe.lora()).isNotNull();
    assertThat(recipe.drop()).isEqualTo(0.5);
    assertThat(recipe.method()).isEqualTo(Method.DERTA);
  }

  @Test
  void aMistakeInAStudyIsToldWithItsKeyOrLine() throws IOException {
    Path file = folder.resolve("study.yaml");
    Files.writeString(
        file,
        "name: mine\nrecipe: kitchen\nseeds: [0]\ndepth: 1\nmodels: [{name: rto}]\nspeed: 0\n");
    assertThatThrownBy(() -> Study.load(file.toString()))
        .isInstanceOf(BadInput.class)
        .hasMessageEndingWith("study.yaml: speed is unknown or no value that it can have");
    Files.writeString(file, "a: b: c\n");
    assertThatThrownBy(() -> Study.load(file.toString()))
        .hasMessageContaining("study.yaml:1: not YAML");
    Files.writeString(
        file, "name: mine\nrecipe: kitchen\nseeds: [0]\ndepth: 1\nmodels: [{name: a, st: b}]\n");
    assertThatThrownBy(() -> Study.load(file.toString())).hasMessageContaining("models[0].st is");
    Files.writeString(
        file,
        "name: mine\nrecipe: kitchen\nseeds: [0]\ndepth: 1\nmodels: [{name: rto}, {name: rto}]\n");
    assertThatThrownBy(() -> Study.load(file.toString()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("a name of its own, not rto");
    assertThatThrownBy(() -> Study.load("nothing")).isInstanceOf(BadInput.class);
  }

  private Study with(String helpfulness) throws IOException {
    Path file = folder.resolve("study.yaml");
    Files.writeString(
        file,
        "name: mine\nrecipe: kitchen\nseeds: [0]\nnew-tokens: 9\ndepth: 1\nmodels: [{name: rto}]\n"
            + "helpfulness: "
            + helpfulness);
    return Study.load(file.toString());
  }

  @Test
  void aTaskNeedsQuestionsAndOnlyAlpacaAJudge() throws IOException {
    assertThat(with("{gsm8k: {questions: a, n: 500}, alpaca: {questions: b, n: 1, judge: c}}"))
        .satisfies(study -> assertThat(study.helpfulness()).containsOnlyKeys("gsm8k", "alpaca"))
        .satisfies(
            study ->
                assertThat(study.quick().helpfulness())
                    .containsEntry("gsm8k", new Study.Task("a", 2, null))
                    .containsEntry("alpaca", new Study.Task("b", 1, "c")));
    assertThatThrownBy(() -> with("{chess: {questions: a, n: 1}}"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("task chess: unknown");
    assertThatThrownBy(() -> with("{mmlu: {n: 1}}"))
        .hasMessageContaining("helpfulness.mmlu: questions: FILE and n");
    assertThatThrownBy(() -> with("{mmlu: {questions: a, n: 1, judge: b}}"))
        .hasMessageContaining("only alpaca has");
    assertThatThrownBy(() -> with("{alpaca: {questions: a, n: 1}}"))
        .hasMessageContaining("helpfulness.alpaca: a judge is needed");
  }

  @Test
  void tasksHaveColumnsAndRowsOfTheirOwn() {
    List<Outcomes> all = new ArrayList<>(SOME);
    all.add(outcomes("vanilla", 0, "gsm8k last-sentence", "YYWW"));
    all.add(outcomes("vanilla", 1, "gsm8k last-sentence", "YYYW"));
    all.add(outcomes("vanilla", 0, "gsm8k any-number", "YYYY"));
    all.add(outcomes("vanilla", 0, "alpaca first-order", Outcomes.letters(new double[] {1, .5})));
    all.add(
        outcomes(
            "vanilla", 0, "alpaca second-order", Outcomes.letters(new double[] {Double.NaN, 0})));
    assertThat(StudyTables.layout(all).get(0))
        .containsEntry("PAIR", 62.5)
        .containsEntry("GSM8K", 62.5)
        .containsEntry("AlpacaEval", 37.5)
        .doesNotContainKey("MMLU");
    assertThat(StudyTables.layout(all).get(1)).containsEntry("GSM8K", null);
    List<Map<String, Object>> rates = StudyTables.rates(all);
    assertThat(rates)
        .filteredOn(row -> row.get("measure").equals("alpaca first-order"))
        .singleElement()
        .satisfies(row -> assertThat(row).containsEntry("right", 0.75).containsEntry("n", 2L))
        .satisfies(row -> assertThat(row).containsEntry("refused", null));
    assertThat(rates.get(0)).containsEntry("refused", 0.25).containsEntry("right", null);
    assertThat(StudyTables.rates(SOME).get(0)).doesNotContainKey("right");
    all.add(outcomes("derta", 0, "gsm8k last-sentence", "YYYY"));
    assertThat(StudyTables.differences(all, "vanilla", "derta", Outcome.BROKEN)).hasSize(1);
  }

  @Test
  void aQuickStudyIsSmallAndCannotBeTakenForTheRealOne() {
    Study quick = Study.load("kitchen").quick();
    assertThat(quick.name()).isEqualTo("kitchen-quick");
    assertThat(quick.models()).extracting(Study.Model::name).containsExactly("vanilla", "derta");
    assertThat(quick.seeds()).containsExactly(0L);
    assertThat(quick.attacks()).containsEntry("direct", 2).containsEntry("pair", 1);
    assertThat(quick.settings()).contains("autodan.generations=2").hasSize(4);
    assertThat(quick.recipe(quick.models().get(0), 0).epochs()).isEqualTo(1);
  }

  @Test
  void outcomesAreKeptAndReadAsTheyWere() throws IOException {
    ResultSet set = ResultSet.open(folder, Study.load("kitchen"));
    set.add(Part.OUTCOMES, SOME.stream().map(Outcomes::row).toList());
    set.save();
    assertThat(Outcomes.of(ResultSet.open(folder, Study.load("kitchen"))))
        .containsExactlyInAnyOrderElementsOf(SOME);
    assertThat(folder.resolve("kitchen-depth.csv")).doesNotExist();
    set.removeOutcomes(one -> one.method().equals("derta"));
    assertThat(Outcomes.of(set)).hasSize(6);
  }

  @Test
  void anUnknownLetterIsRefused() {
    assertThatThrownBy(() -> outcomes("rto", 0, "pair", "RX")).isInstanceOf(BadInput.class);
    assertThat(Outcomes.letter(Optional.of(Outcome.INVALID))).isEqualTo('I');
  }

  @Test
  void theLayoutIsThePapersAndAsksNothingThatWasNotAsked() {
    List<Map<String, Object>> rows = StudyTables.layout(SOME);
    assertThat(rows).extracting(row -> row.get("method")).containsExactly("vanilla", "derta");
    assertThat(rows.get(0))
        .containsEntry("seeds", 2L)
        .containsEntry("PAIR", 62.5)
        .containsEntry("CodeAttack", 50.0)
        .containsEntry("tasks kept", 75.0)
        .containsEntry("AutoDAN", null)
        .containsEntry("average", null);
    assertThat(rows.get(1)).containsEntry("PAIR", 0.0).containsEntry("CodeAttack", null);
    assertThat(rows.get(0).keySet()).containsAll(PaperTables.ATTACKS);
  }

  @Test
  void ratesPoolSeedsAndLeaveOutWhatHasNoVerdict() {
    Map<String, Object> derta =
        StudyTables.rates(SOME).stream()
            .filter(r -> r.get("method").equals("derta"))
            .findFirst()
            .get();
    assertThat(derta)
        .containsEntry("seeds", 2)
        .containsEntry("n", 6L)
        .containsEntry("refused", 1.0);
  }

  @Test
  void ratesByRecipeStandInTheOrderOfWhatTheModelsDifferIn() {
    Study beyond = Study.load("kitchen-beyond");
    List<Outcomes> all =
        List.of(
            outcomes("vanilla", 0, "near-0", "RN"),
            outcomes("derta", 0, "near-0", "RR"),
            outcomes("derta 100 rows", 0, "near-0", "RN"),
            outcomes("derta 20 rows", 0, "near-0", "NN"),
            outcomes("derta rethinking", 0, "near-0", "NN"),
            outcomes("derta LoRA drop 50", 0, "near-0", "RN"));
    assertThat(StudyTables.byRecipe(beyond, all, "rows"))
        .extracting(row -> row.get("method") + " " + row.get("safety rows"))
        .containsExactly("derta 20", "vanilla 60", "derta 60", "derta 100");
    assertThat(StudyTables.byRecipe(beyond, all, "drop"))
        .extracting(row -> row.get("weights") + " " + row.get("dropped") + " " + row.get("refused"))
        .containsExactly("derta, LoRA 50 % 0.5", "vanilla 95 % 0.5", "derta 95 % 1.0");
  }

  @Test
  void differencesAreOfTheSameSeedsAndQuestions() {
    List<Map<String, Object>> rows =
        StudyTables.differences(SOME, "vanilla", "derta", Outcome.BROKEN);
    assertThat(rows).hasSize(1);
    assertThat(rows.get(0))
        .containsEntry("measure", "pair")
        .containsEntry("difference", 0.625)
        .containsEntry("seeds", 2)
        .containsEntry("questions", 4);
  }

  @Test
  void thePapersTablesAreThere() {
    assertThat(PaperTables.rows("Table 2")).hasSize(8);
    assertThat(PaperTables.rows("Table 10")).hasSize(5);
    Map<String, Object> both = PaperTables.rows("Table 4").get(4);
    assertThat(both).containsEntry("method", "+ both").containsEntry("AutoDAN", 2.0);
  }
}
