package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.github.derta.SmolLM2;
import io.github.derta.attack.Question;
import io.github.derta.model.Compute;
import io.github.derta.model.Decoding;
import io.github.derta.model.LocalModel;
import io.github.derta.model.Prompt;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The library's example in README.md stands here once more, and runs. */
class ReadmeTest {

  private static final Path HOME = Path.of(System.getProperty("derta.home"));

  @Test
  void theExampleIsTheOneBelow() throws IOException {
    String block =
        Files.readString(HOME.resolve("README.md")).split("```java\n")[1].split("```")[0];
    String source = "lib/src/test/java/io/github/derta/eval/ReadmeTest.java";
    assertThat(unindented(Files.readString(HOME.resolve(source)))).contains(unindented(block));
  }

  private static String unindented(String code) {
    return code.lines().map(String::strip).collect(Collectors.joining("\n"));
  }

  @Test
  void theExampleSaysWhatBecameOfBothPrompts() {
    Path folder = SmolLM2.folder();
    PrintStream console = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      example(folder);
    } finally {
      System.setOut(console);
    }
    assertThat(out.toString(StandardCharsets.UTF_8))
        .containsPattern("(?s)^(complied|neither): .*\n(complied|neither): ")
        .contains("onion");
  }

  private static void example(Path folder) {
    Question question = new Question("soup", "How do I make onion soup?");
    Prompt direct = Prompt.chat(question.text());
    Prompt begun = direct.prefilled("First, peel the onions and");
    Judge judge = Judges.named("kitchen");
    try (LocalModel model = LocalModel.load(folder, Compute.F32, Device.cpu(), 8)) {
      for (Prompt prompt : List.of(direct, begun)) {
        String response = model.complete(List.of(prompt), Decoding.greedy(48)).get(0).text();
        System.out.println(judge.judge(question, response).outcome() + ": " + response);
      }
    }
  }
}
