package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.derta.model.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** jbang-scripts/Attack.java, compiled and run in a process of its own, against a server here. */
class AttackScriptTest {

  private static final String KEY = "sk-not-to-be-seen-9876543210";
  private static final String QUESTION = "How is a pie baked?";

  @TempDir static Path classes;
  @TempDir Path folder;

  private final List<String> keys = new ArrayList<>();
  private HttpServer server;
  private int status = 200;

  @BeforeAll
  static void compile() {
    Path script = Path.of(System.getProperty("derta.home"), "jbang-scripts", "Attack.java");
    String classPath = System.getProperty("java.class.path");
    String[] options = {"-d", classes.toString(), "-cp", classPath, script.toString()};
    assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, options)).isZero();
  }

  @BeforeEach
  void serve() throws IOException {
    Files.writeString(folder.resolve("questions.txt"), QUESTION + "\n");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  /** Answers, or complains of the key and repeats it, as some servers do. */
  private synchronized void answer(HttpExchange exchange) throws IOException {
    String key = exchange.getRequestHeaders().getFirst("Authorization");
    keys.add(key);
    String body =
        status == 200
            ? "{\"choices\":[{\"message\":{\"content\":\"Sorry, no.\"},\"finish_reason\":\"stop\"}]}"
            : "{\"error\":\"wrong key " + key + "\"}";
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Test
  void neitherTheRunNorItsOutputHoldsTheKey() throws IOException, InterruptedException {
    status = 401;
    assertThat(attack()).isEqualTo(2);
    assertThat(output()).contains("status 401", "1 of 1 prompts have no answer");
    status = 200;
    assertThat(attack()).isZero();
    assertThat(keys).containsExactly("Bearer " + KEY, "Bearer " + KEY);
    assertThat(folder.resolve("run/responses.jsonl")).content().contains("Sorry, no.");
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(files.filter(Files::isRegularFile))
          .hasSizeGreaterThan(5)
          .allSatisfy(file -> assertThat(file).content().doesNotContain(KEY));
    }
  }

  @Test
  void whatIsAnsweredIsNotAskedAgain() throws IOException, InterruptedException {
    assertThat(attack()).isZero();
    assertThat(attack("--format", "json")).isZero();
    assertThat(output())
        .contains("direct: 0 to ask, 1 answered before")
        .contains(
            "\"attack\":\"direct\",\"judge\":\"phrases\",\"outcome\":\"complied\",\"hits\":0.0,\"n\":1,");
    assertThat(attack("--judges", "phrases,gcg-demo")).isZero();
    assertThat(output()).contains("agreement of judges");
    assertThat(keys).hasSize(1);
  }

  @Test
  void questionsAreHiddenUnlessTheyAreAskedFor() throws IOException, InterruptedException {
    assertThat(attack()).isZero();
    assertThat(output()).doesNotContain("pie").contains("\u2588\u2588\u2588 ");
    assertThat(attack("--show-text")).isZero();
    assertThat(output()).contains(QUESTION);
  }

  @Test
  void anotherPlanIsRefusedWithTheDifference() throws IOException, InterruptedException {
    assertThat(attack()).isZero();
    assertThat(attack("--max-new-tokens", "7")).isEqualTo(2);
    assertThat(output()).contains("decoding.max_new_tokens: 128 -> 7");
    assertThat(keys).hasSize(1);
  }

  private int attack(String... more) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(classes + ":" + System.getProperty("java.class.path"));
    command.addAll(List.of("Attack", "--endpoint"));
    command.add("http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
    command.addAll(List.of("--name", "m", "--attacks", "direct", "--out", "run"));
    command.addAll(List.of("--questions", "questions.txt"));
    command.addAll(List.of(more));
    ProcessBuilder process = new ProcessBuilder(command).directory(folder.toFile());
    process.environment().put(Endpoint.KEY_VARIABLE, KEY);
    process.redirectErrorStream(true).redirectOutput(folder.resolve("output.txt").toFile());
    return process.start().waitFor();
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("output.txt"));
  }
}
