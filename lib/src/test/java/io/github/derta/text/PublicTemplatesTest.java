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
import java.util.List;
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

  private static String render(ChatTemplate template, JsonNode turns, JsonNode one) {
    List<Message> conversation = new ArrayList<>();
    for (JsonNode turn : turns) {
      conversation.add(new Message(turn.get(0).textValue(), turn.get(1).textValue()));
    }
    try {
      return template.render(conversation, one.get("begin_answer").booleanValue());
    } catch (BadInput e) {
      return "refused: " + e.getMessage();
    }
  }
}
