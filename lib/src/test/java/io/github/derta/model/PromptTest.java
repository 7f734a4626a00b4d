package io.github.derta.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.derta.text.ChatTemplate.Message;
import java.util.List;
import org.junit.jupiter.api.Test;

class PromptTest {

  @Test
  void aLogKeepsAllTurnsOfAConversation() {
    Prompt prompt = Prompt.chat("And soup?");
    assertThat(prompt.logged()).isEqualTo("And soup?");
    List<Message> before = List.of(Message.user("A pie?"), new Message("assistant", "No."));
    assertThat(prompt.after(before).logged())
        .isEqualTo("user: A pie?\n\nassistant: No.\n\nuser: And soup?");
  }
}
