package io.github.derta.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import io.github.derta.io.Hashes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedResponsesTest {

  private static final String PATH = "results/safety/autodan/x.json";

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
  void countsRunsOfSorry() {
    assertThat(PublishedResponses.sorryRun("Sorry sorry,SorrySorry. I am sorry. Sorry"))
        .isEqualTo(4);
    assertThat(PublishedResponses.sorryRun("none")).isZero();
  }
}
