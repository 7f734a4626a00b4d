package io.github.derta.model;

import io.github.derta.io.BadInput;
import java.time.Duration;

/**
 * An OpenAI-compatible server, such as vLLM, TGI, llama.cpp or {@link ModelServer}, and how much is
 * asked of it.
 *
 * @param url where its API begins, such as {@code http://127.0.0.1:8000/v1}
 * @param model the model's name there
 * @param keyVariable the environment variable that holds the key; unset for a server without keys
 * @param parallel most requests under way at a time, at least 1
 * @param maxRequests most requests in all, repeated ones included, at least 1
 * @param timeout longest time from a request to the end of its answer
 */
public record Endpoint(
    String url, String model, String keyVariable, int parallel, int maxRequests, Duration timeout) {

  /** The usual name of the variable that holds the key. */
  public static final String KEY_VARIABLE = "OPENAI_API_KEY";

  /**
   * Checks the values. A refused address is not shown: it may hold a password.
   *
   * @throws BadInput if a value is out of its range, or the address is more than host and path
   * @param url where its API begins, such as {@code http://127.0.0.1:8000/v1}
   * @param model the model's name there
   * @param keyVariable the environment variable that holds the key; unset for a server without keys
   * @param parallel most requests under way at a time, at least 1
   * @param maxRequests most requests in all, repeated ones included, at least 1
   * @param timeout longest time from a request to the end of its answer
   */
  public Endpoint {
    url = url.replaceAll("/+$", "");
    if (!url.matches("https?://[\\w.:\\[\\]-]+(/[\\w.~/-]*)?")) {
      throw new BadInput(
          "the endpoint's address must be http(s)://HOST[:PORT]/v1, without user or query");
    }
    if (parallel < 1 || maxRequests < 1 || timeout.compareTo(Duration.ofMillis(1)) < 0) {
      throw new BadInput(
          "parallel is %d, maxRequests %d, timeout %d ms; each must be at least 1"
              .formatted(parallel, maxRequests, timeout.toMillis()));
    }
  }

  /**
   * A server with 8 requests at a time, 10,000 in all, 5 minutes each.
   *
   * @param url where its API begins, such as {@code http://127.0.0.1:8000/v1}
   * @param model the model's name there
   * @return the endpoint, its key in {@link #KEY_VARIABLE}
   * @throws BadInput if the address is none
   */
  public static Endpoint of(String url, String model) {
    return new Endpoint(url, model, KEY_VARIABLE, 8, 10_000, Duration.ofMinutes(5));
  }

  /**
   * {@return the endpoint of a command line}
   *
   * @param spec its address and the model's name there, {@code http://127.0.0.1:8000/v1#NAME}
   * @throws BadInput if it is no such text
   */
  public static Endpoint parse(String spec) {
    int at = spec.lastIndexOf('#');
    if (at < 0) {
      throw new BadInput(spec + ": the model's name there is missing, as in URL#NAME");
    }
    return of(spec.substring(0, at), spec.substring(at + 1));
  }
}
