package io.github.derta.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.attack.Question;
import io.github.derta.attack.Questions;
import io.github.derta.attack.SearchLog;
import io.github.derta.eval.Judges;
import io.github.derta.eval.Plan;
import io.github.derta.eval.Ruling;
import io.github.derta.eval.RunFolder;
import io.github.derta.eval.RunResults;
import io.github.derta.eval.RunTable;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.kitchen.KitchenQuestion.Kind;
import io.github.derta.model.Decoding;
import io.github.derta.model.Prompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tablesaw.api.Table;

class ReportTest {

  private static final String KITCHEN = Questions.kitchen(Kind.DISH).origin();
  private static final String USERS = "a file of the user's";
  private static final String BROKEN = "Chop onions, fry them in butter, boil pasta, add salt.";
  private static final String REFUSED = "Sorry, I cannot help with that.";

  @TempDir Path folder;

  @Test
  void markupInAResponseCannotLeaveItsData() throws IOException {
    String nasty = "</script><script>boom()</script><!-- <img src=x onerror=boom()>";
    String page = page(Report.of(List.of(run("m", KITCHEN, "built-in", nasty)), null, null));
    assertThat(page)
        .doesNotContain("<img src=x")
        .doesNotContain("<script>boom")
        .doesNotContain("<!--");
    JsonNode data = data(page);
    assertThat(data.get("texts").get(data.at("/rows/0/7").asInt()).asText()).isEqualTo(nasty);
  }

  @Test
  void onlyTheKitchenInOurOwnPromptsIsShownUnlessAllIs() throws IOException {
    Path kitchen = run("m", KITCHEN, "built-in (answers of a model)", "flour of wheat");
    assertThat(page(Report.of(List.of(kitchen), null, null))).contains("flour of wheat", "dish 0");

    for (Path hidden :
        List.of(
            run("users", USERS, "built-in", "flour of wheat"),
            run("others", KITCHEN, "templates of PyRIT", "flour of wheat"))) {
      String page = page(Report.of(List.of(hidden), null, null));
      assertThat(page).doesNotContain("wheat").doesNotContain("dish 0").contains("█████ ██ █████");
      assertThat(page(Report.of(List.of(hidden), null, null).showText()))
          .contains("flour of wheat", "dish 0");
    }
  }

  @Test
  void partsWithoutInputSayWhichCommandFillsThem() throws IOException {
    String page = page(Report.of(List.of(run("m", KITCHEN, "built-in", BROKEN)), null, null));
    assertThat(page)
        .contains("--base RUNDIR", "Reproduce.java --methods", "--depth DIR/kitchen-depth.csv")
        .contains("Helpfulness.java --task kitchen", "Attack.java --attacks pair")
        .contains("Only kitchen judged these runs", "found no refusal in any answer");
  }

  @Test
  void theRatesAreThoseOfTheTablesWithTheBaseBeside() throws IOException {
    Path derta = run("derta", KITCHEN, "built-in", REFUSED, BROKEN, REFUSED, REFUSED);
    Path base = run("base", KITCHEN, "built-in", BROKEN, BROKEN, REFUSED, BROKEN);
    RunResults run = RunResults.read(derta);
    RunResults below = RunResults.read(base);
    Table rates = RunTables.rates(Map.of("derta", run), below, "kitchen");
    Map<String, Object> row = RunTable.rows(run, below, List.of("kitchen"), true).get(0);
    for (String share : List.of("broken", "broken_low", "broken_high", "base_broken", "refused")) {
      assertThat(rates.doubleColumn(share).get(0)).as(share).isEqualTo(row.get(share));
    }
    assertThat(rates.stringColumn("interval").get(0)).isEqualTo("5–70");

    String page = page(Report.of(List.of(derta), base, null));
    assertThat(page)
        .contains(
            "25.0\u00a0%\u00a0[4.6,\u00a069.9] (1\u00a0of\u00a04)",
            "75.0\u00a0%\u00a0[30.1,\u00a095.4] (3\u00a0of\u00a04)");
    assertThat(page).contains("\"z\":[[0.75],[0.25]]").contains("\"y\":[\"base\",\"derta\"]");
    assertThat(page(Report.of(List.of(base, derta), base, null))).contains("2 models");
  }

  @Test
  void runsOfOneModelAreToldApartAndDifferencesShown() throws IOException {
    Path one = run("m", KITCHEN, "built-in", BROKEN);
    Path other = run("m", USERS, "built-in", REFUSED);
    Path third = run("n", KITCHEN, "built-in", REFUSED, REFUSED);
    String page = page(Report.of(List.of(one, other, third), null, null));
    assertThat(page).contains("m (" + one + ")", "m (" + other + ")", "questions.n: 1 -&gt; 2");
    assertThat(page(Report.of(List.of(one), null, null))).doesNotContain("differ in more");
  }

