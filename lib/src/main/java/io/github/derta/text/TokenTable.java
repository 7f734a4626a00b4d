package io.github.derta.text;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the tokenizer library does not tell of a {@code tokenizer.json}.
 *
 * @param size the largest id plus one
 * @param special the ids of special tokens
 * @param pieces whether {@link PieceCache} may be used
 */
record TokenTable(int size, Map<String, Integer> special, boolean pieces) {

  /** The vocabulary of a BPE model is id by token, that of a Unigram model a list. */
  private record Model(JsonNode vocab) {}

  private record Json(
      JsonNode addedTokens, JsonNode normalizer, JsonNode preTokenizer, Model model) {}

  /** Passes over all that is not asked for; the merges alone may be megabytes. */
  private static final ObjectReader READER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build()
          .readerFor(Json.class);

  static TokenTable read(Path file) throws IOException {
    Json json = READER.readValue(file.toFile());
    JsonNode vocabulary = json.model().vocab();
    int size = vocabulary.isArray() ? vocabulary.size() : 0;
    if (vocabulary.isObject()) {
      for (JsonNode id : vocabulary) {
        size = Math.max(size, id.asInt() + 1);
      }
    }
    Map<String, Integer> special = new LinkedHashMap<>();
    JsonNode addedTokens =
        json.addedTokens() == null ? MissingNode.getInstance() : json.addedTokens();
    for (JsonNode token : addedTokens) {
      int id = token.path("id").asInt();
      size = Math.max(size, id + 1);
      if (token.path("special").asBoolean()) {
        special.put(token.path("content").asText(), id);
      }
    }
    boolean pieces = PieceCache.fits(json.normalizer(), json.preTokenizer(), addedTokens);
    return new TokenTable(size, Collections.unmodifiableMap(special), pieces);
  }
}
