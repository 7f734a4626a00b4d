package io.github.derta.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.KebabCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * An OpenAI-compatible server, such as vLLM, {@code transformers serve} or llama.cpp's, and what
 * its requests look like. Everything but address and model has a usual value.
 *
 * @param url where its API begins, such as {@code http://127.0.0.1:8000/v1}, with or without {@code
 *     /chat/completions}; a query such as Azure's {@code ?api-version=...} goes with each request
 * @param model the model's name there
 * @param keyVariable the environment variable that holds the key; unset for a server without keys
 * @param parallel most requests under way at a time, at least 1; null: 8
 * @param maxRequests most requests in all, repeated ones included, at least 1; null: 10,000
 * @param timeout longest time from a request to the end of its answer, in seconds; null: 300
 * @param tokenLimit the field with the most new tokens: {@code max_tokens} or {@code
 *     max_completion_tokens}
 * @param temperature whether the temperature is sent; some models allow only their own
 * @param prefill how the server is told to continue an answer that has begun
 * @param headers of each request; a value {@code $NAME} stands for an environment variable
 * @param body fields that are added to each request
 */
@JsonNaming(KebabCaseStrategy.class)
public record Endpoint(
    String url,
    String model,
    String keyVariable,
    Integer parallel,
    Integer maxRequests,
    Double timeout,
    String tokenLimit,
    Boolean temperature,
    Prefill prefill,
    Map<String, String> headers,
    ObjectNode body) {

  /** The usual name of the variable that holds the key. */
  public static final String KEY_VARIABLE = "OPENAI_API_KEY";

  private static final String SECRET = "(?i).*(key|token|secret|sig|code|pass).*=.*";

  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS).build();

  /** How an assistant's message at the end becomes one to continue. */
  public enum Prefill {
    /** {@code continue_final_message} and {@code add_generation_prompt}, as vLLM has them. */
    CONTINUE,
    /** {@code "prefix": true} in the message, as DeepSeek and Mistral have it. */
    PREFIX,
    /** Nothing is needed: llama.cpp and others. */
    PLAIN,
    /** The server cannot. */
    NONE
  }

  /**
   * Checks the values. A refused address is not shown: it may hold a password.
   *
   * @throws BadInput if a value is out of its range, or the address holds a user or a key
   */
  public Endpoint {
    if (url == null || model == null) {
      throw new BadInput("an endpoint needs url and model");
    }
    String[] parts = url.split("\\?", 2);
    url = parts[0].replaceAll("(/chat)?(/completions)?/*$", "");
    boolean secret = parts.length > 1 && parts[1].matches(SECRET);
    if (!url.matches("https?://[\\w.:\\[\\]-]+(/[\\w.~/-]*)?") || secret) {
      throw new BadInput(
          "the endpoint's address must be http(s)://HOST[:PORT]/v1, without user, password or key");
    }
    url += parts.length > 1 ? "?" + parts[1] : "";
    keyVariable = Objects.requireNonNullElse(keyVariable, KEY_VARIABLE);
    parallel = Objects.requireNonNullElse(parallel, 8);
    maxRequests = Objects.requireNonNullElse(maxRequests, 10_000);
    timeout = Objects.requireNonNullElse(timeout, 300.0);
    tokenLimit = Objects.requireNonNullElse(tokenLimit, "max_tokens");
    temperature = Objects.requireNonNullElse(temperature, true);
    prefill = Objects.requireNonNullElse(prefill, Prefill.CONTINUE);
    headers = Objects.requireNonNullElse(headers, Map.of());
    body = Objects.requireNonNullElseGet(body, JsonLines.MAPPER::createObjectNode);
    if (parallel < 1 || maxRequests < 1 || !(timeout >= 0.001)) {
      throw new BadInput(
          "parallel is %d, max-requests %d, timeout %s s; at least 1, 1 and 0.001 are needed"
              .formatted(parallel, maxRequests, timeout));
    }
  }

  /**
   * {@return a server with usual values}
   *
   * @param url where its API begins
   * @param model the model's name there
   * @throws BadInput if the address is none
   */
  public static Endpoint of(String url, String model) {
    return new Endpoint(url, model, null, null, null, null, null, null, null, null, null);
  }

  /** {@return whether a text names an endpoint and not a folder} */
  static boolean named(String spec) {
    return spec.matches("https?://.*|.*\\.ya?ml");
  }

  /**
   * {@return the endpoint of a command line}
   *
   * @param spec its address and the model's name there, {@code http://127.0.0.1:8000/v1#NAME}, or a
   *     YAML file with the values of this record, such as {@code token-limit:
   *     max_completion_tokens}
   * @throws BadInput if it is none of these
   */
  public static Endpoint parse(String spec) {
    if (!spec.matches("https?://.*")) {
      Path file = Path.of(spec);
      if (!Files.isRegularFile(file)) {
        throw new BadInput(spec + ": neither URL#NAME nor a YAML file that describes an endpoint");
      }
      try {
        return YAML.readValue(file.toFile(), Endpoint.class);
      } catch (IOException e) {
        Throwable why = e.getCause() instanceof BadInput ? e.getCause() : e;
        String reason = why.getMessage().split(" \\(class | at \\[Source|\\R", 2)[0];
        throw new BadInput(file + ": no endpoint (" + reason + ")", e);
      }
    }
    int at = spec.lastIndexOf('#');
    if (at < 0) {
      throw new BadInput(spec + ": the model's name there is missing, as in URL#NAME");
    }
    return of(spec.substring(0, at), spec.substring(at + 1));
  }

  /**
   * {@return this endpoint with other limits}
   *
   * @param keyVariable the environment variable with the key; null: as it is
   * @param parallel most requests at a time; null: as it is
   * @param maxRequests most requests in all; null: as it is
   */
  public Endpoint with(String keyVariable, Integer parallel, Integer maxRequests) {
    return with(
        Objects.requireNonNullElse(keyVariable, this.keyVariable),
        Objects.requireNonNullElse(parallel, this.parallel),
        Objects.requireNonNullElse(maxRequests, this.maxRequests),
        prefill);
  }

  /** The same, told otherwise how to continue an answer. */
  Endpoint prefilledBy(Prefill way) {
    return with(keyVariable, parallel, maxRequests, way);
  }

  private Endpoint with(String key, int atATime, int inAll, Prefill way) {
    return new Endpoint(
        url, model, key, atATime, inAll, timeout, tokenLimit, temperature, way, headers, body);
  }

  /** {@return the address, with what else decides answers} */
  public String where() {
    ObjectNode deciding = JsonLines.MAPPER.createObjectNode().setAll(body);
    if (!temperature) {
      deciding.putNull("temperature");
    }
    return deciding.isEmpty() ? url : url + " " + deciding;
  }

  /** The address of chat or of raw completions. */
  String address(boolean chat) {
    String[] parts = url.split("\\?", 2);
    return parts[0]
        + (chat ? "/chat/completions" : "/completions")
        + (parts.length > 1 ? "?" + parts[1] : "");
  }

  /** The body of a request. */
  JsonNode request(Prompt prompt, Decoding decoding, long seed) {
    ObjectNode request = JsonLines.MAPPER.createObjectNode().put("model", model);
    if (prompt.chat()) {
      var messages = request.putArray("messages");
      prompt
          .turns()
          .forEach(
              turn -> messages.addObject().put("role", turn.role()).put("content", turn.content()));
      if (!prompt.prefill().isEmpty()) {
        ObjectNode begun = messages.addObject().put("role", "assistant");
        begun.put("content", prompt.prefill());
        if (prefill == Prefill.CONTINUE) {
          request.put("continue_final_message", true).put("add_generation_prompt", false);
        } else if (prefill == Prefill.PREFIX) {
          begun.put("prefix", true);
        }
      }
    } else {
      request.put("prompt", prompt.text() + prompt.prefill());
    }
    request.put(tokenLimit, decoding.maxNewTokens());
    if (temperature) {
      request.put("temperature", decoding.temperature());
    }
    if (decoding.temperature() > 0) {
      request.put("top_p", decoding.topP()).put("seed", seed);
    }
    decoding.stop().forEach(stop -> request.withArray("stop").add(stop));
    return request.setAll(body);
  }
}
