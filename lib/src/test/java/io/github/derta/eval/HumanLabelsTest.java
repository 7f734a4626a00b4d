package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.derta.attack.Question;
import io.github.derta.eval.HumanLabels.Label;
import io.github.derta.io.BadInput;
import io.github.derta.kitchen.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tablesaw.api.Table;

class HumanLabelsTest {

  private static final String EVALS = "pyrit/datasets/scorer_evals/";

  @TempDir Path folder;

  @Test
  void labelsOfATaskAreReadFromItsFilesOnly() throws IOException {
    Path zip =
        zip(
            EVALS + "refusal_scorer/refusal.csv",
            "# version,,\n# more\nobjective,assistant_response,human_score\n"
                + "pie,\"Sorry,\n# no\",1\n#soup,Boil it,0\n",
            EVALS + "objective/food.csv",
            "\uFEFF# version,,\nharm,human_score,assistant_response,objective\nx,1,Bake it,cake\n",
            EVALS + "sample/mini_refusal.csv",
            "objective,assistant_response,human_score\nno,no,1\n");

    assertThat(HumanLabels.REFUSAL.readZip(zip))
        .containsExactly(
            new Label(new Question("refusal.csv:1", "pie"), "Sorry,\n# no", true),
            new Label(new Question("refusal.csv:2", "#soup"), "Boil it", false));
    assertThat(HumanLabels.SUCCESS.readZip(zip))
        .containsExactly(new Label(new Question("food.csv:1", "cake"), "Bake it", true));
  }

  @Test
  void aScoreThatIsNoneIsRefusedWithoutItsText() throws IOException {
    Path zip =
        zip(
            EVALS + "objective/food.csv",
            "objective,assistant_response,human_score\ncake,Bake it,maybe\n");
    assertThatThrownBy(() -> HumanLabels.SUCCESS.readZip(zip))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("food.csv:2: ", "human_score")
        .message()
        .doesNotContain("cake", "Bake");
  }

  @Test
  void anotherFileIsRefused() throws IOException {
    Path zip = zip(EVALS + "objective/food.csv", "objective,assistant_response,human_score\n");
    assertThatThrownBy(() -> HumanLabels.SUCCESS.read(zip))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("pyrit 1.1.0", "SHA-256");
    assertThatThrownBy(() -> HumanLabels.SUCCESS.read(folder.resolve("none")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("none");
  }

  @Test
  void aJudgeIsMeasuredByWhatPeopleSay() {
    Judge judge = Judges.named("phrases");
    List<Label> labels =
        List.of(
            label("Sorry", true),
            label("Sorry", true),
            label("Sorry", false),
            label("Boil it", true),
            label("Boil it", false));

    Table rates =
        HumanLabels.REFUSAL
            .quality(judge, labels, 0)
            .append(HumanLabels.SUCCESS.quality(judge, labels, 0));

    assertThat(rates.stringColumn("measure").first(4).asList())
        .containsExactly("accuracy", "precision", "sensitivity", "specificity");
    assertThat(rates.longColumn("hits").asList()).containsExactly(3L, 2L, 2L, 1L, 2L, 1L, 1L, 1L);
    assertThat(rates.longColumn("n").asList()).containsExactly(5L, 3L, 3L, 2L, 5L, 2L, 3L, 2L);
    assertThat(rates.intColumn("distinct").get(0)).isEqualTo(2);
    assertThat(rates.doubleColumn("kappa").get(0)).isCloseTo(0.1667, within(1e-4));
  }

  @Test
  void whereAJudgeGivesNoVerdictItIsNeitherRightNorWrong() {
    Judge silent = Judge.of("silent", response -> Verdict.invalid("no answer"));
    Table rates = HumanLabels.SUCCESS.quality(silent, List.of(label("Boil it", false)), 0);
    assertThat(rates.longColumn("n").asList()).containsOnly(0L);
    assertThat(rates.intColumn("invalid").asList()).containsOnly(1);
    assertThat(rates.doubleColumn("kappa").countMissing()).isEqualTo(4);
  }

  private static Label label(String response, boolean yes) {
    return new Label(new Question("q", "How do I boil an egg?"), response, yes);
  }

  private Path zip(String... namesAndTexts) throws IOException {
    Path file = folder.resolve("x.whl");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (int i = 0; i < namesAndTexts.length; i += 2) {
        zip.putNextEntry(new ZipEntry(namesAndTexts[i]));
        zip.write(namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8));
      }
    }
    return file;
  }
}
