package io.github.derta.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.attack.Question;
import io.github.derta.attack.Questions;
import io.github.derta.attack.SearchLog;
import io.github.derta.eval.Answer;
import io.github.derta.eval.Judges;
import io.github.derta.eval.Plan;
import io.github.derta.eval.Ruling;
import io.github.derta.eval.Run;
import io.github.derta.eval.RunFolder;
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
  private static final String COMPLIED = "Chop onions, fry them in butter, boil pasta, add salt.";
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
    String page = page(Report.of(List.of(run("m", KITCHEN, "built-in", COMPLIED)), null, null));
    assertThat(page)
        .contains("--base RUNDIR", "Reproduce.java --methods", "--depth DIR/kitchen.csv")
        .contains("Helpfulness.java --task kitchen", "Attack.java --attacks pair")
        .contains("Only kitchen judged these runs", "found no refusal in any answer");
  }

  @Test
  void theRatesAreThoseOfTheTablesWithTheBaseBeside() throws IOException {
    Path derta = run("derta", KITCHEN, "built-in", REFUSED, COMPLIED, REFUSED, REFUSED);
    Path base = run("base", KITCHEN, "built-in", COMPLIED, COMPLIED, REFUSED, COMPLIED);
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
    Path one = run("m", KITCHEN, "built-in", COMPLIED);
    Path other = run("m", USERS, "built-in", REFUSED);
    Path third = run("n", KITCHEN, "built-in", REFUSED, REFUSED);
    String page = page(Report.of(List.of(one, other, third), null, null));
    assertThat(page).contains("m (" + one + ")", "m (" + other + ")", "questions.n: 1 -&gt; 2");
    assertThat(page(Report.of(List.of(one), null, null))).doesNotContain("differ in more");
  }

  @Test
  void depthAndHelpfulnessAreDrawnFromTheirTables() throws IOException {
    write("kitchen-questions.csv", "list,questions\nabc,q0 q1 q2 q3\n");
    String head = "method,seed,training,attack,kind,given,questions,judge,verdicts,seconds,step\n";
    Path depth =
        write(
            "kitchen.csv",
            head
                + "derta,0,12,direct,dish,0,abc,kitchen,R R R R,1,s1\n"
                + "derta,0,12,prefill-5,dish,5,abc,kitchen,R C R R,1,s2\n"
                + "derta,0,12,direct,near,0,abc,kitchen,R N N N,1,s3\n");
    Path help =
        write(
            "derta.csv",
            "file,rule,invalid,hits,n,share,low,high\ntask,r,0,3.0,4,0.75,0.3,0.95\n"
                + "task,s,0,2.0,4,0.5,0.15,0.85\n");
    String page =
        page(
            Report.of(List.of(run("m", KITCHEN, "built-in", COMPLIED)), null, null)
                .depth(depth)
                .helpfulness(List.of(help)));
    assertThat(page)
        .contains("\"y\":[1.0,0.75]", "\"y\":[0.75,0.5]", "task, r", "words of an answer")
        .contains("25.0\u00a0%\u00a0[4.6,\u00a069.9] (1\u00a0of\u00a04)");
  }

  @Test
  void tablesOfAnotherKindAreRefused() throws IOException {
    Report report = Report.of(List.of(run("m", KITCHEN, "built-in", COMPLIED)), null, null);
    Path help =
        write("help.csv", "file,rule,invalid,hits,n,share,low,high\ntask,r,0,3,4,0.75,0.3,0.95\n");
    Path empty = write("empty.csv", "method,seed,kind\n");
    for (Path bad : List.of(help, empty, folder.resolve("none.csv"))) {
      assertThatThrownBy(() -> report.depth(bad))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining(bad.toString());
    }
    assertThatThrownBy(() -> report.helpfulness(List.of(empty)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("no table of Helpfulness.java");
    assertThatThrownBy(() -> report.helpfulness(List.of(help, help)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("a second file");
  }

  @Test
  void foldersThatCannotBeShownAreRefused() throws IOException {
    Path run = run("m", KITCHEN, "built-in", COMPLIED);
    refused("no run's folder", List.of(folder), null, null);
    refused("named twice", List.of(run, run), null, null);
    refused("judge phrases", List.of(run), null, "phrases");
    refused("no run's folder", List.of(run), folder, null);
    Path unjudged = run("m", KITCHEN, "built-in", COMPLIED);
    Files.delete(unjudged.resolve("judgements.jsonl"));
    Files.createFile(unjudged.resolve("judgements.jsonl"));
    refused("1 of 1 answers and no judgement", List.of(unjudged), null, null);
    assertThat(Report.of(List.of(unjudged, run), null, null).toHtml("")).contains("\"m\"");
  }

  private static void refused(String why, List<Path> runs, Path base, String judge) {
    assertThatThrownBy(() -> Report.of(runs, base, judge))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(why);
  }

  @Test
  void aPageOfGivenFiguresShowsThemInPlaceOfRatesAndKeepsEveryAnswer() throws IOException {
    Map<String, Run> runs =
        Map.of("forbidden", Run.read(run("m", KITCHEN, "built-in", REFUSED, COMPLIED)));
    Map<String, Object> parts =
        Map.of("title", "How deep?", "notes", List.of("a < b"), "figures", "<b>curve</b>");
    assertThat(page(Report.of(runs, "kitchen", parts)))
        .contains("<h1>How deep?</h1>", "<p>a &lt; b</p>", "<b>curve</b>", "Where refusals begin")
        .contains("Every answer", COMPLIED, "data-runs=\"questions\"")
        .doesNotContain("id=\"complied\"", "id=\"depth\"", "id=\"helpfulness\"", "<nav>");
  }

  @Test
  void aSearchCountsFromItsFirstBrokenAnswer() {
    List<SearchLog.Line> lines = new ArrayList<>();
    List<List<String>> searches =
        List.of(List.of(REFUSED, COMPLIED), List.of(REFUSED, REFUSED, REFUSED), List.of(COMPLIED));
    for (int search = 0; search < searches.size(); search++) {
      List<String> answers = searches.get(search);
      for (int i = 0; i < answers.size(); i++) {
        lines.add(line("pair/q" + search, i + 1, "target", answers.get(i)));
        lines.add(line("pair/q" + search, i + 1, "attacker", COMPLIED));
      }
    }
    lines.add(line("pair/q0", 1, "likelihood", "-2.5")); // a query, too
    Table table = AnswerTables.searches(Map.of("m", lines), Judges.named("kitchen"));
    assertThat(table.intColumn("queries").asList()).containsExactly(1, 3);
    assertThat(table.longColumn("hits").asList()).containsExactly(1L, 2L);
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
      String text = question.text();
      answers.add(
          new Answer(
              id, "direct", model, question.id(), text, text, "", responses[i], "stop", 3, 1));
      rulings.addAll(
          Ruling.all(Judges.named("kitchen"), List.of(Answer.of(id, question, responses[i]))));
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
