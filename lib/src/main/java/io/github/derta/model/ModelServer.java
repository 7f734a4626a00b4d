package io.github.derta.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A local model behind the part of OpenAI's API that attacks and other tools need: {@code
 * /v1/models}, {@code /v1/chat/completions} and {@code /v1/completions}, for this machine only.
 * What it does not know, streaming for one, it refuses. Without {@code max_tokens} an answer ends
 * after 256 tokens. Greedy requests that wait at the same time are generated together.
 */
public final class ModelServer implements AutoCloseable {

  private final LocalModel model;
  private final HttpServer http;
  private final GenerationQueue queue;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicLong requests = new AtomicLong();

  private ModelServer(LocalModel model, HttpServer http) {
    this.model = model;
    this.http = http;
    queue = new GenerationQueue(model);
    http.setExecutor(threads);
    http.createContext("/", this::handle);
    http.start();
  }

  private record Reply(int status, String json) {}

  /**
   * Begins to answer.
   *
   * @param model writes the answers; stays open when the server closes
   * @param port of 127.0.0.1, or 0 for any that is free
   * @return the server, to be closed before the model
   * @throws BadInput if the port is taken
   */
  public static ModelServer start(LocalModel model, int port) {
    try {
      return new ModelServer(model, HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0));
    } catch (IOException | IllegalArgumentException e) {
      throw new BadInput("port " + port + " of 127.0.0.1: " + e.getMessage(), e);
    }
  }

  /** {@return where its API begins, for {@link Endpoint#of}} */
  public String url() {
    return "http://127.0.0.1:" + http.getAddress().getPort() + "/v1";
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Reply reply = reply(exchange);
      byte[] body = reply.json.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(reply.status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private Reply reply(HttpExchange exchange) throws IOException {
    String call = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
    try {
      return switch (call) {
        case "GET /v1/models" -> new Reply(200, models());
        case "POST /v1/chat/completions" -> complete(exchange, true);
        case "POST /v1/completions" -> complete(exchange, false);
        default -> error(404, call + ": there are GET /v1/models, POST /v1/[chat/]completions");
      };
    } catch (JsonProcessingException e) {
      return error(400, "the body is not as needed: " + e.getMessage().replaceAll("\\s+", " "));
    } catch (RuntimeException e) {
      Throwable cause = e instanceof CompletionException ? e.getCause() : e;
      return cause instanceof BadInput
          ? error(400, cause.getMessage())
          : error(500, "no answer: " + cause);
    }
  }

  private Reply complete(HttpExchange exchange, boolean chat) throws IOException {
    JsonNode json = JsonLines.MAPPER.readTree(exchange.getRequestBody());
    if (!json.hasNonNull(chat ? "messages" : "prompt")
        || json.hasNonNull(chat ? "prompt" : "messages")) {
      return error(400, "a chat has \"messages\", a completion \"prompt\"");
    }
    CompletionRequest request = JsonLines.MAPPER.treeToValue(json, CompletionRequest.class);
    request.check();
    if (request.model() != null && !request.model().equals(model.name())) {
      return error(404, "no model \"" + request.model() + "\" here, only " + model.name());
    }
    long number = requests.incrementAndGet();
    int[] ids = request.encode(model);
    Completion completion = queue.add(ids, request.decoding(number)).join();
    return new Reply(200, answer(number, ids.length, completion, chat));
  }

  private String models() {
    return "{\"object\": \"list\", \"data\": [{\"id\": %s, \"object\": \"model\"}]}"
        .formatted(quoted(model.name()));
  }

  private String answer(long number, int promptTokens, Completion completion, boolean chat) {
    String text = quoted(completion.text()).toString();
    int tokens = completion.ids().length;
    return """
        {"id": "cmpl-%d", "object": "%s", "created": %d, "model": %s,
         "choices": [{"index": 0, "finish_reason": "%s", %s}],
         "usage": {"prompt_tokens": %d, "completion_tokens": %d, "total_tokens": %d}}
        """
        .formatted(
            number,
            chat ? "chat.completion" : "text_completion",
            Instant.now().getEpochSecond(),
            quoted(model.name()),
            completion.end() == Completion.End.LENGTH ? "length" : "stop",
            chat
                ? "\"message\": {\"role\": \"assistant\", \"content\": " + text + "}"
                : "\"text\": " + text,
            promptTokens,
            tokens,
            promptTokens + tokens);
  }

  private static Reply error(int status, String message) {
    String type = status < 500 ? "invalid_request_error" : "server_error";
    String json = "{\"error\": {\"message\": %s, \"type\": \"%s\"}}";
    return new Reply(status, json.formatted(quoted(message), type));
  }

  /** Its text is JSON. */
  private static TextNode quoted(String text) {
    return TextNode.valueOf(text);
  }

  @Override
  public void close() {
    http.stop(0);
    queue.close();
    threads.shutdown();
  }
}
