package io.github.derta.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Remembers the ids of pieces of text, which natural text repeats. Byte-level BPE never merges
 * across a space between two letters, so a text may be cut there and its pieces encoded apart.
 */
final class PieceCache {

  /** About 30 MB; a text of ever new pieces is then encoded without being remembered. */
  private static final int MOST = 200_000;

  private static final int LONGEST = 64;

  private final Map<String, int[]> pieces = new ConcurrentHashMap<>();
  private final Function<String, int[]> encode;

  PieceCache(Function<String, int[]> encode) {
    this.encode = encode;
  }

  /** The ids that {@code encode} gives of all of the text. */
  int[] encode(String text) {
    int[] ids = new int[16 + text.length() / 3];
    int count = 0;
    int start = 0;
    for (int end = 1; end <= text.length(); end++) {
      if (end == text.length() || cutAt(text, end)) {
        int[] piece = piece(text.substring(start, end));
        if (count + piece.length > ids.length) {
          ids = Arrays.copyOf(ids, 2 * ids.length + piece.length);
        }
        System.arraycopy(piece, 0, ids, count, piece.length);
        count += piece.length;
        start = end;
      }
    }
    return Arrays.copyOf(ids, count);
  }

  private int[] piece(String text) {
    int[] known = pieces.get(text);
    if (known == null) {
      known = encode.apply(text);
      if (text.length() <= LONGEST && pieces.size() < MOST) {
        pieces.put(text, known);
      }
    }
    return known;
  }

  private static boolean cutAt(String text, int at) {
    return text.charAt(at) == ' '
        && at + 1 < text.length()
        && letter(text.charAt(at - 1))
        && letter(text.charAt(at + 1));
  }

  private static boolean letter(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }

  /**
   * Whether a tokenizer is known to cut between a letter and a space before a letter: no normalizer
   * but Unicode composition, byte-level BPE whose pattern makes that cut, no added token that
   * reaches over it.
   */
  static boolean fits(JsonNode tokenizer) {
    JsonNode pre = tokenizer.path("pre_tokenizer");
    boolean known = List.of("", "NFC").contains(tokenizer.at("/normalizer/type").asText());
    boolean cuts = false;
    for (JsonNode step : pre.has("pretokenizers") ? pre.get("pretokenizers") : List.of(pre)) {
      String type = step.path("type").asText();
      known &= List.of("ByteLevel", "Digits", "Split").contains(type);
      cuts |= type.equals("ByteLevel") && step.path("use_regex").asBoolean(true);
      cuts |= type.equals("Split") && cutsWords(step);
    }
    return known && cuts && !reachesOver(tokenizer.path("added_tokens"));
  }

  private static boolean cutsWords(JsonNode split) {
    if (!split.path("behavior").asText().equals("Isolated") || split.path("invert").asBoolean()) {
      return false;
    }
    try {
      Pattern pattern = Pattern.compile(split.path("pattern").path("Regex").asText("none"));
      return List.of("abc def", "Abc Def", "ABC DEF").stream()
          .allMatch(
              words -> {
                var matches = pattern.matcher(words).results().map(m -> m.group()).toList();
                return matches.equals(List.of(words.substring(0, 3), words.substring(3)));
              });
    } catch (PatternSyntaxException e) {
      return false;
    }
  }

  private static boolean reachesOver(JsonNode addedTokens) {
    for (JsonNode token : addedTokens) {
      String content = token.path("content").asText();
      boolean strips = token.path("lstrip").asBoolean() || token.path("rstrip").asBoolean();
      if (strips
          || token.path("single_word").asBoolean()
          || content.matches("(?s).*[A-Za-z] ([A-Za-z].*)?")) {
        return true;
      }
    }
    return false;
  }
}
