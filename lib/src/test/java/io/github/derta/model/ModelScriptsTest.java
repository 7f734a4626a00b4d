package io.github.derta.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.io.Cli;
import io.github.derta.io.JsonLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** jbang-scripts/Generate.java and Score.java, compiled and run as a user would. */
class ModelScriptsTest {

  @TempDir static Path classes;
  @TempDir Path folder;

  private final Checkpoint checkpoint = Checkpoint.named("llama3-scaled-f32");
  private final PrintStream stderr = System.err;
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Path model;

  @BeforeAll
  static void compile() {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    String classPath = System.getProperty("java.class.path");
    for (String script : List.of("Generate.java", "Score.java")) {
      Path file = Path.of(System.getProperty("derta.home"), "jbang-scripts", script);
      String[] options = {"-d", classes.toString(), "-cp", classPath, file.toString()};
      assertThat(compiler.run(null, null, null, options)).isZero();
    }
  }

  @BeforeEach
  void makeModelWithATokenizer() throws Exception {
    model = Files.createDirectory(folder.resolve("model"));
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(checkpoint.folder().resolve(file), model.resolve(file));
    }
    URL tokenizer =
        ModelScriptsTest.class.getResource("/io/github/derta/text/tiny-tokenizer/tokenizer.json");
    Files.copy(Path.of(tokenizer.toURI()), model.resolve("tokenizer.json"));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void releaseErrors() {
    System.setErr(stderr);
  }

  @Test
  void generateWritesTheNewTokensOfEachRowInOrder() throws Exception {
    Path in = folder.resolve("in.jsonl");
    JsonLines.write(
        in,
        IntStream.range(0, 3)
            .mapToObj(i -> Map.of("id", i, "ids", checkpoint.prompts().get(i)))
            .iterator());
    Path out = folder.resolve("out.jsonl");
    assertThat(generate(in, "--max-new-tokens", "64", "--out", out.toString())).isZero();
    List<JsonNode> rows = rows(out);
    for (int i = 0; i < 3; i++) {
      assertThat(rows.get(i).get("id").intValue()).isEqualTo(i);
      assertThat(Checkpoint.ints(rows.get(i).get("ids")))
          .containsExactly(checkpoint.greedy().get(i));
      assertThat(rows.get(i).get("response").isTextual()).isTrue();
    }
    assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("Matmul dtype F32, device cpu\n");
  }

  @Test
  void generateNamesAnIdOutsideTheVocabulary() throws Exception {
    Path in = folder.resolve("in.jsonl");
    Files.writeString(in, "{\"id\":1,\"ids\":[1]}\n{\"id\":2,\"ids\":[1,64]}\n");
    assertThat(generate(in)).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("prompt 2: id 64 at position 2 is outside the vocabulary of 0 to 63");
  }

  @Test
  void generateSaysThatAModelHasNoChatTemplate() throws Exception {
    Path in = folder.resolve("in.jsonl");
    Files.writeString(in, "{\"id\":1,\"prompt\":\"a\"}\n");
    assertThat(generate(in, "--chat")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("no chat template");
  }

  @Test
  void scoreGivesLossLogProbabilitiesAndTheChanceOfARefusal() throws Exception {
    Path in = folder.resolve("in.jsonl");
    Batch batch = checkpoint.batch();
    JsonLines.write(
        in,
        IntStream.range(0, 2)
            .mapToObj(i -> Map.of("id", i, "ids", batch.ids()[i], "labels", batch.labels()[i]))
            .iterator());
    Path out = folder.resolve("out.jsonl");
    assertThat(score(in, "--out", out.toString(), "--refusal", "3,11")).isZero();
    double sum = 0;
    int n = 0;
    for (JsonNode row : rows(out)) {
      sum += row.get("loss").doubleValue() * row.get("n").intValue();
      n += row.get("n").intValue();
      assertThat(row.get("logprobs")).hasSize(20);
      assertThat(row.get("logprobs").get(5).isNull()).isTrue();
      assertThat(row.get("logprobs").get(6).doubleValue()).isNegative();
      assertThat(row.get("refusal")).hasSize(20);
    }
    assertThat(n).isEqualTo(batch.labelled());
    assertThat(sum / n).isCloseTo(checkpoint.loss(), within(1e-5));
  }

  @Test
  void scoreNamesTheLineOfABadRow() throws Exception {
    Path in = folder.resolve("in.jsonl");
    Files.writeString(in, "{\"id\":1,\"ids\":[1,2],\"labels\":[1]}\n");
    Path out = folder.resolve("out.jsonl");
    assertThat(score(in, "--out", out.toString(), "--refusal", "3")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains(in + ":1: ")
        .contains("2 ids, 1 labels");
    assertThat(out).doesNotExist();
  }

  @Test
  void anAdapterChangesWhatGenerateAndScoreSay() throws Exception {
    Path adapter = Path.of("src/test/resources/io/github/derta/model/adapters/untied-resized");
    Path in = folder.resolve("in.jsonl");
    Path out = folder.resolve("out.jsonl");
    // 64 is the token that the adapter's vocabulary has and the base's has not.
    Files.writeString(in, "{\"id\":1,\"ids\":[1,5,64,9],\"labels\":[1,5,64,9]}\n");
    String[] adapted = {"--adapter", adapter.toString(), "--out", out.toString()};
    assertThat(score(in, "--out", out.toString(), "--refusal", "3")).isEqualTo(2);
    assertThat(
            score(
                in,
                Stream.concat(Stream.of(adapted), Stream.of("--refusal", "3"))
                    .toArray(String[]::new)))
        .isZero();
    double loss = rows(out).get(0).get("loss").doubleValue();
    try (Llama llama = Llama.load(model, adapter, Compute.F32, Device.cpu());
        Pass pass = llama.evaluate(Checkpoint.ofText(new int[] {1, 5, 64, 9}))) {
      assertThat(loss).isCloseTo(pass.loss(), within(1e-5));
    }
    assertThat(generate(in, adapted)).isZero();
    assertThat(rows(out).get(0).get("ids").size()).isPositive();
    Path other = Path.of("src/test/resources/io/github/derta/model/adapters/mixtral");
    assertThat(generate(in, "--adapter", other.toString())).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("an adapter for another base than");
  }

  private int generate(Path in, String... more) throws Exception {
    return run("Generate", in, more);
  }

  private int score(Path in, String... more) throws Exception {
    return run("Score", in, more);
  }

  private int run(String script, Path in, String... more) throws Exception {
    String[] common = {"--model", model.toString(), "--in", in.toString(), "--dtype", "f32"};
    String[] args =
        Stream.of(common, more, new String[] {"--device", "cpu"})
            .flatMap(Arrays::stream)
            .toArray(String[]::new);
    try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
      return Cli.run(loader.loadClass(script).getConstructor().newInstance(), args);
    }
  }

  private static List<JsonNode> rows(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(
            line -> {
              try {
                return JsonLines.MAPPER.readTree(line);
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            })
        .toList();
  }
}
