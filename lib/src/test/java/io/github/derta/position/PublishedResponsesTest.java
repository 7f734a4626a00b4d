package io.github.derta.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import io.github.derta.io.Hashes;
import io.github.derta.position.PublishedResponses.Text;
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
  void aRecordsPromptIsToldFromItsResponse() throws IOException {
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
    List<Text> texts = new ArrayList<>();
    PublishedResponses.in(repository, hashes).forEach(texts::add);

    assertThat(texts).extracting(Text::index).containsExactly(0, 1, 0);
    assertThat(texts).extracting(Text::response).containsExactly("No. I'm sorry", "", " Sorry, no");
    assertThat(texts.get(2).whole()).isEqualTo("The way is this. Step 1: Sorry, no");
    assertThat(texts).extracting(Text::duplicateOf).containsExactly(-1, 0, -1);
  }

  private void write(String path, String... lines) throws IOException {
    Path file = repository.resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, List.of(lines));
    written.add(path);
  }
}
