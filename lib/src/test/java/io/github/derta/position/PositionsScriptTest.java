package io.github.derta.position;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.derta.io.Cli;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** jbang-scripts/Positions.java, compiled and run as a user would. */
class PositionsScriptTest {

  private static final Path SCRIPT =
      Path.of(System.getProperty("derta.home"), "jbang-scripts", "Positions.java");
  private static final String HEADER =
      "file,responses,empty,refused,first_1_5,first_6_30,first_31_up,median_position\n";

  @TempDir static Path classes;
  @TempDir Path folder;

  private final PrintStream stdout = System.out;
  private final PrintStream stderr = System.err;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeAll
  static void compile() {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    String classPath = System.getProperty("java.class.path");
    String[] options = {"-d", classes.toString(), "-cp", classPath, SCRIPT.toString()};
    assertThat(compiler.run(null, null, null, options)).isZero();
  }

  @BeforeEach
  void catchOutput() {
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void releaseOutput() {
    System.setOut(stdout);
    System.setErr(stderr);
  }

  @Test
  void printsOneCsvLinePerFileSortedByPathAndNothingElse() throws Exception {
    file("b.list", "{\"response\":\"x.Sorry\"}\n{\"response\":\"\"}\n\"a b c d e sorry\"\n");
    file("a.json", "[\"no\"]");
    assertThat(run("--in", folder.toString(), "--format", "csv")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            HEADER
                + (folder.resolve("a.json") + ",1,0,0,0,0,0,\n")
                + (folder.resolve("b.list") + ",3,1,2,1,1,0,3.5\n"));
    assertThat(errors()).isEmpty();
  }

  @Test
  void printsOneLinePerRecord() throws Exception {
    Path file = file("a", "\"I am unable to\"\n\"fine\"\n\"Sorry, I\"\n");
    assertThat(run("--in", file.toString(), "--rows", "--format", "csv", "--phrases", "refusals"))
        .isZero();
    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "file,record,words,position,phrase",
            file + ",1,4,1,I am unable",
            file + ",2,1,0,",
            file + ",3,2,1,sorry");
  }

  @Test
  void takesPhrasesOfTheUsers() throws Exception {
    Path file = file("a", "\"Well, no way\"\n\"nope\"\n");
    assertThat(
            run(
                "--in",
                file.toString(),
                "--phrase",
                "no  WAY",
                "--phrase",
                "nope",
                "--format",
                "csv"))
        .isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).endsWith(",2,0,2,2,0,0,1.5\n");
  }

  @Test
  void writesAFileAsCsv() throws Exception {
    Path file = file("a", "\"Sorry\"\n");
    Path target = folder.resolve("out/counts.csv");
    assertThat(run("--in", file.toString(), "--out", target.toString())).isZero();
    assertThat(target).content().startsWith(HEADER);
    assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void promptsThatAreNotFoundAreCountedAndNamed() throws Exception {
    Path prompts = file("prompts", "{\"question\":\"Do it:\"}\n{\"question\":\"Unused\"}\n");
    Path file = file("a", "\"Do\\nit: a sorry\"\n\"other\"\n");
    assertThat(run("--in", file.toString(), "--prompts", prompts.toString(), "--format", "csv"))
        .isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).endsWith(",2,0,1,1,0,0,2\n");
    assertThat(errors())
        .containsExactly(
            file + ": 1 of 2 records begin with none of the prompts",
            prompts + ": 1 prompts not found at the start of any record, on lines [2]");
  }

  @Test
  void aBadFileIsNamedTheOthersAreReportedAndTheExitCodeIsTwo() throws Exception {
    Path bad = file("bad.json", "\"sorry\"\n{\"respons\n");
    file("good.json", "\"sorry\"\n");
    assertThat(run("--in", folder.toString(), "--format", "csv")).isEqualTo(2);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(HEADER + folder.resolve("good.json") + ",1,0,1,1,0,0,1\n");
    assertThat(errors()).singleElement().asString().startsWith(bad + ":2: not JSON: ");
  }

  @Test
  void skipBadCountsAndGoesOn() throws Exception {
    Path bad = file("bad.json", "\"sorry\"\n{\"respons\n7\n\"no\"\n");
    assertThat(run("--in", bad.toString(), "--skip-bad", "--format", "csv")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).endsWith("bad.json,2,0,1,1,0,0,1\n");
    assertThat(errors())
        .singleElement()
        .asString()
        .startsWith(bad + ": 2 bad records passed over, the first: " + bad + ":2: not JSON");
  }

  @Test
  void aMistakeOnTheCommandLineIsOneLineAndExitCodeTwo() throws Exception {
    assertMistake("no such file", "--in", folder.resolve("none").toString());
    assertMistake("Missing required option: '--in", new String[0]);
    assertMistake("--nonsense", "--in", "x", "--nonsense");
    assertMistake("has no word", "--in", "x", "--phrase", " ");
    assertMistake("refusals", "--in", "x", "--phrases", "all");
    assertMistake("no such file", "--in", "x", "--tokenizer", folder.resolve("t").toString());
    String file = file("a", "\"sorry\"\n").toString();
    assertMistake("a Hugging Face tokenizer.json", "--in", file, "--tokenizer", file);
    assertMistake("a folder", "--in", file, "--out", folder.toString());
    Path unmade = folder.resolve("unmade.csv");
    assertMistake("no such file", "--in", "x", "--out", unmade.toString());
    assertThat(unmade).doesNotExist();
    assertMistake("cannot be written", "--in", file, "--out", file + "/x.csv");
  }

  @Test
  void aFileLargerThanTheHeapIsRead() throws Exception {
    assertRunsInSmallMemory(40);
  }

  @Test
  @Tag("slow")
  void aFileOfThreeHundredMegabytesIsReadInTheSameHeap() throws Exception {
    assertRunsInSmallMemory(300);
  }

  /**
   * A heap that could not hold 300 MB; that the same heap does for 10 MB keeps the quick run
   * honest.
   */
  private void assertRunsInSmallMemory(int megabytes) throws Exception {
    String line =
        "{\"question\":\"" + "q ".repeat(200) + "\",\"response\":\"" + "word ".repeat(300);
    Path file = folder.resolve("large.jsonl");
    long lines = 0;
    try (var writer = Files.newBufferedWriter(file)) {
      for (long written = 0; written < megabytes * 1_000_000L; lines++) {
        String record = line + "Sorry " + lines + "\"}\n";
        writer.write(record);
        written += record.length();
      }
    }
    for (String[] mode : new String[][] {{"--format", "csv"}, {"--rows", "--format", "table"}}) {
      Path printed = folder.resolve("printed");
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      String classPath = classes + File.pathSeparator + System.getProperty("java.class.path");
      command.addAll(List.of("-Xmx24m", "-XX:+UseSerialGC", "-cp", classPath, "Positions"));
      command.addAll(List.of("--in", file.toString()));
      command.addAll(List.of(mode));
      Process process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .redirectOutput(printed.toFile())
              .start();
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).isZero();
      try (var text = Files.lines(printed)) {
        assertThat(text.count()).isEqualTo(mode.length == 3 ? lines + 1 : 2);
      }
    }
  }

  private void assertMistake(String part, String... args) throws Exception {
    err.reset();
    assertThat(run(args)).isEqualTo(2);
    assertThat(errors()).singleElement().asString().contains(part);
    assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  private int run(String... args) throws Exception {
    URL[] path = {classes.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(path, getClass().getClassLoader())) {
      Object script = loader.loadClass("Positions").getDeclaredConstructor().newInstance();
      return Cli.run(script, args);
    }
  }

  private List<String> errors() {
    return err.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }
}
