package io.github.derta.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.io.JsonLines;
import io.github.derta.model.EndpointCalls.Fault;
import io.github.derta.model.EndpointCalls.Fault.Then;

/**
 * The completion in a server's reply, in the forms that servers use: content as a text or in parts,
 * a refusal beside it, reasoning apart from it, one JSON object or a stream of events.
 */
final class EndpointReply {

  private EndpointReply() {}

  /**
   * The completion. Reasoning stands before the text between {@code <think>} and {@code </think>},
   * as models write it themselves.
   *
   * @throws Fault if there is none
   */
  static Completion read(String text, int maxNewTokens) {
    JsonNode reply = text.stripLeading().startsWith("data:") ? joined(text) : json(text);
    JsonNode choice = reply.path("choices").path(0);
    if (!choice.isObject()) {
      throw new Fault(
          passing(reply.path("error")) ? Then.TRY_AGAIN : Then.NEXT_PROMPT,
          "no answer in choices: " + text);
    }
    JsonNode message = choice.has("message") ? choice.get("message") : choice;
    String said = said(message);
    String end = choice.path("finish_reason").asText("");
    if (said.isEmpty() && (end.equals("tool_calls") || message.path("tool_calls").size() > 0)) {
      throw new Fault(Then.NEXT_PROMPT, "a tool call and no text: " + text);
    }
    int tokens = reply.path("usage").path("completion_tokens").asInt();
    boolean full = end.equals("length") || end.isEmpty() && tokens >= maxNewTokens;
    return completion(
        said,
        end.equals("content_filter")
            ? Completion.End.FILTER
            : full ? Completion.End.LENGTH : Completion.End.STOP);
  }

  /** Of a prompt that the server's filter refused: an answer that the model had no part in. */
  static boolean filtered(String text) {
    try {
      JsonNode error = JsonLines.MAPPER.readTree(text).path("error");
      return error.path("code").asText().equals("content_filter");
    } catch (JsonProcessingException e) {
      return false;
    }
  }

  static Completion completion(String text, Completion.End end) {
    return new Completion(text, new int[0], new float[0], end);
  }

  private static JsonNode json(String text) {
    try {
      if (!text.isBlank()) {
        return JsonLines.MAPPER.readTree(text);
      }
    } catch (JsonProcessingException e) {
      // said below
    }
    throw new Fault(Then.TRY_AGAIN, "the answer is not JSON: " + text);
  }

  /** Whether an error in place of an answer may be gone at the next try. */
  private static boolean passing(JsonNode error) {
    int code = error.path("code").asInt();
    String kind = error.path("type").asText() + error.path("message").asText();
    return code == 408
        || code == 429
        || code >= 500
        || kind.matches("(?is).*(overload|rate.?limit|server.?error|timeout|unavailable).*");
  }

  private static String said(JsonNode message) {
    StringBuilder thought = new StringBuilder(message.path("reasoning_content").asText(""));
    if (thought.isEmpty()) {
      thought.append(
          message.path("reasoning").isTextual() ? message.get("reasoning").asText() : "");
    }
    StringBuilder text = new StringBuilder(message.path("text").asText(""));
    JsonNode content = message.path("content");
    if (content.isTextual()) {
      text.append(content.textValue());
    }
    for (JsonNode part : content.isArray() ? content : JsonLines.MAPPER.createArrayNode()) {
      switch (part.path("type").asText("text")) {
        case "thinking", "reasoning" ->
            thought.append(part.path("thinking").asText(part.path("text").asText("")));
        case "refusal" -> text.append(part.path("refusal").asText(""));
        default -> text.append(part.path("text").asText(""));
      }
    }
    String refusal = message.path("refusal").asText("");
    if (!refusal.isEmpty() && !refusal.equals("null")) {
      text.append(text.isEmpty() ? "" : "\n").append(refusal);
    }
    if (thought.isEmpty()) {
      return text.toString();
    }
    return "<think>\n" + thought + (text.isEmpty() ? "" : "\n</think>\n\n" + text);
  }

  /** The events of a stream as one reply. */
  private static JsonNode joined(String events) {
    ObjectNode reply = JsonLines.MAPPER.createObjectNode();
    ObjectNode choice = JsonLines.MAPPER.createObjectNode();
    ObjectNode message = choice.putObject("message");
    boolean ended = false;
    for (String line : events.lines().filter(one -> one.startsWith("data:")).toList()) {
      String data = line.substring(5).strip();
      if (data.equals("[DONE]")) {
        ended = true;
        break;
      }
      JsonNode event = json(data);
      if (event.has("error")) {
        return event;
      }
      if (event.hasNonNull("usage")) {
        reply.set("usage", event.get("usage"));
      }
      JsonNode part = event.path("choices").path(0);
      if (part.hasNonNull("finish_reason")) {
        choice.set("finish_reason", part.get("finish_reason"));
        ended = true;
      }
      JsonNode delta = part.has("delta") ? part.get("delta") : part;
      for (String field : new String[] {"content", "text", "refusal", "reasoning_content"}) {
        if (delta.path(field).isTextual()) {
          message.put(field, message.path(field).asText("") + delta.get(field).textValue());
        }
      }
      reply.putArray("choices").add(choice);
    }
    if (!ended) {
      throw new Fault(Then.TRY_AGAIN, "the stream of events broke off");
    }
    return reply;
  }
}
