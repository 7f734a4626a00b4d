package io.github.derta.model;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

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
          .proxy(proxies(System.getenv()))
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

  /** The same server, told otherwise how to continue an answer; counted apart. */
  EndpointCalls prefilledBy(Endpoint.Prefill way) {
    return new EndpointCalls(endpoint.prefilledBy(way), key);
  }

  Completion send(Prompt prompt, Decoding decoding, long seed) throws InterruptedException {
    if (requests.incrementAndGet() > endpoint.maxRequests()) {
      throw fault(Fault.Then.STOP, "the maximum of %d requests is reached", endpoint.maxRequests());
    }
    try {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(endpoint.address(prompt.chat())))
              .header("Content-Type", "application/json")
              .POST(
                  HttpRequest.BodyPublishers.ofByteArray(
                      json.writeValueAsBytes(endpoint.request(prompt, decoding, seed))));
      if (!key.isEmpty()) {
        request.header("Authorization", "Bearer " + key);
      }
      endpoint.headers().forEach((name, value) -> request.header(name, value(value)));
      HttpResponse<InputStream> response =
          client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream in = response.body()) {
        return read(response, in.readNBytes(MAX_BODY_BYTES + 1), decoding.maxNewTokens());
      }
    } catch (IOException e) {
      throw fault(
          Fault.Then.TRY_AGAIN, "cannot be reached, or broke off (%s)", shown(e.toString()));
    }
  }

  private static String value(String header) {
    if (!header.startsWith("$")) {
      return header;
    }
    String value = System.getenv(header.substring(1));
    if (value == null) {
      throw new Fault(Fault.Then.STOP, "the environment variable " + header + " is not set");
    }
    return value.strip();
  }

  private Completion read(HttpResponse<?> response, byte[] body, int maxNewTokens) {
    String text = new String(body, StandardCharsets.UTF_8);
    if (response.statusCode() == 400 && EndpointReply.filtered(text)) {
      return EndpointReply.completion("", Completion.End.FILTER);
    }
    if (response.statusCode() != 200) {
      throw refused(response, "status " + response.statusCode() + ": " + shown(text));
    }
    if (body.length > MAX_BODY_BYTES) {
      throw fault(Fault.Then.NEXT_PROMPT, "the answer has more than %d bytes", MAX_BODY_BYTES);
    }
    try {
      return EndpointReply.read(text, maxNewTokens);
    } catch (Fault fault) {
      int colon = fault.getMessage().indexOf(": ") + 2;
      String what = colon < 2 ? fault.getMessage() : fault.getMessage().substring(0, colon);
      throw new Fault(fault.then, colon < 2 ? what : what + shown(text));
    }
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

  /** By HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in capital or small letters; never for loopback. */
  static ProxySelector proxies(Map<String, String> environment) {
    Function<String, String> value =
        name ->
            environment.getOrDefault(
                name, environment.getOrDefault(name.toLowerCase(Locale.ROOT), ""));
    List<String> direct = List.of(value.apply("NO_PROXY").split("\\s*,\\s*"));
    return new ProxySelector() {
      @Override
      public List<Proxy> select(URI uri) {
        String host = uri.getHost();
        String proxy = value.apply(uri.getScheme().toUpperCase(Locale.ROOT) + "_PROXY");
        boolean near = host.matches("localhost|127\\..*|\\[?::1]?");
        if (proxy.isBlank() || near || direct.stream().anyMatch(one -> covers(one, host))) {
          return List.of(Proxy.NO_PROXY);
        }
        URI at = URI.create(proxy.contains("://") ? proxy : "http://" + proxy);
        if (at.getUserInfo() != null) {
          throw new Fault(Fault.Then.STOP, "a proxy with user and password is not supported");
        }
        int port = at.getPort() < 0 ? 80 : at.getPort();
        return List.of(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(at.getHost(), port)));
      }

      @Override
      public void connectFailed(URI uri, SocketAddress address, IOException e) {
        // the request fails, which is enough
      }
    };
  }

  private static boolean covers(String entry, String host) {
    String domain = entry.replaceFirst("^\\*?\\.", "").replaceFirst(":\\d+$", "");
    return entry.equals("*")
        || !domain.isEmpty() && (host.equals(domain) || host.endsWith("." + domain));
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
