package io.github.derta.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.text.ChatTemplate.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Public chat templates render as transformers renders them, where the expected texts are at hand:
 * DERTA_TEMPLATES names their file. environment/checks/templates writes it and runs this.
 */
class PublicTemplatesTest {

  @TempDir Path folder;

  @Test
  void publicTemplatesRenderAsTransformersDoes() throws IOException {
    String file = System.getenv("DERTA_TEMPLATES");
    assumeTrue(file != null, "DERTA_TEMPLATES names no file of expected texts");
    JsonNode expected = JsonLines.MAPPER.readTree(Path.of(file).toFile());
    List<String> wrong = new ArrayList<>();
    int all = 0;
    int refused = 0;
    for (JsonNode each : expected.get("templates")) {
      Files.writeString(folder.resolve("chat_template.jinja"), each.get("template").textValue());
      Files.writeString(folder.resolve("tokenizer_config.json"), each.get("tokens").toString());
      ChatTemplate template = ChatTemplate.load(folder);
      for (JsonNode one : each.get("cases")) {
        String topic = one.get("conversation").textValue();
        String rendered = render(template, expected.get("conversations").get(topic), one);
        String text = one.path("text").textValue();
        all++;
        refused += text == null ? 1 : 0;
        if (text == null ? !rendered.startsWith("refused: ") : !rendered.equals(text)) {
          wrong.add(each.get("name") + ", " + topic + ": " + rendered + "\ninstead of " + one);
        }
      }
    }
    System.out.printf(
        "Chat templates: %d of %d as transformers renders them, %d refused by both%n",
        all - wrong.size(), all, refused);
    assertThat(wrong).isEmpty();
    assertThat(all).isGreaterThan(1000);
  }

  @Test
  void idsAreThoseOfTransformersAndMarksOfOthersAreText() throws IOException {
    String file = System.getenv("DERTA_TEMPLATES");
    assumeTrue(file != null, "DERTA_TEMPLATES names no file of expected texts");
    JsonNode expected = JsonLines.MAPPER.readTree(Path.of(file).toFile());
    List<String> wrong = new ArrayList<>();
    int all = 0;
    for (JsonNode each : expected.get("tokenizers")) {
      Path own = Path.of(each.get("folder").textValue());
      try (Tokenizer tokenizer = Tokenizer.load(own)) {
        for (JsonNode raw : each.get("raw")) {
          all++;
          int[] ids = tokenizer.encodeRaw(raw.get("text").textValue());
          compare(each.get("name") + ", raw", raw, ids, wrong);
        }
        for (JsonNode marked : each.get("marked")) {
          all++;
          String text = marked.get("text").textValue();
          int[] ids = tokenizer.encode(text, List.of(text));
          compare(each.get("name") + ", marked", marked, ids, wrong);
        }
        Optional<ChatTemplate> template = ChatTemplate.find(own);
        for (JsonNode one : each.get("cases")) {
          all++;
          String topic = one.get("conversation").textValue();
          compare(
              each.get("name") + ", " + topic,
              tokenizer,
              template.get(),
              messages(expected.get("conversations").get(topic)),
              one,
              wrong);
        }
      }
    }
    System.out.printf("Tokenizers: %d of %d as transformers has them%n", all - wrong.size(), all);
    assertThat(wrong).isEmpty();
    assertThat(all).isGreaterThan(100);
  }

  private static void compare(String what, JsonNode expected, int[] ids, List<String> wrong) {
    int[] right = JsonLines.MAPPER.convertValue(expected.get("ids"), int[].class);
    if (!Arrays.equals(ids, right)) {
      wrong.add(what + ": " + Arrays.toString(ids) + " instead of " + expected);
    }
  }

  /** Where the messages hold control marks, these are text here, and ids to transformers. */
  private static void compare(
      String what,
      Tokenizer tokenizer,
      ChatTemplate template,
      List<Message> messages,
      JsonNode one,
      List<String> wrong) {
    String prefill = one.get("prefill").textValue();
    String text;
    try {
      text = template.begin(messages, prefill);
    } catch (BadInput e) {
      if (!one.has("refusal")) {
        wrong.add(what + ": refused, " + e.getMessage());
      }
      return;
    }
    if (!text.equals(one.path("text").textValue())) {
      wrong.add(what + ", prefill \"" + prefill + "\": " + text + " instead of " + one);
      return;
    }
    List<String> said = new ArrayList<>(messages.stream().map(Message::content).toList());
    said.add(prefill);
    if (said.stream().noneMatch(tokenizer::holdsSpecial)) {
      compare(what, one, tokenizer.encode(text, said), wrong);
      return;
    }
    try {
      int[] ids = tokenizer.encode(text, said);
      long control = Arrays.stream(ids).filter(tokenizer.specialTokens()::containsValue).count();
      long theirs =
          tokenizer.specialTokens().keySet().stream()
              .mapToLong(mark -> said.stream().filter(one1 -> one1.contains(mark)).count())
              .sum();
      int[] with = JsonLines.MAPPER.convertValue(one.get("ids"), int[].class);
      long all = Arrays.stream(with).filter(tokenizer.specialTokens()::containsValue).count();
      if (control >= all || theirs == 0 || !tokenizer.decode(ids, false).contains(said.get(0))) {
        wrong.add(what + ": " + control + " control ids of " + all + ", " + theirs + " forged");
      }
    } catch (BadInput e) {
      if (!e.getMessage().contains("changes the message")) {
        wrong.add(what + ": " + e.getMessage());
      }
    }
  }

  private static List<Message> messages(JsonNode turns) {
    List<Message> conversation = new ArrayList<>();
    for (JsonNode turn : turns) {
      conversation.add(new Message(turn.get(0).textValue(), turn.get(1).textValue()));
    }
    return conversation;
  }

  private static String render(ChatTemplate template, JsonNode turns, JsonNode one) {
    List<Message> conversation = messages(turns);
    try {
      return template.render(conversation, one.get("begin_answer").booleanValue());
    } catch (BadInput e) {
      return "refused: " + e.getMessage();
    }
  }
}
