package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.github.derta.Faults;
import io.github.derta.attack.Question;
import io.github.derta.io.BadInput;
import io.github.derta.model.Compute;
import io.github.derta.model.Decoding;
import io.github.derta.model.Prompt;
import io.github.derta.stats.Rates;
import io.github.derta.text.Redaction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tablesaw.api.Table;

class AttackRunTest {

  @TempDir Path folder;

  private final List<String> notices = new ArrayList<>();

  @Test
  void theSameAgainAsksNothingThatIsAnswered() throws IOException {
    FakeRun.Model first = new FakeRun.Model(0);
    Run results = FakeRun.run(folder, 5, first, notices);
    assertThat(first.asked).hasSize(10);
    assertThat(results.answers()).hasSize(10);
    assertThat(results.rulings()).hasSize(10);

    Path responses = folder.resolve("responses.jsonl");
    List<String> lines = Files.readAllLines(responses);
    Files.write(responses, lines.subList(0, 7));
    FakeRun.Model second = new FakeRun.Model(0);
    assertThat(FakeRun.run(folder, 5, second, notices).answers()).hasSize(10);
    assertThat(second.asked).hasSize(3);
  }

  @Test
  void aModelThatNeverAnswersIsGivenUpBeforeEveryAttackIsTried() throws IOException {
    FakeRun.Model dead =
        new FakeRun.Model(0) {
          @Override
          public void complete(List<Prompt> prompts, Decoding decoding, Answers answers) {
            asked.add(prompts.size() + " prompts");
            throw new BadInput("down");
          }
        };
    assertThatThrownBy(() -> FakeRun.run(folder, 8, dead, notices))
        .isInstanceOf(BadInput.class)
        .hasMessage("down");
    assertThat(dead.asked).hasSize(3); // of four calls with 4 prompts each
  }

  @Test
  void answersHaveTheFieldsOfTheFormat() throws IOException {
    FakeRun.run(folder, 1, new FakeRun.Model(0), notices);
    assertThat(Files.readAllLines(folder.resolve("responses.jsonl")).get(1))
        .startsWith(
            "{\"id\":\"prefill-1/q0\",\"attack\":\"prefill-1\",\"model\":\"fake\","
                + "\"question_id\":\"q0\",\"question\":\"dish 0\",\"prompt\":\"dish 0\","
                + "\"prefill\":\"Mix\",\"response\":\" flour, butter, sugar and chopped onions\","
                + "\"ended\":\"stop\",\"tokens\":null,\"seconds\":");
    assertThat(Files.readAllLines(folder.resolve("judgements.jsonl")).get(0))
        .startsWith("{\"id\":\"direct/q0\",\"judge\":\"kitchen\",\"verdict\":\"refused\"")
        .contains("\"refusal_at\":1");
  }

  @Test
  void aChangedPlanIsRefusedWithTheDifference() {
    FakeRun.run(folder, 2, new FakeRun.Model(0), notices);
    List<List<Ask>> asks = FakeRun.asks(2);
    try (RunFolder open = RunFolder.open(folder, notices::add)) {
      assertThatThrownBy(() -> open.begin(FakeRun.plan(asks, Decoding.greedy(9))))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("another plan")
          .hasMessageContaining("decoding.max_new_tokens: 8 -> 9");
      assertThatThrownBy(() -> open.begin(FakeRun.plan(FakeRun.asks(3), FakeRun.DECODING)))
          .hasMessageContaining("questions.n: 2 -> 3");
    }
  }

  @Test
  void runsOfOneModelByOtherAttacksReadAsOne() throws IOException {
    Path other = Files.createDirectory(folder.resolve("other"));
    Run one = ran(folder, FakeRun.asks(3).subList(0, 1), FakeRun.DECODING);
    Run more = ran(other, FakeRun.asks(2).subList(1, 2), FakeRun.DECODING);
    Run both = one.and(more);
    assertThat(both.plan().attacks()).containsOnlyKeys("direct", "prefill-1");
    assertThat(both.planned()).isEqualTo(5);
    assertThat(both.answers()).containsAll(one.answers()).containsAll(more.answers()).hasSize(5);
    assertThat(both.rulings()).hasSize(5);
    assertThat(both.seconds()).isCloseTo(one.seconds() + more.seconds(), within(1e-9));
    assertThatThrownBy(() -> both.and(more))
        .isInstanceOf(BadInput.class)
        .hasMessage("both runs hold prefill-1");

    Path longer = Files.createDirectory(folder.resolve("longer"));
    Run apart = ran(longer, FakeRun.asks(2).subList(1, 2), Decoding.greedy(9));
    assertThatThrownBy(() -> one.and(apart))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("differ in decoding", "8", "9");
  }

  private Run ran(Path where, List<List<Ask>> asks, Decoding decoding) {
    try (RunFolder open = RunFolder.open(where, notices::add)) {
      open.begin(FakeRun.plan(asks, decoding));
      AttackRun run = new AttackRun(open, asks, notices::add);
      run.ask(new FakeRun.Model(0), decoding, 4);
      run.judge(List.of(Judges.named("kitchen")));
      return open.results();
    }
  }

