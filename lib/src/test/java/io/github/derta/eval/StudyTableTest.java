package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.derta.SmolLM2;
import io.github.derta.attack.Question;
import io.github.derta.data.Method;
import io.github.derta.eval.StudyTable.Line;
import io.github.derta.io.BadInput;
import io.github.derta.position.Prompts;
import io.github.derta.train.Recipe;
import io.github.derta.train.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tablesaw.api.Table;

class StudyTableTest {

  private static final List<String> ORDER = List.of("base", "vanilla", "derta");

  @TempDir Path folder;

  private StudyTable open() {
    return StudyTable.open(folder, "small", ORDER);
  }

  private static Line line(StudyTable table, String method, String verdicts) {
    String list = table.list(List.of("q0", "q1", "q2", "q3"));
    return new Line(
        method, 0, "run", "prefill-5", "dish", 5, list, "kitchen", verdicts, 7, "step-" + method);
  }

  @Test
  void whatIsSavedIsReadAsItWasInTheOrderOfMethods() throws IOException {
    StudyTable table = open();
    table.put(List.of(line(table, "derta", "R1l.14 N C34w+96 X2b")));
    table.put(List.of(line(table, "vanilla", "C C I R")));
    Answer answer =
        new Answer(
            "prefill-5/q0", "prefill-5", "derta", "q0", "?", "?", "First", " no", null, 2, 1);
    table.texts("step-derta", List.of(answer));
    table.save();
    byte[] before = Files.readAllBytes(folder.resolve("small.csv"));

    StudyTable again = open();
    assertThat(again.lines()).containsExactlyElementsOf(table.lines());
    again.save();
    assertThat(Files.readAllBytes(folder.resolve("small.csv"))).isEqualTo(before);

    Table answers = Answers.read(folder.resolve("small.csv"));
    assertThat(answers.stringColumn("method").first(5).asList())
        .containsExactly("vanilla", "vanilla", "vanilla", "vanilla", "derta");
    Table derta = answers.where(answers.stringColumn("method").isEqualTo("derta"));
    assertThat(derta.stringColumn("outcome").asList())
        .containsExactly("refused", "neither", "complied then refused", "refused then complied");
    assertThat(derta.stringColumn("form").asList())
        .containsExactly("loops", "", "well-formed", "breaks-off");
    assertThat(derta.intColumn("refusal_at").get(0)).isEqualTo(1);
    assertThat(derta.intColumn("refusal_at").isMissing(1)).isTrue();
    assertThat(derta.stringColumn("ended").asList()).containsExactly("stop", "", "length", "");
    assertThat(derta.intColumn("tokens").get(2)).isEqualTo(96);
    assertThat(derta.stringColumn("response").asList()).containsExactly(" no", "", "", "");
    assertThat(derta.intColumn("given").asList()).containsOnly(5);
    assertThat(Answer.read(folder.resolve("small.csv"), Prompts.NONE))
        .containsExactly(
            new Answer(
                "derta/0/dish/prefill-5/q0",
                "prefill-5",
                "derta",
                "q0",
                "?",
                "?",
                "First",
                " no",
                null,
                null,
                0));
  }

  @Test
  void whatIsMeasuredAgainTakesThePlaceOfWhatWas() {
    StudyTable table = open();
    table.put(List.of(line(table, "derta", "R R R R"), line(table, "vanilla", "C C C C")));
    Line other = line(table, "derta", "N R R R");
    table.put(List.of(other)); // by another judge, too: two would be counted twice
    assertThat(table.lines()).extracting(Line::verdicts).containsExactly("C C C C", "N R R R");
  }

  @Test
  void verdictsThatDoNotFitTheirQuestionsAreRefusedWithFileAndLine() throws IOException {
    StudyTable table = open();
    table.put(List.of(line(table, "derta", "R R R R")));
    table.save();
    Path csv = folder.resolve("small.csv");
    String text = Files.readString(csv);
    for (String bad : List.of("R R R", "R R R Z", "")) {
      Files.writeString(csv, text.replace("R R R R", bad));
      assertThatThrownBy(this::open)
          .isInstanceOf(BadInput.class)
          .hasMessageContainingAll("small.csv:2: ", "4 verdicts");
    }
    Files.writeString(csv, "a,b\n1,2\n");
    assertThatThrownBy(this::open).hasMessageContaining("small.csv:2: no line of a study");
    Files.writeString(folder.resolve("small-texts.jsonl.gz"), "no gzip");
    Files.writeString(csv, text);
    assertThatThrownBy(this::open).hasMessageContaining("no texts of a study");
  }

  @Test
  void aWordSaysOutcomeRefusalAndEnd() {
    Answer answer = Answer.of("id", new Question("q", "?"), "no");
    assertThat(StudyTable.word(null, answer)).isEqualTo("-");
    assertThat(StudyTable.word(new Ruling("id", "j", "invalid", null, null, null, ""), answer))
        .isEqualTo("I");
    Answer whole = new Answer("id", "a", "m", "q", "?", "?", "", "no", "length", 8, 0);
    assertThat(StudyTable.word(new Ruling("id", "j", "refused", 3, "well-formed", null, ""), whole))
        .isEqualTo("R3w+8");
  }

  @Test
  void theCommittedTableIsOfTodaysRecipe() {
    Path home = Path.of(System.getProperty("derta.home"));
    Path start = SmolLM2.folder();
    Recipe recipe =
        Recipe.load("kitchen").with("dtype=bf16", "model=" + start).with(Method.named("derta"));
    String run = Training.of(recipe).on(Device.cpu()).id();
    Table answers = Answers.read(home.resolve("notebooks/kitchen.csv"));
    Table derta = answers.where(answers.stringColumn("method").isEqualTo("derta"));
    assertThat(derta.stringColumn("training").unique().asList()).contains(run);
    assertThat(answers.stringColumn("training").countUnique())
        .as("five methods by three seeds, and the base model")
        .isEqualTo(16);
  }
}
