package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.derta.attack.Originals;
import io.github.derta.io.BadInput;
import io.github.derta.model.ModelConfig;
import io.github.derta.model.Safetensors;
import io.github.derta.train.Tiny;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tech.tablesaw.api.Table;

/**
 * Whole studies of a model of a few thousand weights in two shards, on rows and questions of our
 * own.
 */
class StudyRunTest {

  private static final Device CPU = Device.cpu();

  @TempDir Path folder;

  private Path model;

  @BeforeEach
  void write() throws IOException {
    model = Tiny.model(folder.resolve("tiny"));
    shard();
    Files.writeString(
        model.resolve("chat_template.jinja"),
        "{% for m in messages %}{{ m.content }} {% endfor %}");
    Tiny.rows(folder.resolve("rows.jsonl"), 32);
    Tiny.rows(folder.resolve("held-out.jsonl"), 12);
    lines("questions.jsonl", "{\"id\":\"q%d\",\"question\":\"w%d w1 w2\"}");
    lines("answers.jsonl", "{\"question_id\":\"q%d\",\"response\":\"w%d w4 w5 w6 w7 w8 w9 w10\"}");
    lines("openings.jsonl", "{\"question_id\":\"q%d\",\"opening\":\"w%d w12\"}");
    lines("harmless.jsonl", "{\"id\":\"h%d\",\"question\":\"w%d w21 w22\"}");
  }

