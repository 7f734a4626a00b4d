package io.github.derta.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The same tokenizer under another spelling of its special tokens, so that these are text where
 * others have written them, and control ids where a template has.
 */
final class PlainTexts implements AutoCloseable {

  /** Code points that are no characters stand around the number of a token. */
  private static final String OPEN = "\uFDD0";

  private static final String CLOSE = "\uFDD1";

  private final HuggingFaceTokenizer tokenizer;
  private final Map<String, String> spelling; // by special token
  private final Pattern special;

  private PlainTexts(HuggingFaceTokenizer tokenizer, Map<String, String> spelling) {
    this.tokenizer = tokenizer;
    this.spelling = spelling;
    special =
        Pattern.compile(
            spelling.keySet().stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(Pattern::quote)
                .collect(Collectors.joining("|")));
  }

  static PlainTexts of(Path file, Map<String, Integer> special) {
    Map<String, String> spelling = new HashMap<>();
    special.forEach((token, id) -> spelling.put(token, OPEN + id + CLOSE));
    ObjectNode json = JsonLines.object(file);
    for (JsonNode token : json.path("added_tokens")) {
      String content = token.path("content").asText();
      ((ObjectNode) token).put("content", spelling.getOrDefault(content, content));
    }
    JsonNode model = json.path("model");
    if (model.path("vocab").isObject()) {
      ObjectNode vocabulary = JsonLines.MAPPER.createObjectNode();
      model
          .get("vocab")
          .properties()
          .forEach(
              one ->
                  vocabulary.set(
                      spelling.getOrDefault(one.getKey(), one.getKey()), one.getValue()));
      ((ObjectNode) model).set("vocab", vocabulary);
    } else {
      for (JsonNode piece : model.path("vocab")) {
        String content = piece.path(0).asText();
        ((ArrayNode) piece).set(0, spelling.getOrDefault(content, content));
      }
    }
    String unknown = model.path("unk_token").asText("");
    if (spelling.containsKey(unknown)) {
      ((ObjectNode) model).put("unk_token", spelling.get(unknown));
    }
    json.remove("post_processor"); // it adds what is not asked for here
    try {
      Path copy = Files.createTempFile("tokenizer", ".json");
      try {
        JsonLines.MAPPER.writeValue(copy.toFile(), json);
        return new PlainTexts(Tokenizer.open(copy), spelling);
      } finally {
        Files.delete(copy);
      }
    } catch (IOException e) {
      throw new BadInput(file + ": cannot be read a second time (" + e.getMessage() + ")", e);
    }
  }

  /** The ids of a text; special tokens are control ids outside the messages, and text in them. */
  int[] encode(String text, Collection<String> messages) {
    StringBuilder spelled = new StringBuilder();
    int done = 0;
    for (String message : messages) {
      String said = text.indexOf(message, done) >= 0 ? message : message.strip();
      int at = text.indexOf(said, done);
      if (at < 0) {
        if (special.matcher(message).find()) {
          throw new BadInput(
              "a message holds a special token, and the chat template changes the message");
        }
        continue;
      }
      spelled.append(respelled(text.substring(done, at)));
      spelled.append(said.replace(OPEN, "\uFFFD").replace(CLOSE, "\uFFFD"));
      done = at + said.length();
    }
    return Tokenizer.encode(tokenizer, spelled + respelled(text.substring(done)), false);
  }

  private String respelled(String template) {
    return special
        .matcher(template)
        .replaceAll(token -> Matcher.quoteReplacement(spelling.get(token.group())));
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
