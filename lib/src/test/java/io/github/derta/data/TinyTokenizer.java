package io.github.derta.data;

import io.github.derta.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A tokenizer of single characters that merges "ab" and, if asked to, "Sorry". */
final class TinyTokenizer {

  static final int BEGIN = 0;
  static final int END = 1;

  private TinyTokenizer() {}

  /** Begins every text with {@code <s>} where special tokens are wanted, as Llama's does. */
  static Tokenizer in(Path folder, boolean knowsSorry) throws IOException {
    return in(folder, knowsSorry, "<s>");
  }

  /** The same with another begin token, such as Llama 3's. */
  static Tokenizer in(Path folder, boolean knowsSorry, String begin) throws IOException {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    vocabulary.put(begin, BEGIN);
    vocabulary.put("</s>", END);
    for (char c = ' '; c <= '~'; c++) {
      vocabulary.put(c + "", vocabulary.size());
    }
    List<String> merged = knowsSorry ? List.of("ab", "So", "Sor", "Sorr", "Sorry") : List.of("ab");
    merged.forEach(token -> vocabulary.put(token, vocabulary.size()));
    String merges =
        merged.stream()
            .map(t -> "\"" + t.substring(0, t.length() - 1) + " " + t.charAt(t.length() - 1) + "\"")
            .collect(Collectors.joining(","));
    String entries =
        vocabulary.entrySet().stream()
            .map(e -> "\"" + e.getKey().replaceAll("([\"\\\\])", "\\\\$1") + "\":" + e.getValue())
            .collect(Collectors.joining(","));
    String special =
        "{\"id\":%d,\"content\":\"%s\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,"
            + "\"normalized\":false,\"special\":true}";
    String json =
        """
        {"version":"1.0","truncation":null,"padding":null,"added_tokens":[%s,%s],"normalizer":null,
        "pre_tokenizer":null,"decoder":{"type":"Fuse"},
        "post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},
        {"Sequence":{"id":"A","type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}},
        {"Sequence":{"id":"B","type_id":1}}],
        "special_tokens":{"<s>":{"id":"<s>","ids":[0],"tokens":["<s>"]}}},
        "model":{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":null,
        "end_of_word_suffix":null,"fuse_unk":false,"byte_fallback":false,"vocab":{%s},"merges":[%s]}}
        """
            .formatted(
                special.formatted(BEGIN, begin), special.formatted(END, "</s>"), entries, merges);
    String asked = json.replace("\"<s>\"", "\"" + begin + "\"");
    return Tokenizer.load(Files.writeString(folder.resolve("tokenizer.json"), asked));
  }
}