  private void lines(String name, String format) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      lines.add(format.formatted(i, 30 + i));
    }
    Files.write(folder.resolve(name), lines);
  }

  /** The one file of weights becomes two with an index, as large models have them. */
  private void shard() throws IOException {
    List<Safetensors.Tensor> all = new ArrayList<>();
    ModelConfig.load(model)
        .tensors()
        .forEach((name, shape) -> all.add(new Safetensors.Tensor(name, shape, () -> some(shape))));
    StringBuilder index = new StringBuilder();
    for (int part = 0; part < 2; part++) {
      String file = "model-0000%d-of-00002.safetensors".formatted(part + 1);
      List<Safetensors.Tensor> half =
          part == 0 ? all.subList(0, all.size() / 2) : all.subList(all.size() / 2, all.size());
      Safetensors.write(model.resolve(file), half);
      half.forEach(one -> index.append(",\"%s\":\"%s\"".formatted(one.name(), file)));
    }
    Files.writeString(
        model.resolve("model.safetensors.index.json"),
        "{\"metadata\":{},\"weight_map\":{%s}}".formatted(index.substring(1)));
    Files.delete(model.resolve("model.safetensors"));
  }

  private static ByteBuffer some(long[] shape) {
    int n =
        (int) Stream.of(shape).flatMapToLong(java.util.Arrays::stream).reduce(1, (a, b) -> a * b);
    ByteBuffer bytes = ByteBuffer.allocate(4 * n).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < n; i++) {
      bytes.putFloat(shape.length == 1 ? 1 : 0.1f * (float) Math.sin(i * 1.7));
    }
    return bytes.flip();
  }

  private String study(String asked) throws IOException {
    Path file = folder.resolve("small.yaml");
    Files.writeString(
        file,
        """
        name: small
        recipe: kitchen
        set: ["model=%1$s", "data=%2$s/rows.jsonl", "validation=%2$s/held-out.jsonl", dtype=f32,
              epochs=2, batch=8, learning-rate=1e-2, width=32, layers=2, heads=4, key-value-heads=2]
        seeds: [0]
        models:
          - {name: derta}
          - {name: dpo, method: derta, then: [epochs=1]}
        judge: phrases
        new-tokens: 6
        """
                .formatted(model, folder)
            + asked.formatted(folder));
    return file.toString();
  }

  private static final String OWN =
      """
      questions: %1$s/questions.jsonl
      answers: %1$s/answers.jsonl
      openings: %1$s/openings.jsonl
      attacks: {direct: 4, prefill-5: 4, completing: 3, prefill-own-7: 4}
      harmless:
        %1$s/harmless.jsonl: {direct: 2}
      """;

  @Test
  void depthOfAValidationFileAsksItsUnsafeAnswersWithoutAChatFormat() throws Exception {
    String yaml = study("depth: 3\n");
    Study study = Study.load(yaml);
    assertThat(study.harmlessAttacks()).isEmpty();
    assertThat(start(yaml, "depth").waitFor()).as(log()).isZero();
    Table answers = Answers.read(folder.resolve("depth/small.csv"));
    assertThat(answers.stringColumn("method").asList()).contains("base", "derta", "dpo");
    assertThat(answers.stringColumn("kind").asList()).containsOnly("held-out.jsonl");
    assertThat(answers.stringColumn("attack").asList())
        .contains("direct", "prefill-5", "prefill-10");
    assertThat(answers.stringColumn("response").asList()).as("texts of others").containsOnly("");
    assertThat(answers.intColumn("tokens").asList()).allMatch(tokens -> tokens <= 6);
  }

  @Test
  void aStudyThatIsKilledContinuesAndFindsWhatAnUndisturbedOneFinds() throws Exception {
    String yaml = study(OWN);
    Process killed = start(yaml, "killed");
    Path table = folder.resolve("killed/small.csv");
    while (killed.isAlive() && (!Files.exists(table) || Files.readAllLines(table).size() < 5)) {
      Thread.sleep(5);
    }
    killed.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
    assertThat(Files.readAllLines(table)).as("killed in the middle").hasSizeBetween(5, 17);
    List<String> before = verdicts("killed");

    assertThat(start(yaml, "killed").waitFor()).as(log()).isZero();
    assertThat(start(yaml, "whole").waitFor()).as(log()).isZero();
    assertThat(verdicts("killed")).isEqualTo(verdicts("whole")).containsAll(before);
    Table answers = Answers.read(folder.resolve("whole/small.csv"));
    assertThat(answers.stringColumn("kind").asList()).contains("questions.jsonl", "harmless.jsonl");
    assertThat(answers.where(answers.stringColumn("attack").isEqualTo("completing")).rowCount())
        .isEqualTo(9);
  }

  @Test
  void openingAStudyLoadsNoModelAndSaysWhatIsMissing() throws IOException {
    Study withPair =
        Study.load(
            study(
                OWN.replace("completing: 3", "pair: 1")
                    + "settings: [\"pair.attacker=%1$s/tiny\", \"pair.judge=%1$s/tiny\"]\n"));
    try (StudyRun run = open(withPair, "x")) {
      assertThat(run.states()).hasSize(3 * 5 - 1 + 2).noneMatch(StudyRun.State::done);
    }
    assertThatThrownBy(() -> open(Study.load(study("attacks: {prefill-own-5: 2}\n")), "x"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("the study must ask prefill-5");
  }

  private StudyRun open(Study study, String out) {
    Path where = folder.resolve(out);
    return new StudyRun(study, where, new Originals(where, null), where, CPU, line -> {});
  }

  private List<String> verdicts(String out) throws IOException {
    return Files.readAllLines(folder.resolve(out + "/small.csv")).stream()
        .map(line -> line.replaceAll(",\\d+,([0-9a-f]{16})$", ",$1")) // seconds
        .toList();
  }

  private String log() throws IOException {
    Path log = folder.resolve("log.txt");
    return Files.exists(log) ? Files.readString(log) : "";
  }

  private Process start(String yaml, String out) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-cp",
            System.getProperty("java.class.path"),
            StudyRunTest.class.getName(),
            yaml,
            folder.resolve(out).toString());
    builder.environment().put("DERTA_HOME", folder.resolve("home-" + out).toString());
    return builder
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log.txt").toFile())
        .start();
  }

  /** The process that is killed. */
  public static void main(String... args) throws IOException {
    Path out = Path.of(args[1]);
    try (StudyRun run =
        new StudyRun(
            Study.load(args[0]), out, new Originals(out, null), out, CPU, System.err::println)) {
      run.run(step -> true);
    }
  }
}
