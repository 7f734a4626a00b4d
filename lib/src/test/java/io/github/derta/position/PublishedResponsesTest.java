package io.github.derta.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import io.github.derta.io.Hashes;
import io.github.derta.position.PublishedResponses.Facts;
import io.github.derta.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedResponsesTest {

  private static final String PATH = "results/safety/autodan/x.json";

  private static final Path TINY =
      Path.of("src/test/resources/io/github/derta/text/tiny-tokenizer/tokenizer.json");

  private final List<String> written = new ArrayList<>();

  @TempDir Path repository;

  @Test
  void anotherFileIsRefusedByName() throws IOException {
    Path file = repository.resolve(PATH);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "{\"question\":\"q\",\"response\":\"Sorry\"}\n");
    Map<String, String> hashes = Map.of(PATH, Hashes.sha256(file));
    assertThat(PublishedResponses.in(repository, hashes)).isNotNull();

    Files.writeString(file, "{\"question\":\"q\",\"response\":\"sorry\"}\n");
    assertThatThrownBy(() -> PublishedResponses.in(repository, hashes))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll(file.toString(), "70bdb52");
  }

  @Test
  void aFolderThatIsNoCheckoutIsRefused() {
    assertThatThrownBy(() -> PublishedResponses.in(repository))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("no such file", "70bdb52");
  }

  @Test
  void factsOfARecordTellItsPromptFromItsResponse() throws IOException {
    write(
        PATH,
        "{\"question\":\"q\",\"response\":\"No. I'm sorry\"}",
        "{\"question\":\"q\",\"response\":\"\"}");
    write("results/safety/completionattack/y.json", "\"The way is this. Step 1: Sorry, no\"");
    write("data/test/safety_completionattack.json", "\"The way is this. Step 1:\"");
    Map<String, String> hashes = new TreeMap<>();
    for (String path : written) {
      hashes.put(path, Hashes.sha256(repository.resolve(path)));
    }
    List<Facts> facts = new ArrayList<>();
    try (Tokenizer tokenizer = Tokenizer.load(TINY)) {
      PublishedResponses.in(repository, hashes).forEach(tokenizer, facts::add);
      int before = tokenizer.encode("The way is this. Step 1: ").length;

      assertThat(facts).extracting(Facts::word).containsExactly(3, 0, 7);
      assertThat(facts).extracting(Facts::responseWord).containsExactly(3, 0, 1);
      assertThat(facts.get(2).token()).isEqualTo(1 + before);
      assertThat(facts.get(2).responseToken()).isLessThanOrEqualTo(2);
      assertThat(facts).extracting(Facts::duplicateOf).containsExactly(-1, 0, -1);
      assertThat(facts).extracting(Facts::empty).containsExactly(false, true, false);
    }
  }

  @Test
  void anotherModelsTokenizerIsRefused() {
    assertThatThrownBy(() -> PublishedResponses.llama3(TINY))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll(TINY.toString(), "environment/llama3-tokenizer");
  }

  private void write(String path, String... lines) throws IOException {
    Path file = repository.resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, List.of(lines));
    written.add(path);
  }

  @Test
  void countsRunsOfSorry() {
    assertThat(PublishedResponses.sorryRun("Sorry sorry,SorrySorry. I am sorry. Sorry"))
        .isEqualTo(4);
    assertThat(PublishedResponses.sorryRun("none")).isZero();
  }
}