  @Test
  void aSecondWriterIsToldWhoWrites() {
    try (RunFolder open = RunFolder.open(folder, notices::add)) {
      assertThat(open.plan()).isEmpty();
      assertThatThrownBy(() -> RunFolder.open(folder, notices::add))
          .isInstanceOf(BadInput.class)
          .hasMessageContaining("process " + ProcessHandle.current().pid());
    }
    RunFolder.open(folder, notices::add).close();
  }

  @Test
  void aLineThatWasCutIsTakenAwayAndAskedAgain() throws IOException {
    FakeRun.run(folder, 3, new FakeRun.Model(0), notices);
    Path responses = folder.resolve("responses.jsonl");
    String all = Files.readString(responses);
    Files.writeString(responses, all.substring(0, all.length() - 9));
    notices.clear();

    FakeRun.Model again = new FakeRun.Model(0);
    assertThat(FakeRun.run(folder, 3, again, notices).answers()).hasSize(6);
    assertThat(again.asked).containsExactly("dish 2");
    assertThat(notices).anyMatch(notice -> notice.contains("its last line was cut"));
    assertThat(Files.readString(responses))
        .startsWith(all.substring(0, all.lastIndexOf("{\"id\"")))
        .contains("prefill-1/q2");
  }

  @Test
  void aWholeLastAnswerThatLacksOnlyItsNewlineIsKept() throws IOException {
    FakeRun.run(folder, 3, new FakeRun.Model(0), notices);
    Path responses = folder.resolve("responses.jsonl");
    String all = Files.readString(responses);
    Files.writeString(responses, all.substring(0, all.length() - 1));

    FakeRun.Model again = new FakeRun.Model(0);
    FakeRun.run(folder, 3, again, notices);
    assertThat(again.asked).isEmpty();
    assertThat(Files.readString(responses)).isEqualTo(all);
  }

  @Test
  void aFolderOfAnotherPlanIsNotMended() throws IOException {
    FakeRun.run(folder, 3, new FakeRun.Model(0), notices);
    Path responses = folder.resolve("responses.jsonl");
    String cut = Files.readString(responses) + "{\"id\": \"dire";
    Files.writeString(responses, cut);

    assertThatThrownBy(() -> FakeRun.run(folder, 2, new FakeRun.Model(0), notices))
        .hasMessageContaining("another plan");
    assertThat(Files.readString(responses)).isEqualTo(cut);
  }

  @Test
  void answersWithoutAPlanAreNotTouched() throws IOException {
    Path foreign = Files.writeString(folder.resolve("responses.jsonl"), "{\"response\": \"a\"");

    assertThatThrownBy(() -> RunFolder.open(folder, notices::add))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("responses.jsonl and no plan.json");
    assertThat(foreign).hasContent("{\"response\": \"a\"");
  }

  @Test
  void textsAreOpenOnlyIfAllPromptsAreBuiltIn() {
    assertThat(planOf("built-in", "built-in (answers of a model)").builtIn()).isTrue();
    assertThat(planOf("built-in", "templates of PyRIT").builtIn()).isFalse();
    assertThat(planOf("built-in", "built-in.jsonl").builtIn()).isFalse();
  }

