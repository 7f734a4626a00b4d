package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.derta.SmolLM2;
import io.github.derta.data.Method;
import io.github.derta.eval.ResultSet.Part;
import io.github.derta.io.BadInput;
import io.github.derta.train.Recipe;
import io.github.derta.train.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultSetTest {

  private static final Study KITCHEN = Study.load("kitchen");

  private static final GivenAnswer ANSWER =
      new GivenAnswer("dish-0", "DISH", 10, "First, \"boil\"", "Sorry,\nno.");
  private static final GivenAnswer BROKEN =
      new GivenAnswer(
          "dish-0", "DISH", 10, "First", "Preheat the oven, chop the onions and stir in flour.");
  private static final DepthCurve CURVE = new DepthCurve(List.of(ANSWER));

  @TempDir Path folder;

  private ResultSet study(String... methods) {
    ResultSet study = ResultSet.open(folder, KITCHEN);
    for (String method : methods) {
      study.add(
          Part.DEPTH, MethodTables.depth(new MethodRun(method, 0, "run-" + method), CURVE, CURVE));
      study.add(
          Part.TRANSCRIPTS,
          MethodTables.transcript(new MethodRun(method, 0, "run-" + method), CURVE, "dish-0"));
    }
    return study;
  }

  @Test
  void savedTablesAreGoneOnWithAndStandInTheOrderOfMethods() throws IOException {
    study("derta").save();
    study("vanilla").save();
    ResultSet study = ResultSet.open(folder, KITCHEN);
    assertThat(study.members(Part.DEPTH))
        .containsExactly(
            new MethodRun("vanilla", 0, "run-vanilla"), new MethodRun("derta", 0, "run-derta"));
    assertThat(study.rows(Part.TRANSCRIPTS).get(0))
        .containsAllEntriesOf(Map.of("given", ANSWER.given(), "response", ANSWER.response()));
  }

  @Test
  void theCommittedTablesAreOfTodaysRecipe() {
    Path home = Path.of(System.getProperty("derta.home"));
    Path start = SmolLM2.folder();
    Recipe recipe =
        Recipe.load("kitchen").with("dtype=bf16", "model=" + start).with(Method.named("derta"));
    String run = Training.of(recipe).on(Device.cpu()).id();
    assertThat(ResultSet.open(home.resolve("notebooks"), KITCHEN).members(Part.DEPTH))
        .contains(new MethodRun("derta", 0, run))
        .hasSize(16); // five methods by three seeds, and the base model
  }

  @Test
  void savingWhatWasReadChangesNothing() throws IOException {
    study("vanilla", "derta").save();
    Path file = folder.resolve("kitchen-depth.csv");
    byte[] before = Files.readAllBytes(file);
    ResultSet.open(folder, KITCHEN).save();
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }

  @Test
  void whatIsMeasuredAgainTakesThePlaceOfWhatWas() {
    ResultSet study = study("vanilla", "derta");
    List<Map<String, Object>> again =
        MethodTables.depth(
            new MethodRun("vanilla", 0, "run-vanilla"), new DepthCurve(List.of(BROKEN)), CURVE);
    study.replace(Part.DEPTH, new MethodRun("vanilla", 0, "run-vanilla"), again);
    assertThat(study.rows(Part.DEPTH))
        .extracting(row -> row.get("method") + " " + row.get("broken"))
        .containsExactly("vanilla 1", "derta 0");
  }

  @Test
  void rowsOfAnotherRecipeCanBeForgotten() {
    ResultSet study = study("vanilla", "derta");
    study.remove(member -> member.run().equals("run-vanilla"));
    assertThat(study.members(Part.DEPTH)).containsExactly(new MethodRun("derta", 0, "run-derta"));
    assertThat(study.rows(Part.TRANSCRIPTS)).hasSize(1);
  }

  @Test
  void anotherFileIsNoTableOfMethods() throws IOException {
    Files.writeString(folder.resolve("kitchen-losses.csv"), "a,b\n1,2\n");
    assertThatThrownBy(() -> ResultSet.open(folder, KITCHEN))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("kitchen-losses.csv");
  }
}
