package io.github.derta.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFolderTest {

  @TempDir Path parent;

  @Test
  void theOldFolderIsThereUntilTheNewOneIsWhole() throws IOException {
    Path folder = parent.resolve("model");
    AtomicFolder.write(folder, one -> Files.writeString(one.resolve("a"), "1"));
    assertThatThrownBy(
            () ->
                AtomicFolder.write(
                    folder,
                    two -> {
                      assertThat(folder.resolve("a")).hasContent("1");
                      throw new IOException("disk full");
                    }))
        .hasMessage("disk full");
    assertThat(folder.resolve("a")).hasContent("1");
    AtomicFolder.write(folder, two -> Files.writeString(two.resolve("b"), "2"));
    assertThat(folder).isDirectoryContaining("glob:**/b").isDirectoryNotContaining("glob:**/a");
    assertThat(parent).isDirectoryNotContaining("glob:**" + AtomicFolder.PARTIAL);
  }

  @Test
  void aFolderThatAKilledProcessMovedAwayIsFoundAgain() throws IOException {
    Path folder = parent.resolve("model");
    Path away = Files.createDirectory(parent.resolve("model.old" + AtomicFolder.PARTIAL));
    Files.writeString(away.resolve("a"), "1");
    assertThatThrownBy(
            () ->
                AtomicFolder.write(
                    folder,
                    two -> {
                      throw new IOException("disk full");
                    }))
        .hasMessage("disk full");
    assertThat(folder.resolve("a")).hasContent("1");
  }
}