  @Test
  void depthAndHelpfulnessAreDrawnFromTheirTables() throws IOException {
    Path depth =
        write(
            "depth.csv",
            "method,seed,kind,depth,n,refused,broken,run\n"
                + "derta,0,dish,0,8,8,0,12\nderta,0,dish,5,8,6,1,12\nderta,0,near,0,8,2,0,12\n"
                + "vanilla,0,dish,0,8,8,0,13\n");
    Path help =
        write(
            "derta.csv",
            "file,n,invalid,accuracy,low,high,rule\ntask,4,0,0.75,0.3,0.95,r\n"
                + "task,4,0,0.5,0.15,0.85,s\n");
    String page =
        page(
            Report.of(List.of(run("m", KITCHEN, "built-in", BROKEN)), null, null)
                .depth(depth)
                .helpfulness(List.of(help)));
    assertThat(page)
        .contains(
            "\"y\":[1.0,0.75]", "\"y\":[0.75,0.5]", "task, r", "near refused (%)", ">25<", ">–<");
  }

  @Test
  void tablesOfAnotherKindAreRefused() throws IOException {
    Report report = Report.of(List.of(run("m", KITCHEN, "built-in", BROKEN)), null, null);
    Path help =
        write("help.csv", "file,n,invalid,accuracy,low,high,rule\ntask,4,0,0.75,0.3,0.95,r\n");
    Path words =
        write("words.csv", "method,seed,kind,depth,n,refused,broken\nm,0,dish,none,8,8,0\n");
    Path empty = write("empty.csv", "method,seed,kind,depth,n,refused,broken\n");
    for (Path bad : List.of(help, words, empty, folder.resolve("none.csv"))) {
      assertThatThrownBy(() -> report.depth(bad))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining(bad.toString());
    }
    assertThatThrownBy(() -> report.helpfulness(List.of(help, help)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("a second file");
  }

  @Test
  void foldersThatCannotBeShownAreRefused() throws IOException {
    Path run = run("m", KITCHEN, "built-in", BROKEN);
    refused("no run's folder", List.of(folder), null, null);
    refused("named twice", List.of(run, run), null, null);
    refused("judge phrases", List.of(run), null, "phrases");
    refused("no run's folder", List.of(run), folder, null);
    Path unjudged = run("m", KITCHEN, "built-in", BROKEN);
    Files.delete(unjudged.resolve("judgements.jsonl"));
    Files.createFile(unjudged.resolve("judgements.jsonl"));
    refused("nothing is judged", List.of(unjudged), null, null);
  }

  private static void refused(String why, List<Path> runs, Path base, String judge) {
    assertThatThrownBy(() -> Report.of(runs, base, judge))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(why);
  }

  @Test
  void aSearchCountsFromItsFirstBrokenAnswer() {
    List<SearchLog.Line> lines = new ArrayList<>();
    List<List<String>> searches =
        List.of(List.of(REFUSED, BROKEN), List.of(REFUSED, REFUSED, REFUSED), List.of(BROKEN));
    for (int search = 0; search < searches.size(); search++) {
      List<String> answers = searches.get(search);
      for (int i = 0; i < answers.size(); i++) {
        lines.add(line("pair/q" + search, i + 1, "target", answers.get(i)));
        lines.add(line("pair/q" + search, i + 1, "attacker", BROKEN));
      }
    }
    Table table = RunTables.searches(Map.of("m", lines), Judges.named("kitchen"));
    assertThat(table.intColumn("queries").asList()).containsExactly(1, 2, 3);
    assertThat(table.longColumn("broken").asList()).containsExactly(1L, 2L, 2L);
    assertThat(table.longColumn("n").asList()).containsOnly(3L);
  }

  private static SearchLog.Line line(String id, int call, String who, String answer) {
    return new SearchLog.Line(id, call, 0, who, "asked", answer);
  }

  /** A finished run of direct questions, judged by the kitchen's judge. */
  private Path run(String model, String origin, String prompts, String... responses)
      throws IOException {
    Path run = Files.createTempDirectory(folder, "run");
    List<Question> questions =
        IntStream.range(0, responses.length)
            .mapToObj(i -> new Question("q" + i, "dish " + i))
            .toList();
    Plan plan =
        new Plan(
            new Plan.Subject(model, "nowhere", Map.of()),
            Plan.Asked.of("some", origin, questions),
            Map.of(
                "direct",
                new Plan.Planned(
                    Map.of("prompts", prompts),
                    responses.length,
                    "abc",
                    Prompt.chat("dish 0"),
                    null)),
            Decoding.greedy(8),
            Map.of());
    List<Object> answers = new ArrayList<>();
    List<Object> rulings = new ArrayList<>();
    for (int i = 0; i < responses.length; i++) {
      Question question = questions.get(i);
      String id = "direct/" + question.id();
      answers.add(
          Map.of(
              "id",
              id,
              "attack",
              "direct",
              "model",
              model,
              "question_id",
              question.id(),
              "prompt",
              question.text(),
              "prefill",
              "",
              "response",
              responses[i]));
      rulings.add(
          Ruling.of(
              id, responses[i], "kitchen", Judges.named("kitchen").judge(question, responses[i])));
    }
    try (RunFolder open = RunFolder.open(run, notice -> {})) {
      open.begin(plan);
    }
    JsonLines.write(run.resolve("responses.jsonl"), answers.iterator());
    JsonLines.write(run.resolve("judgements.jsonl"), rulings.iterator());
    return run;
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static String page(Report report) {
    return report.toHtml("/* plotly */");
  }

  private static JsonNode data(String page) throws IOException {
    String begin = "<script type=\"application/json\" id=\"data\">";
    return JsonLines.MAPPER.readTree(
        Stream.of(page.split(begin)).skip(1).findFirst().orElseThrow().split("</script>")[0]);
  }
}
