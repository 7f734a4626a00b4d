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
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
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

  /** One template a line, with its text from transformers; see make_text_fixtures.py. */
  @TestFactory
  Stream<DynamicTest> speaksJinjaAsPythonDoes() throws IOException {
    List<Message> chat =
        List.of(
            new Message("system", " Be 'kind'. "),
            Message.user("Hi \ud83d\ude00 a\nb"),
            new Message("assistant", "It's \"ok\"\\ </think> x"));
    JsonNode lines =
        JsonLines.MAPPER.readTree(ChatTemplateTest.class.getResourceAsStream("jinja.json"));
    assertThat(lines).hasSize(364);
    return StreamSupport.stream(lines.spliterator(), false)
        .map(
            line ->
                DynamicTest.dynamicTest(
                    line.get(0).textValue(),
                    () -> {
                      ChatTemplate template = template(line.get(0).textValue());
                      if (line.has(2) || line.get(1).isNull()) {
                        assertThatThrownBy(() -> template.render(chat, true))
                            .isInstanceOf(BadInput.class)
                            .hasMessageContaining(line.path(2).asText());
                      } else {
                        assertThat(template.render(chat, true)).isEqualTo(line.get(1).textValue());
                      }
                    }));
  }

  @Test
  void theDateIsTodayUnlessOneIsGiven() throws IOException {
    String today =
        LocalDate.now().format(DateTimeFormatter.ofPattern("dd MMM yyyy", Locale.ENGLISH));
    ChatTemplate dated = template("{{ strftime_now('%d %b %Y') }}");
    assertThat(dated.render(QUESTION, true)).isEqualTo(today);
    assertThat(dated.usesDate()).isTrue();
    assertThat(template("{# strftime_now #}").usesDate()).isFalse();
    // As Python's strftime formats it in the C locale.
    String format = "%a|%A|%b|%B|%d|%-d|%m|%y|%Y|%H|%M|%S";
    assertThat(
            template("{{ strftime_now('" + format + "') }}")
                .withDate(LocalDateTime.of(2024, 9, 5, 15, 4, 9, 1_000))
                .render(QUESTION, true))
        .isEqualTo("Thu|Thursday|Sep|September|05|5|09|24|2024|15|04|09");
    refused("{{ strftime_now('%q') }}", "line 1: strftime_now: %q is not supported");
    refused("{{ strftime_now('%c') }}", "line 1: strftime_now: %c is not supported");
  }

  @Test
  void refusalsNameTheLine() {
    refused("a\n{% if %}", "chat_template.jinja: line 2: unexpected");
    refused("a\n\n{{ x.y }}", "chat_template.jinja: line 3: 'x' is undefined");
    refused("{% macro f() %}\n\n{% endmacro %}\n{{ f() ~ x.y }}", "line 4: 'x' is undefined");
    refused("{{ raise_exception('roles') }}", "chat_template.jinja: roles");
  }

  @Test
  void templatesThatDoNotEndAreRefused() {
    String twice = "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x";
    refused("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "nested too deeply");
    refused(
        "{% for i in range(9999) %}{% for i in range(9999) %}{% endfor %}{% endfor %}", "steps");
    refused(twice + " ~ ns.x %}{% endfor %}", "longer than");
    refused("{{ " + "(".repeat(9_999) + "1" + ")".repeat(9_999) + " }}", "nested too deeply");
    refused("{{ 1" + " + 1".repeat(99_999) + " }}", "nested too deeply");
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
