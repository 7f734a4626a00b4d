package io.github.derta.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Single requests, each counted, and what their answers mean. */
final class EndpointCalls {

  static final int MAX_BODY_BYTES = 8 << 20;
  private static final Duration MAX_WAIT = Duration.ofMinutes(2);
  private static final Duration UNASKED = Duration.ofSeconds(-1);
  private static final int MAX_SHOWN = 200;

  /** Statuses that say something of the prompt. */
  private static final Set<Integer> BAD_PROMPT = Set.of(400, 413, 422);

  private final Endpoint endpoint;
  private final String key;
  private final AtomicInteger requests = new AtomicInteger();
  // Half a character is half a character on the way, too.
  private final ObjectWriter json =
      JsonLines.MAPPER.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII);
  // The upgrade to HTTP/2 that Java would ask for confuses some servers.
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(20))
          .build();

  /** Why there is no answer, and whether to try again, after a time, or to go on at all. */
  static final class Fault extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** What is worth doing. */
    enum Then {
      TRY_AGAIN,
      NEXT_PROMPT,
      STOP
    }

    final Then then;
    final Duration wait; // as the server asks, or negative

    Fault(Then then, String message, Duration wait) {
      super(message);
      this.then = then;
      this.wait = wait;
    }

    Fault(Then then, String message) {
      this(then, message, UNASKED);
    }
  }

  EndpointCalls(Endpoint endpoint, String key) {
    this.endpoint = endpoint;
    this.key = key == null ? "" : key.strip();
    if (!this.key.matches("[!-~]*")) { // or the client's own message would show it
      throw new BadInput("$" + endpoint.keyVariable() + " holds characters that no key has");
    }
  }

  Completion send(Prompt prompt, Decoding decoding, long seed) throws InterruptedException {
    if (requests.incrementAndGet() > endpoint.maxRequests()) {
      throw fault(Fault.Then.STOP, "the maximum of %d requests is reached", endpoint.maxRequests());
    }
    String path = prompt.chat() ? "/chat/completions" : "/completions";
    CompletionRequest body = CompletionRequest.of(endpoint.model(), prompt, decoding, seed);
    try {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(endpoint.url() + path))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofByteArray(json.writeValueAsBytes(body)));
      if (!key.isEmpty()) {
        request.header("Authorization", "Bearer " + key);
      }
      HttpResponse<InputStream> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream in = response.body()) {
        return read(response, in.readNBytes(MAX_BODY_BYTES + 1), prompt.chat());
      }
    } catch (IOException e) {
      throw fault(
          Fault.Then.TRY_AGAIN, "cannot be reached, or broke off (%s)", shown(e.toString()));
    }
  }

  private Completion read(HttpResponse<?> response, byte[] body, boolean chat) {
    String text = new String(body, StandardCharsets.UTF_8);
    if (response.statusCode() != 200) {
      throw refused(response, "status " + response.statusCode() + ": " + shown(text));
    }
    if (body.length > MAX_BODY_BYTES) {
      throw fault(Fault.Then.NEXT_PROMPT, "the answer has more than %d bytes", MAX_BODY_BYTES);
    }
    JsonNode choice;
    try {
      choice = JsonLines.MAPPER.readTree(text).path("choices").path(0);
    } catch (JsonProcessingException e) {
      throw fault(Fault.Then.TRY_AGAIN, "the answer is not JSON: %s", shown(text));
    }
    JsonNode content = chat ? choice.path("message").path("content") : choice.path("text");
    String end = choice.path("finish_reason").asText();
    if (end.equals("content_filter")) {
      throw fault(Fault.Then.NEXT_PROMPT, "a filter, not the model, ended the answer (%s)", end);
    }
    if (!content.isTextual() || !choice.hasNonNull("finish_reason")) {
      throw fault(Fault.Then.TRY_AGAIN, "no text or no finish_reason in choices: %s", shown(text));
    }
    Completion.End why = end.equals("length") ? Completion.End.LENGTH : Completion.End.STOP;
    return new Completion(content.textValue(), new int[0], new float[0], why);
  }

  private static Fault refused(HttpResponse<?> response, String message) {
    int status = response.statusCode();
    if (BAD_PROMPT.contains(status)) {
      return new Fault(Fault.Then.NEXT_PROMPT, message);
    }
    if (status != 408 && status != 429 && status < 500) {
      return new Fault(Fault.Then.STOP, message);
    }
    Duration wait =
        response.headers().firstValue("Retry-After").map(EndpointCalls::wait).orElse(UNASKED);
    return wait.compareTo(MAX_WAIT) <= 0
        ? new Fault(Fault.Then.TRY_AGAIN, message, wait)
        : new Fault(Fault.Then.STOP, message + ", come back in " + wait.toSeconds() + " s");
  }

  /** Seconds or a date. */
  private static Duration wait(String retryAfter) {
    try {
      return retryAfter.matches("\\d{1,9}")
          ? Duration.ofSeconds(Long.parseLong(retryAfter))
          : Duration.between(
              Instant.now(), DateTimeFormatter.RFC_1123_DATE_TIME.parse(retryAfter, Instant::from));
    } catch (DateTimeException e) {
      return UNASKED;
    }
  }

  private static Fault fault(Fault.Then then, String message, Object value) {
    return new Fault(then, message.formatted(value));
  }

  /** The beginning of a text, without the key, which some servers repeat. */
  private String shown(String text) {
    String line =
        (key.isEmpty() ? text : text.replace(key, "[key]")).strip().replaceAll("\\s+", " ");
    return line.isEmpty() ? "(empty)" : line.substring(0, Math.min(line.length(), MAX_SHOWN));
  }
}
