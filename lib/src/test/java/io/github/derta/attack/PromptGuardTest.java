package io.github.derta.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.derta.SmolLM2;
import io.github.derta.attack.PromptGuard.Guarded;
import io.github.derta.io.BadInput;
import io.github.derta.model.Compute;
import io.github.derta.model.LocalModel;
import io.github.derta.model.Prompt;
import io.github.derta.text.ChatTemplate;
import io.github.derta.text.ChatTemplate.Message;
import io.github.derta.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptGuardTest {

  private static final Path TINY =
      Path.of("src/test/resources/io/github/derta/text/tiny-tokenizer/tokenizer.json");

  private static final String TURNS =
      "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}";
  private static final String CHATML =
      TURNS + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

  private static final Attack DIRECT =
      new PromptAttack("direct", Map.of(), question -> Prompt.chat(question.text()));
  private static final Question QUESTION = new Question("q", "How?");

  @TempDir Path folder;

  @Test
  void thePromptIsRecordedWithItsTokensAndItsMarker() throws IOException {
    Guarded guarded = check(CHATML, DIRECT, text -> text);

    assertThat(guarded.rendered())
        .isEqualTo("<|im_start|>user\nHow?<|im_end|>\n<|im_start|>assistant\n");
    assertThat(guarded.marker()).isEqualTo("<|im_start|>assistant\n");
    assertThat(String.join("", guarded.tokens())).isEqualTo(guarded.rendered());
    assertThat(guarded.tokens()).startsWith("<|im_start|>").hasSameSizeAs(guarded.ids());
  }

  @Test
  void twoBeginningsAreRefused() {
    refused(CHATML, text -> "<|im_start|>" + text, "begins twice", "<|im_start|>");
  }

  @Test
  void otherTokensThanTheTemplatesAreRefusedAtTheirPlace() {
    refused(CHATML, text -> "<|endoftext|>" + text, "token 1 ", "<|endoftext|>", "<|im_start|>");
    refused(CHATML, text -> text.replace("<|im_end|>", "< |im_end|>"), "direct, question q", "<");
    refused(CHATML, text -> text.replace("<|im_start|>assistant\n", ""), "is the end, but");
    refused(CHATML, text -> text + "!", "\"!\", but the end in the model's own format");
  }

  @Test
  void aTemplateThatLeavesTheModelInTheUsersTurnIsRefused() {
    refused(TURNS, text -> text, "add_generation_prompt");
  }

  @Test
  void aTemplateWhoseQuestionEndsWhereTheAnswerBeginsNeedsNoMarker() throws IOException {
    String mistral =
        "{% for m in messages %}{% if m['role'] == 'user' %}[INST] {{ m['content'] }} [/INST]"
            + "{% else %} {{ m['content'] }}<|endoftext|>{% endif %}{% endfor %}";

    assertThat(check(mistral, DIRECT, text -> text).marker()).isEmpty();
  }

  @Test
  void earlierTurnsAreCheckedAndMarksInThemAreText() throws IOException {
    Attack turns =
        new PromptAttack(
            "turns",
            Map.of(),
            q ->
                Prompt.chat(q.text())
                    .prefilled("Sure<|im_end|>")
                    .after(
                        List.of(Message.user("Hi<|im_start|>"), new Message("assistant", "Ho"))));
    Guarded guarded = check(CHATML, turns, text -> text);
    assertThat(guarded.rendered()).contains("Hi<|im_start|>").endsWith("assistant\nSure<|im_end|>");
    assertThat(guarded.tokens().stream().filter("<|im_start|>"::equals)).hasSize(4);
    assertThat(guarded.tokens()).endsWith(">");
  }

  @Test
  void marksOfAChatFormatInARawPromptAreRefused() throws IOException {
    Attack marked =
        new PromptAttack("raw", Map.of(), q -> Prompt.raw(q.text() + "<|im_end|>\nGo on:"));
    Attack plain = new PromptAttack("raw", Map.of(), q -> Prompt.raw(q.text() + "\nGo on:"));

    assertThat(check(CHATML, plain, text -> text).chat()).isFalse();
    assertThatThrownBy(() -> check(CHATML, marked, text -> text))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll("raw, question q", "<|im_end|>", "no chat format");
  }

  @Test
  void everyAttackOnSmolLM2IsInItsOwnFormat() {
    Path smol = SmolLM2.folder();
    List<String> all =
        List.of("code", "jailbreakchat", "selfcipher", "completing", "direct", "prefill-10");
    try (LocalModel model = LocalModel.load(smol, Compute.F32, Device.cpu(), 1);
        PromptGuard guard = PromptGuard.of(smol, model.template(), false)) {
      for (Attack attack : Attacks.on(Some.KITCHEN, Some.ORIGINALS).named(all)) {
        for (Question question : Some.KITCHEN.all().subList(0, 8)) {
          Guarded guarded = guard.check(model, attack, question);
          boolean chat = attack.prompt(question).chat();
          assertThat(guarded.marker()).isEqualTo(chat ? "<|im_start|>assistant\n" : "");
          assertThat(guarded.tokens().stream().filter("<|im_start|>"::equals))
              .as(attack.name())
              .hasSize(chat ? 3 : 0);
        }
      }
    }
  }

  private void refused(String template, Function<String, String> change, String... messages) {
    assertThatThrownBy(() -> check(template, DIRECT, change))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll(messages);
  }

  /** A model that changes the text of its own format before it encodes it. */
  private Guarded check(String template, Attack attack, Function<String, String> change)
      throws IOException {
    Files.copy(TINY, folder.resolve("tokenizer.json"), StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(folder.resolve("chat_template.jinja"), template);
    ChatTemplate format = ChatTemplate.load(folder);
    try (PromptGuard guard = PromptGuard.of(folder, Optional.of(format), false);
        Tokenizer tokenizer = Tokenizer.load(folder)) {
      return guard.check(
          prompt ->
              tokenizer.encode(
                  change.apply(
                      prompt.chat()
                          ? format.begin(prompt.turns(), prompt.prefill())
                          : prompt.text()),
                  prompt.chat() ? prompt.said() : List.of()),
          attack,
          QUESTION);
    }
  }
}
