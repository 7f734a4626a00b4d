package io.github.derta.view;

import static io.github.derta.data.Method.VANILLA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.derta.SmolLM2;
import io.github.derta.io.BadInput;
import io.github.derta.train.Recipe;
import io.github.derta.train.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of a study that nobody has begun; environment/setup brings SmolLM2, which it begins with. */
class StudyViewTest {

  @TempDir Path folder;

  private String study() throws IOException {
    Path file = folder.resolve("small.yaml");
    Files.writeString(
        file,
        """
        name: small
        recipe: kitchen
        set: ["model=%s", dtype=f32, helpful-rows=2, safety-rows=2]
        seeds: [0]
        models: [{name: vanilla}]
        depth: 1
        """
            .formatted(SmolLM2.folder()));
    return file.toString();
  }

  @Test
  void whatIsOfAnotherRecipeIsLeftOut() throws IOException {
    Files.writeString(
        folder.resolve("small-outcomes.csv"),
        """
        method,seed,measure,asked,outcomes,seconds,run,step
        vanilla,0,dish-0,abcd,R,1,other,other
        """);
    String run =
        Training.of(
                Recipe.load("kitchen")
                    .with(
                        "model=" + SmolLM2.folder(), "dtype=f32", "helpful-rows=2", "safety-rows=2")
                    .with(VANILLA))
            .on(Device.cpu())
            .id();
    Files.writeString(
        folder.resolve("small-depth.csv"),
        "method,seed,kind,depth,n,refused,run\nvanilla,0,dish,0,1,1,%s\nrto,0,dish,0,1,1,other\n"
            .formatted(run));

    StudyView view = StudyView.stored(study(), folder, folder);
    assertThat(view.toString())
        .startsWith("Study **small**: 0 of 3 steps are done. Of another recipe, rows or settings");
    assertThat(view.outcomes()).isEmpty();
    assertThat(view.progress().rowCount()).isEqualTo(2);
    assertThat(view.depth().stringColumn("method").asList()).containsExactly("vanilla");
  }

  @Test
  void whatIsMissingIsSaid() throws IOException {
    StudyView view = StudyView.stored(study(), folder, folder);
    assertThat(StudyView.figure(view.rates(".*", ".*"), 1, table -> null))
        .hasToString("*Not measured yet: models needed 1, in the tables 0.*");
    assertThat(view.differences("vanilla", ".*").isEmpty()).isTrue();
    assertThat(view.byRecipe("drop", "derta", "dish-10").isEmpty()).isTrue();
    assertThatThrownBy(view::depth)
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("no depth curve");
  }
}
