package io.github.derta.model;

import io.github.derta.io.BadInput;
import io.github.derta.text.ChatTemplate;
import io.github.derta.text.ChatTemplate.Message;
import io.github.derta.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a model is to go on from.
 *
 * @param text raw text in which special tokens are recognised, or what the user says in a chat
 * @param chat whether the text is put into the model's chat format
 * @param prefill the first words of the answer, given to the model; not part of its completion
 * @param before what was said in the chat before that, the earliest first
 */
public record Prompt(String text, boolean chat, String prefill, List<Message> before) {

  /**
   * A text to go on from, as it stands.
   *
   * @param text the text
   * @return a prompt outside any chat format
   */
  public static Prompt raw(String text) {
    return new Prompt(text, false, "", List.of());
  }

  /**
   * A question in the model's chat format.
   *
   * @param question what the user says
   * @return a prompt that ends where the answer begins
   */
  public static Prompt chat(String question) {
    return new Prompt(question, true, "", List.of());
  }

  /**
   * The same with an answer begun.
   *
   * @param words the first words of the answer
   * @return a prompt that ends after them
   */
  public Prompt prefilled(String words) {
    return new Prompt(text, chat, words, before);
  }

  /**
   * The same at the end of a conversation.
   *
   * @param turns what was said before, the earliest first
   * @return a prompt in the chat format
   */
  public Prompt after(List<Message> turns) {
    return new Prompt(text, true, prefill, List.copyOf(turns));
  }

  /**
   * {@return the text that it becomes}
   *
   * @param template the model's chat format
   * @throws BadInput if a question is asked of a model without one
   */
  public String rendered(Optional<ChatTemplate> template) {
    if (!chat) {
      return text + prefill;
    }
    return template
        .orElseThrow(
            () ->
                new BadInput(
                    "the model has no chat template; choose a format (--chat-format, DERTA_FORMAT, format in a recipe), or give it raw text"))
        .begin(turns(), prefill);
  }

  /**
   * {@return the tokens that it becomes: of a chat those of the rendered conversation, in which
   * special tokens are the template's alone; of raw text with what the tokenizer adds}
   *
   * @param tokenizer the model's
   * @param template its chat format
   * @throws BadInput if a question is asked of a model without one
   */
  public int[] encoded(Tokenizer tokenizer, Optional<ChatTemplate> template) {
    String rendered = rendered(template);
    return chat ? tokenizer.encode(rendered, said()) : tokenizer.encodeRaw(rendered);
  }

  /** {@return all that is said in the chat, in order, a begun answer last} */
  public List<String> said() {
    List<String> said = new ArrayList<>(turns().stream().map(Message::content).toList());
    said.add(prefill);
    return said;
  }

  /** {@return what a log keeps: its text; of a conversation all turns, each behind its role} */
  public String logged() {
    return before.isEmpty()
        ? text
        : turns().stream()
            .map(turn -> turn.role() + ": " + turn.content())
            .collect(Collectors.joining("\n\n"));
  }

  /** {@return all turns of the chat, an answer that has begun not among them} */
  public List<Message> turns() {
    List<Message> turns = new ArrayList<>(before);
    turns.add(Message.user(text));
    return turns;
  }
}