  private static Plan planOf(String... origins) {
    Map<String, Plan.Planned> attacks = new TreeMap<>();
    for (String origin : origins) {
      attacks.put(origin, new Plan.Planned(Map.of("prompts", origin), 1, "", null, null));
    }
    return new Plan(null, null, attacks, FakeRun.DECODING, Map.of());
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "no folder");
    assertThatThrownBy(() -> RunFolder.open(file.resolve("run"), notices::add))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("cannot be written");
  }

  @Test
  void questionsThatCannotBeAskedAreLeftOutUnlessNoneRemains() {
    Question empty = new Question("e", "");
    List<Question> some = List.of(empty, new Question("q", "dish"));
    assertThat(Ask.all(FakeRun.attack("direct", ""), some)).hasSize(1);
    assertThatThrownBy(() -> Ask.all(FakeRun.attack("direct", ""), List.of(empty)))
        .isInstanceOf(BadInput.class);
  }

  @Test
  void aTableOfAnswersHasARowForEachAnswerAndInvalidOnesLeaveTheRate() {
    Run run = FakeRun.run(folder, 4, new FakeRun.Model(0), notices);
    List<Ruling> rulings = new ArrayList<>(run.rulings());
    Ruling first = rulings.get(0);
    rulings.set(0, new Ruling(first.id(), first.judge(), "invalid", null, null, null, ""));
    Table answers = Answers.of(Map.of("fake", new Run(run.plan(), run.answers(), rulings)));

    assertThat(answers.rowCount()).isEqualTo(8);
    assertThat(answers.stringColumn("ended").asList()).containsOnly("stop");
    assertThat(
            answers.where(answers.stringColumn("attack").isEqualTo("prefill-1")).intColumn("given"))
        .containsOnly(1);
    Table refused = Rates.of(answers, "refused", "attack");
    assertThat(refused.longColumn("n").asList()).containsExactly(3L, 4L);
    assertThat(refused.longColumn("hits").asList()).containsExactly(3L, 0L);
    assertThat(answers.intColumn("refusal_at").asList())
        .containsOnly(1, null)
        .filteredOn(Objects::nonNull)
        .hasSize(3);
  }

  @Test
  void aBaseRunOfOtherQuestionsIsRefused() {
    Run run = FakeRun.run(folder.resolve("a"), 2, new FakeRun.Model(0), notices);
    Run base = FakeRun.run(folder.resolve("b"), 3, new FakeRun.Model(0), notices);
    assertThatThrownBy(() -> run.compareWith(base))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("the base run asked something else");
  }

  @Test
  void aBaseRunInAnotherComputeTypeIsRefused() throws IOException {
    FakeRun.run(folder, 2, new FakeRun.Model(0), notices);
    compute("F32 on cpu");
    Run run = Run.read(folder);
    compute("BF16 on cpu");
    assertThatThrownBy(() -> run.compareWith(Run.read(folder)))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("model.where: \"F32 on cpu\" -> \"BF16 on cpu\"");
  }

  @Test
  void autoIsTheComputeTypeOfTheRunThatGoesOnOrOfTheBase() throws IOException {
    FakeRun.run(folder, 1, new FakeRun.Model(0), notices);
    List<Path> runs = List.of(folder.resolve("new"), folder);
    for (Compute compute : Compute.values()) {
      compute(compute + " on cpu");
      assertThat(Target.compute("auto", Device.cpu(), runs)).isEqualTo(compute);
      assertThat(Target.compute("f32", Device.cpu(), runs)).isEqualTo(Compute.F32);
    }
  }

  private void compute(String where) throws IOException {
    Path plan = folder.resolve("plan.json");
    String now =
        Files.readString(plan)
            .replaceFirst("\"where\" : \"[^\"]*\"", "\"where\" : \"" + where + "\"");
    Files.writeString(plan, now);
  }

  @Test
  void theProtocolCardSaysWhatWasMeasuredAndHidesQuestions() {
    Run run = FakeRun.run(folder, 2, new FakeRun.Model(0), notices);
    assertThat(ProtocolCard.of(run, Redaction.on()))
        .contains("fake, nowhere", "config.json sha256 abc", "at most 8 new tokens, greedy")
        .contains("4 of 4", "direct {prefill=}", "kitchen")
        .doesNotContain("dish 0");
    assertThat(ProtocolCard.of(run, Redaction.off())).contains("dish 0");
  }

  @Test
  void threeKillsLoseAndDoubleNothing() throws IOException, InterruptedException {
    killAndGoOn(3);
  }

  @Test
  @Tag("slow")
  void twentyKillsLoseAndDoubleNothing() throws IOException, InterruptedException {
    killAndGoOn(20);
  }

  private void killAndGoOn(int kills) throws IOException, InterruptedException {
    int questions = 40 * kills;
    Random random = new Random(5);
    for (int killed = 0; killed < kills; killed++) {
      Process process = start(questions);
      Path responses = folder.resolve("run/responses.jsonl");
      long before = Files.exists(responses) ? Files.size(responses) : 0;
      while (process.isAlive() && (!Files.exists(responses) || Files.size(responses) == before)) {
        Thread.sleep(2);
      }
      boolean ended = process.waitFor(random.nextInt(60), TimeUnit.MILLISECONDS);
      assertThat(ended).as("ended before it was killed").isFalse();
      process.destroyForcibly().waitFor();
    }
    Process last = start(questions);
    assertThat(last.waitFor()).isZero();
    Run results = Run.read(folder.resolve("run"));
    Run undisturbed =
        FakeRun.run(folder.resolve("undisturbed"), questions, new FakeRun.Model(0), notices);
    List<String> lost = new ArrayList<>(texts(undisturbed));
    lost.removeAll(texts(results));
    long lines = Files.readAllLines(folder.resolve("run/responses.jsonl")).size();
    long answers = undisturbed.answers().size();
    Faults.tell(
        "an attack, killed by SIGKILL", kills, answers + " answers", lost.size(), lines - answers);
    assertThat(texts(results)).isEqualTo(texts(undisturbed));
    assertThat(results.rulings()).isEqualTo(undisturbed.rulings());
    assertThat(Files.readAllLines(folder.resolve("asked.txt")))
        .as("what was asked: each once, and what was under way at a kill once more")
        .hasSizeBetween(2 * questions, 2 * questions + kills);
  }

  private static List<String> texts(Run run) {
    return run.answers().stream().map(one -> one.id() + ": " + one.response()).toList();
  }

  private Process start(int questions) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            AttackRunTest.class.getName(),
            folder.resolve("run").toString(),
            "" + questions)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log.txt").toFile())
        .start();
  }

  /** The process that is killed: two milliseconds an answer. */
  public static void main(String... args) {
    Path run = Path.of(args[0]);
    FakeRun.Model model = new FakeRun.Model(2, run.resolveSibling("asked.txt"));
    FakeRun.run(run, Integer.parseInt(args[1]), model, new ArrayList<>());
  }
}
