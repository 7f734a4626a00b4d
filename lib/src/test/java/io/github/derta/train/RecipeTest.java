package io.github.derta.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.derta.data.Method;
import io.github.derta.io.BadInput;
import io.github.derta.kitchen.Kitchen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecipeTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kitchen",
        "kitchen-lora",
        "llama3-8b",
        "mistral-7b",
        "llama3-70b",
        "mixtral-8x7b",
        "dpo"
      })
  void builtInRecipeIsReadBackFromItsOwnText(String name, @TempDir Path folder) throws IOException {
    Recipe recipe = Recipe.load(name);
    Path file = Files.writeString(folder.resolve("recipe.yaml"), recipe.toYaml());
    assertThat(Recipe.load(file.toString())).isEqualTo(recipe);
  }

  @Test
  void paperNumbersAreThoseOfThePaper() {
    Recipe full = Recipe.load("llama3-8b");
    assertThat(full.toYaml())
        .contains("learning-rate: 2e-5\n", "weight-decay: 2e-5\n", "warmup: 0.03\n", "clip: 1\n");
    assertThat(full.batch()).isEqualTo(128);
    Recipe lora = Recipe.load("mixtral-8x7b");
    assertThat(lora.lora().rank()).isEqualTo(96);
    assertThat(lora.toYaml()).contains("learning-rate: 1e-4\n", "alpha: 16\n", "drop: 0\n");
    assertThat(Recipe.load("dpo").toYaml()).contains("learning-rate: 5e-7\n");
  }

  @Test
  void theKitchensRecipeAndItsMixHaveTheSameSafetyRows() {
    assertThat(Recipe.load("kitchen").toYaml())
        .contains("safety-rows: %d\n".formatted(Kitchen.SAFETY_ROWS));
  }

  @Test
  void methodDpoBringsItsLossAndAnotherTakesItAway() {
    Recipe dpo = Recipe.load("kitchen").with(Method.DPO);
    assertThat(dpo.dpo().beta()).isEqualTo(0.1);
    assertThat(dpo.with("beta=0.3").with(Method.DPO).dpo().beta()).isEqualTo(0.3);
    assertThat(dpo.with(Method.DERTA)).isEqualTo(Recipe.load("kitchen"));
  }

  @Test
  void theKitchensAdaptersDropNoLabel() {
    Recipe lora = Recipe.load("kitchen-lora");
    assertThat(lora.drop()).isZero();
    assertThat(lora.lora().targets()).hasSize(7);
  }

  @Test
  void networkHasAsManyWeightsAsItsModel() {
    assertThat(Recipe.load("kitchen").network().parameters() / 1e6).isBetween(134.0, 135.0);
    assertThat(Recipe.load("llama3-8b").network().parameters() / 1e9).isBetween(8.0, 8.1);
    assertThat(Recipe.load("mixtral-8x7b").network().parameters() / 1e9).isBetween(46.0, 47.0);
    assertThat(Recipe.load("llama3-70b").network().parameters() / 1e9).isBetween(70.0, 71.0);
  }

  @Test
  void settingsChangeAValueByItsWholeKeyOrItsLastPart() {
    Recipe recipe =
        Recipe.load("kitchen")
            .with("learning-rate=5e-5", "schedule.warmup=0.1", "epochs=1", "helpful-rows=10")
            .with(Method.HARMFUL_PREFIX);
    assertThat(recipe.optimizer().learningRate()).isEqualTo(5e-5);
    assertThat(recipe.schedule().warmup()).isEqualTo(0.1);
    assertThat(recipe.epochs()).isEqualTo(1);
    assertThat(recipe.helpfulRows()).isEqualTo(10);
    assertThat(recipe.method()).isEqualTo(Method.HARMFUL_PREFIX);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "learning_rate=1   | \"learning_rate\" is no key of the recipe; its keys are name",
        "epochs=many       | epochs: a whole number is needed",
        "epochs=1.5        | epochs: a whole number is needed",
        "learning-rate=hot | optimizer.learning-rate: a number is needed, such as 2e-5",
        "shape=sawtooth    | schedule.shape: one of cosine, linear, constant is needed",
        "method=magic      | method: one of vanilla, harmful-prefix, rto",
        "epochs=0          | epochs is 0; x >= 1 is needed",
        "learning-rate=2   | learning-rate is 2.0; 0 < x < 1 is needed",
        "accumulation=17   | accumulation is 17; 1 <= x <= batch (16) is needed",
        "dtype=f16         | dtype is f16; one of [auto, f32, bf16, bf16-weights] is needed",
        "betas=[0.9]       | betas is [0.9]; two numbers",
        "method=dpo        | method is dpo; dpo with dpo: {beta: 0.1}, or another without dpo",
        "dpo={beta: 0}     | beta is 0.0; x > 0 is needed",
        "lora={rank: 0, alpha: 1, dropout: 0, targets: [q_proj]} | lora: rank is 0; x >= 1",
        "epochs            | \"epochs\": key=value is needed",
      })
  void wrongSettingsSayWhatWouldBeRight(String setting, String message) {
    Recipe recipe = Recipe.load("kitchen");
    assertThatThrownBy(() -> recipe.with(setting))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "models/v2 #3",
        "0123",
        "1e5",
        "0x1F",
        "true",
        "~",
        "a: b",
        "[x]",
        "{x}",
        "*x",
        "-",
        "'q'"
      })
  void aPathStaysTheTextThatItIs(String path, @TempDir Path folder) throws IOException {
    Recipe kitchen = Recipe.load("kitchen");
    Path file = folder.resolve("recipe.yaml");
    Recipe recipe = kitchen.withModel(Path.of(path));
    if (!path.startsWith("'")) {
      assertThat(kitchen.with("model=" + path)).isEqualTo(recipe);
    }
    assertThat(recipe.model()).isEqualTo(path);
    Files.writeString(file, recipe.toYaml());
    assertThat(Recipe.load(file.toString()).model()).isEqualTo(path);
    Files.writeString(file, kitchen.toYaml().replaceFirst("(?m)^model: .*", "model: 0123"));
    assertThatThrownBy(() -> Recipe.load(file.toString()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("model: a text is needed, in quotes if it looks like a number");
  }

  @Test
  void wrongFilesSayWhere(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("mine.yaml");
    String right = Recipe.load("kitchen").toYaml();
    Files.writeString(file, right.replace("warmup: ", "warm-up: "));
    assertThatThrownBy(() -> Recipe.load(file.toString()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("mine.yaml: unknown key \"schedule.warm-up\"; known are ");
    Files.writeString(file, right.replace("method: derta\n", ""));
    assertThatThrownBy(() -> Recipe.load(file.toString()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("mine.yaml: key \"method\" is missing");
    Files.writeString(file, "name: [kitchen\nepochs: 3\n");
    assertThatThrownBy(() -> Recipe.load(file.toString()))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("not YAML");
    assertThatThrownBy(() -> Recipe.load("kitchn"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("no such file; built in are kitchen,");
  }

  @Test
  void impossibleMemoryIsRefusedWithWhatItNeeds() {
    Memory needed = Memory.of(Recipe.load("llama3-70b"), Device.cpu());
    assertThatThrownBy(() -> needed.require(Device.cpu()))
        .isInstanceOf(BadInput.class)
        .hasMessageStartingWith("does not fit here: needs ");
  }

  @Test
  void estimatedMemoryFallsWithEachWayOfSavingIt() {
    Recipe kitchen = Recipe.load("kitchen").with("dtype=bf16");
    long all = Memory.of(kitchen, Device.cpu()).total();
    Memory onceMore = Memory.of(kitchen.with("checkpointing=true"), Device.cpu());
    assertThat(onceMore.activations())
        .isLessThan(Memory.of(kitchen, Device.cpu()).activations() / 2);
    assertThat(onceMore.total()).isLessThan(6 * all / 10);
    assertThat(onceMore.unreturned()).isPositive();
    assertThat(Memory.of(kitchen.with("dtype=bf16-weights"), Device.cpu()).total()).isLessThan(all);
    Recipe lora = Recipe.load("kitchen-lora").with("dtype=bf16");
    Memory adapters = Memory.of(lora, Device.cpu());
    assertThat(adapters.moments()).isLessThan(Memory.of(kitchen, Device.cpu()).moments() / 4);
    assertThat(Memory.of(lora.with("rank=4"), Device.cpu()).total()).isLessThan(adapters.total());
    assertThat(Memory.of(kitchen.with("checkpointing=true"), Device.gpu()).unreturned()).isZero();
  }

  @Test
  void theEnvironmentOfANotebookChangesTheRecipe() {
    assertThat(Recipe.from(Map.of())).isEqualTo(Recipe.load("kitchen"));
    Recipe own = Recipe.from(Map.of("DERTA_DATA", "rows.jsonl", "DERTA_MODEL", "other"));
    assertThat(own.data()).isEqualTo("rows.jsonl");
    assertThat(own.model()).isEqualTo("other");
    assertThat(own.validation()).isNull();
    assertThat(Recipe.from(Map.of("DERTA_QUICK", "1")).epochs()).isEqualTo(1);
  }

  @Test
  void aQuickRunSuitsEveryRecipe() {
    for (String name : Recipe.BUILT_IN) {
      Recipe whole = Recipe.load(name);
      Recipe quick = Recipe.from(Map.of("DERTA_RECIPE", name, "DERTA_QUICK", "1"));
      assertThat(quick.batch()).isLessThan(whole.batch());
      assertThat(Memory.of(quick, Device.cpu()).total())
          .isLessThanOrEqualTo(Memory.of(whole, Device.cpu()).total());
    }
  }
}
