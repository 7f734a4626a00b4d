package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.eval.MethodStudy.Member;
import io.github.derta.eval.MethodStudy.Part;
import io.github.derta.io.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MethodStudyTest {

  private static final GivenAnswer ANSWER =
      new GivenAnswer("dish-0", "DISH", 10, "First, \"boil\"", "Sorry,\nno.");
  private static final DepthCurve CURVE = new DepthCurve(List.of(ANSWER));

  @TempDir Path folder;

  private MethodStudy study(String... methods) {
    MethodStudy study = MethodStudy.open(folder, "kitchen");
    for (String method : methods) {
      study.add(Part.DEPTH, MethodTables.depth(method, 0, "run-" + method, CURVE, CURVE));
      study.add(
          Part.TRANSCRIPTS, MethodTables.transcript(method, 0, "run-" + method, CURVE, "dish-0"));
    }
    return study;
  }

  @Test
  void savedTablesAreGoneOnWithAndStandInTheOrderOfMethods() throws IOException {
    study("derta").save();
    study("vanilla").save();
    MethodStudy study = MethodStudy.open(folder, "kitchen");
    assertThat(study.members())
        .containsExactly(
            new Member("vanilla", 0, "run-vanilla"), new Member("derta", 0, "run-derta"));
    assertThat(study.rows(Part.TRANSCRIPTS).get(0))
        .containsAllEntriesOf(Map.of("given", ANSWER.given(), "response", ANSWER.response()));
  }

  @Test
  void savingWhatWasReadChangesNothing() throws IOException {
    study("vanilla", "derta").save();
    Path file = folder.resolve("kitchen-depth.csv");
    byte[] before = Files.readAllBytes(file);
    MethodStudy.open(folder, "kitchen").save();
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
  }

  @Test
  void rowsOfAnotherRecipeCanBeForgotten() {
    MethodStudy study = study("vanilla", "derta");
    study.remove(member -> member.run().equals("run-vanilla"));
    assertThat(study.members()).containsExactly(new Member("derta", 0, "run-derta"));
    assertThat(study.rows(Part.TRANSCRIPTS)).hasSize(1);
  }

  @Test
  void anotherFileIsNoTableOfMethods() throws IOException {
    Files.writeString(folder.resolve("kitchen-losses.csv"), "a,b\n1,2\n");
    assertThatThrownBy(() -> MethodStudy.open(folder, "kitchen"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("kitchen-losses.csv");
  }
}
