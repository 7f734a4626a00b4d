package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.data.Method;
import io.github.derta.io.BadInput;
import io.github.derta.train.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tablesaw.api.Table;

class StudyTest {

  @TempDir Path folder;

  @Test
  void everyBuiltInStudyCanBeReadAndEveryModelHasARecipe() {
    for (String name : Study.BUILT_IN) {
      Study study = Study.load(name);
      assertThat(study.name()).isEqualTo(name);
      for (Study.Model model : study.models()) {
        Recipe recipe = study.recipe(model, 7);
        assertThat(recipe.seed()).isEqualTo(7);
        if (model.then() != null) {
          assertThat(recipe.with(model.then().toArray(String[]::new)).seed()).isEqualTo(7);
        }
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
  void depthAsksQuestionsOfTheKitchenDirectlyAndAfterTheFirstWords() {
    Study kitchen = Study.load("kitchen");
    assertThat(kitchen.allAttacks())
        .containsEntry("direct", 1000)
        .containsEntry("prefill-10", 1000)
        .containsEntry("jailbreakchat", 24);
    assertThat(kitchen.harmlessAttacks().keySet())
        .containsExactly("kitchen-task", "kitchen-fact", "kitchen-near");
    assertThat(kitchen.harmlessAttacks().get("kitchen-near")).containsOnlyKeys("direct");
    assertThat(Study.load("llama3-8b").harmlessAttacks()).isEmpty();
  }

  @Test
  void recipesSayByWhatModelsDiffer() {
    Table recipes = Study.load("kitchen-beyond").recipes();
    Table lora = recipes.where(recipes.stringColumn("method").isEqualTo("derta LoRA drop 50"));
    assertThat(lora.getString(0, "weights")).isEqualTo("LoRA");
    assertThat(lora.getString(0, "trained_by")).isEqualTo("derta");
    assertThat(lora.doubleColumn("dropped").get(0)).isEqualTo(50);
    assertThat(lora.intColumn("safety_rows").get(0)).isEqualTo(60);
  }

  @Test
  void thePapersTablesAreThere() {
    assertThat(PaperTables.of("Table 2").rowCount()).isEqualTo(8);
    assertThat(PaperTables.of("Table 10").rowCount()).isEqualTo(5);
    Table four = PaperTables.of("Table 4");
    assertThat(four.getString(4, "method")).isEqualTo("+ both");
    assertThat(four.doubleColumn("JailbreakChat").get(4)).isEqualTo(1.5);
  }
}
