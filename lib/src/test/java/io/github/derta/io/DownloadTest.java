package io.github.derta.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadTest {

  @TempDir Path folder;

  private final byte[] content = new byte[200_000];
  private final List<String> ranges = new ArrayList<>();
  private HttpServer server;
  private int breakOffs;
  private Download download;

  @BeforeEach
  void serve() throws IOException {
    new Random(1).nextBytes(content);
    String sha256 = Hashes.sha256(Files.write(folder.resolve("original"), content));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    String address = "http://127.0.0.1:" + server.getAddress().getPort() + "/a/data.json";
    download = Download.parse(address + "#sha256=" + sha256);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    ranges.add(range);
    int from = Integer.parseInt(range.replaceAll("\\D", ""));
    int status = from >= content.length ? 416 : 206;
    exchange.sendResponseHeaders(status, status == 416 ? -1 : content.length - from);
    try (exchange) {
      if (status == 206) {
        int to = breakOffs-- > 0 ? (from + content.length) / 2 : content.length;
        exchange.getResponseBody().write(Arrays.copyOfRange(content, from, to));
      }
    }
  }

  @Test
  void fetchesOnceAndThenWorksWithoutANetwork() {
    Path file = download.to(folder.resolve("cache"), null);
    server.stop(0);

    assertThat(file).hasBinaryContent(content).hasFileName("data.json");
    assertThat(download.to(folder.resolve("cache"), null)).isEqualTo(file);
  }

  @Test
  void goesOnWhereItBrokeOff() {
    breakOffs = 2;

    assertThat(download.to(folder.resolve("cache"), null)).hasBinaryContent(content);
    assertThat(ranges).hasSize(3).doesNotHaveDuplicates().startsWith("bytes=0-");
  }

  @Test
  void takesTheFileFromAFolderOfTheUsers() throws IOException {
    Path own = Files.createDirectory(folder.resolve("own"));
    Files.write(own.resolve("data.json"), content);

    assertThat(download.to(folder.resolve("cache"), own)).isEqualTo(own.resolve("data.json"));
    assertThat(ranges).isEmpty();
  }

  @Test
  void anotherFileThanThePinnedOneIsAnErrorAndIsNotKept() {
    Download other = new Download(download.source(), "0".repeat(64));

    assertThatThrownBy(() -> other.to(folder.resolve("cache"), null))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("not the pinned 000");
    assertThat(folder.resolve("cache").resolve("0".repeat(64))).isEmptyDirectory();
  }

  @Test
  void anAddressWithoutHashIsAnError() {
    assertThatThrownBy(() -> Download.parse("https://example.org/data.json"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("#sha256=64 hex digits");
  }
}
