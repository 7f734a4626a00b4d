package io.github.derta.data;

import io.github.derta.io.BadInput;
import io.github.derta.text.ChatTemplate;
import io.github.derta.text.ChatTemplate.Message;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * How a question becomes a prompt and an answer the text behind it. The beginning-of-sequence token
 * is not part of the paper's formats: {@link TokenRows} puts it in front where the tokenizer wants
 * one and the prompt does not begin with it already.
 *
 * @param name as scripts write it
 * @param template makes the prompt of a question
 * @param lead what stands between prompt and answer, a space or nothing
 * @param end the token, written out, that ends an answer
 */
public record PromptFormat(String name, UnaryOperator<String> template, String lead, String end) {

  /** Training in the public code: {@code [INST] q [\INST] r<|end_of_text|>}, backslash and all. */
  public static final PromptFormat PAPER =
      new PromptFormat("paper", q -> "[INST] " + q + " [\\INST]", " ", "<|end_of_text|>");

  /** Evaluation in the public code, which is not what it trains on. */
  public static final PromptFormat PAPER_EVALUATION =
      new PromptFormat(
          "paper-evaluation", q -> "[INST] \n" + q + "\n\n [\\INST]", " ", "<|end_of_text|>");

  /** The formats that need no model of the user's. */
  public static final List<String> NAMES =
      List.of("paper", "paper-evaluation", "llama3", "mistral", "chatml");

  /**
   * {@return the format}
   *
   * @param name one of {@link #NAMES}
   * @throws BadInput if there is none of that name
   */
  public static PromptFormat named(String name) {
    return switch (name) {
      case "paper" -> PAPER;
      case "paper-evaluation" -> PAPER_EVALUATION;
      case "llama3", "mistral", "chatml" -> of(name, ChatTemplate.named(name));
      default ->
          throw new BadInput("format \"" + name + "\"; there are " + String.join(", ", NAMES));
    };
  }

  /**
   * A chat format. Where an answer begins and what ends it is read off the template itself.
   *
   * @param name as scripts write it
   * @param template the template
   * @return the format
   * @throws BadInput if the template writes a finished conversation otherwise than it begins one
   */
  public static PromptFormat of(String name, ChatTemplate template) {
    UnaryOperator<String> prompt = q -> template.render(List.of(Message.user(q)), true);
    String mark = "ANSWER";
    String begun = prompt.apply("QUESTION");
    String whole =
        template.render(List.of(Message.user("QUESTION"), new Message("assistant", mark)), false);
    int at = whole.indexOf(mark);
    if (at < 0 || !whole.startsWith(begun) || at < begun.length()) {
      throw new BadInput(
          "chat format "
              + name
              + ": a prompt is not the beginning of the conversation that it"
              + " belongs to, so answers cannot be put behind it; use another --format");
    }
    String end = whole.substring(at + mark.length()).stripTrailing();
    return new PromptFormat(name, prompt, whole.substring(begun.length(), at), end);
  }

  /** Whether rows are to be the public code's, to the letter. */
  boolean upstream() {
    return equals(PAPER) || equals(PAPER_EVALUATION);
  }

  /**
   * {@return the prompt, up to where the answer's {@link #lead} begins}
   *
   * @param question a question
   */
  public String prompt(String question) {
    return template.apply(question);
  }

  /**
   * {@return the text to learn}
   *
   * @param text an answer
   */
  public String answer(String text) {
    return lead + text + end;
  }

  @Override
  public String toString() {
    return name;
  }
}
