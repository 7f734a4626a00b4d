package io.github.derta.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.text.ChatTemplate.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class ChatTemplateTest {

  private static final List<Message> QUESTION = List.of(Message.user("Hi"));

  @TempDir Path folder;

  /** Expected texts come from transformers; see src/test/python/make_text_fixtures.py. */
  @TestFactory
  Stream<DynamicTest> rendersAsTransformersDoes() throws IOException {
    JsonNode fixtures =
        JsonLines.MAPPER.readTree(ChatTemplateTest.class.getResourceAsStream("chats.json"));
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode expected : fixtures.get("cases")) {
      String name = expected.get("template").textValue();
      List<Message> conversation = new ArrayList<>();
      for (JsonNode turn :
          fixtures.get("conversations").get(expected.get("conversation").textValue())) {
        conversation.add(new Message(turn.get(0).textValue(), turn.get(1).textValue()));
      }
      JsonNode jinja = fixtures.get("templates").get(name);
      tests.add(
          DynamicTest.dynamicTest(
              name + ": " + expected.get("conversation").textValue(),
              () -> renders(template(name, jinja), conversation, expected)));
    }
    assertThat(tests).hasSize(84);
    return tests.stream();
  }

  private static void renders(ChatTemplate template, List<Message> chat, JsonNode expected) {
    boolean beginAnswer = expected.get("begin_answer").booleanValue();
    if (expected.has("refusal")) {
      assertThatThrownBy(() -> template.render(chat, beginAnswer))
          .isInstanceOf(BadInput.class)
          .hasMessageEndingWith(expected.get("refusal").textValue());
    } else {
      assertThat(template.render(chat, beginAnswer)).isEqualTo(expected.get("text").textValue());
    }
  }

  private ChatTemplate template(String name, JsonNode jinja) throws IOException {
    return jinja == null ? ChatTemplate.named(name) : template(jinja.textValue());
  }

  private ChatTemplate template(String jinja) throws IOException {
    Files.writeString(folder.resolve("chat_template.jinja"), jinja);
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"bos_token\": {\"content\": \"<s>\"}, \"eos_token\": \"</s>\", \"pad_token\": null}");
    return ChatTemplate.load(folder);
  }

  @Test
  void theDateIsToday() throws IOException {
    String today =
        LocalDate.now().format(DateTimeFormatter.ofPattern("dd MMM yyyy", Locale.ENGLISH));
    assertThat(template("{{ strftime_now('%d %b %Y') }}").render(QUESTION, true)).isEqualTo(today);
    refused("{{ strftime_now('%q') }}", "strftime_now: %q is not supported");
  }

  @Test
  void whatIsNotSupportedIsRefusedAndNotRenderedWrongly() {
    refused("{{ messages | tojson }}", "the template needs tojson");
    refused("{% for m in [] %}a{% else %}b{% endfor %}", "a for with an if or else");
    refused("{% for m in messages if m.role == 'user' %}a{% endfor %}", "a for with an if or else");
    refused("{{ messages[::-1] }}", "syntax error");
    refused("{{ 'x'.startswith('y') }}", "startswith");
    refused("{% generation %}{% endgeneration %}", "Unknown tag: generation");
    refused("{% if %}", "chat_template.jinja: line 1:");
  }

  private void refused(String jinja, String message) {
    assertThatThrownBy(() -> template(jinja).render(QUESTION, true))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining(message);
  }

  @Test
  void theDefaultOfSeveralTemplatesIsTaken() throws IOException {
    ObjectNode config = JsonLines.MAPPER.createObjectNode();
    var templates = config.putArray("chat_template");
    templates.addObject().put("name", "tool_use").put("template", "tools");
    templates.addObject().put("name", "default").put("template", "{{ eos_token }}|{{ bos_token }}");
    Files.writeString(folder.resolve("tokenizer_config.json"), config.toString());
    Files.writeString(folder.resolve("special_tokens_map.json"), "{\"eos_token\": \"</s>\"}");
    assertThat(ChatTemplate.load(folder).render(QUESTION, true)).isEqualTo("</s>|");
  }

  @Test
  void aFolderWithoutATemplateIsFineUntilOneIsAskedFor() {
    assertThat(ChatTemplate.find(folder)).isEmpty();
    assertThatThrownBy(() -> ChatTemplate.load(folder))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("no chat template")
        .hasMessageContaining("chatml, llama3, mistral");
    assertThatThrownBy(() -> ChatTemplate.named("alpaca"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("no chat template \"alpaca\"; there are chatml, llama3, mistral");
  }

  @Test
  void rolesAreThree() {
    assertThatThrownBy(() -> new Message("tool", "x"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("supported are system, user, assistant");
  }
}
