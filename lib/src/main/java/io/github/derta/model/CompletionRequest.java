package io.github.derta.model;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.github.derta.io.BadInput;
import io.github.derta.text.ChatTemplate.Message;
import java.util.List;
import java.util.Map;

/**
 * A request in OpenAI's format, as we send and answer it: {@code messages} or {@code prompt}. With
 * vLLM's {@code continue_final_message} the last message is an answer that has begun.
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
record CompletionRequest(
    String model,
    List<Message> messages,
    String prompt,
    @JsonAlias("max_completion_tokens") Integer maxTokens,
    Double temperature,
    Double topP,
    Long seed,
    @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) List<String> stop,
    Boolean continueFinalMessage,
    Boolean addGenerationPrompt,
    @JsonAnySetter Map<String, JsonNode> others) {

  private static final int MAX_NEW_TOKENS = 256;

  static CompletionRequest of(String model, Prompt prompt, Decoding decoding, long seed) {
    boolean draws = decoding.temperature() > 0;
    boolean begun = prompt.chat() && !prompt.prefill().isEmpty();
    List<Message> turns = prompt.turns();
    if (begun) {
      turns.add(new Message("assistant", prompt.prefill()));
    }
    return new CompletionRequest(
        model,
        prompt.chat() ? turns : null,
        prompt.chat() ? null : prompt.text() + prompt.prefill(),
        decoding.maxNewTokens(),
        decoding.temperature(),
        draws ? decoding.topP() : null,
        draws ? seed : null,
        decoding.stop().isEmpty() ? null : decoding.stop(),
        begun ? true : null,
        begun ? false : null,
        null);
  }

  /** Refuses what would be ignored; what changes nothing may be there. */
  void check() {
    others.forEach(
        (field, value) -> {
          boolean idle = value.isContainerNode() ? value.isEmpty() : value.asDouble() == 0;
          boolean one = field.equals("n") && value.asInt() == 1;
          if (!one && !field.equals("user") && (!idle || value.isTextual())) {
            throw new BadInput("\"" + field + "\": " + value + " is not supported here");
          }
        });
  }

  /** With this seed if the request names none. */
  Decoding decoding(long otherSeed) {
    double warmth = temperature == null ? 1 : temperature;
    return new Decoding(
        maxTokens == null ? MAX_NEW_TOKENS : maxTokens,
        warmth,
        topP == null ? 1 : topP,
        warmth == 0 ? 0 : seed == null ? otherSeed : seed,
        stop == null ? List.of() : stop);
  }

  int[] encode(LocalModel model) {
    if (prompt != null) {
      return model.encode(Prompt.raw(prompt));
    }
    if (messages.isEmpty() || messages.stream().anyMatch(turn -> turn.content() == null)) {
      throw new BadInput("at least one message is needed, each with role and content");
    }
    int last = messages.size() - 1;
    boolean begun = Boolean.TRUE.equals(continueFinalMessage);
    if (begun == !Boolean.FALSE.equals(addGenerationPrompt)
        || begun && !messages.get(last).role().equals("assistant")) {
      throw new BadInput(
          "continue_final_message goes with an assistant's message at the end and with"
              + " add_generation_prompt: false, which does not go without it");
    }
    return begun
        ? model.encode(messages.subList(0, last), messages.get(last).content())
        : model.encode(messages, "");
  }
}
