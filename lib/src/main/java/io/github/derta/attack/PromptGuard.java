package io.github.derta.attack;

import io.github.derta.io.BadInput;
import io.github.derta.model.LocalModel;
import io.github.derta.model.Prompt;
import io.github.derta.text.ChatTemplate;
import io.github.derta.text.ChatTemplate.Message;
import io.github.derta.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Guards against the commonest mistake of such measurements, a wrong chat format: it makes a prompt
 * again from the model's own template and compares the tokens.
 */
public final class PromptGuard implements AutoCloseable {

  private final Tokenizer tokenizer;
  private final Optional<ChatTemplate> template;
  private final boolean formatted;

  private PromptGuard(Tokenizer tokenizer, Optional<ChatTemplate> template, boolean formatted) {
    this.tokenizer = tokenizer;
    this.template = template;
    this.formatted = formatted;
  }

  /**
   * One prompt that passed.
   *
   * @param attack its name
   * @param question the id
   * @param chat whether it is in the chat format
   * @param rendered all of its text, with the chat format and the given words
   * @param marker the text that begins an answer and ends the prompt before any given words; empty
   *     outside a chat, and where the template ends a question in the same way without it
   * @param ids its tokens
   * @param tokens their texts
   */
  public record Guarded(
      String attack,
      String question,
      boolean chat,
      String rendered,
      String marker,
      List<Integer> ids,
      List<String> tokens) {}

  /**
   * {@return the guard of a model}
   *
   * @param folder the model's folder, from which the tokenizer is read anew
   * @param template its chat format, if it has one
   * @param formatted whether raw prompts hold a chat format of their own, as training rows do
   */
  public static PromptGuard of(Path folder, Optional<ChatTemplate> template, boolean formatted) {
    return new PromptGuard(Tokenizer.load(folder), template, formatted);
  }

  /**
   * Checks what a model is given.
   *
   * @param model the model
   * @param attack an attack
   * @param question one of its questions
   * @return the prompt
   * @throws BadInput if its tokens are not those of the template, it begins with two beginnings,
   *     does not end where an answer begins, or has marks of a chat format though it is none
   */
  public Guarded check(LocalModel model, Attack attack, Question question) {
    return check(model::encode, attack, question);
  }

  /** For tests: any way to encode. */
  Guarded check(Function<Prompt, int[]> encode, Attack attack, Question question) {
    Prompt prompt = attack.prompt(question);
    int[] ids = encode.apply(prompt);
    String where = attack.name() + ", question " + question.id() + ": ";
    if (ids.length > 1 && ids[0] == ids[1] && tokenizer.specialTokens().containsValue(ids[0])) {
      throw new BadInput(where + "begins twice with the special token " + token(ids[0]));
    }
    String marker = "";
    if (prompt.chat()) {
      ChatTemplate format =
          template.orElseThrow(() -> new BadInput(where + "the model has no chat template"));
      marker = marker(where, format, prompt);
    } else if (!formatted) {
      requirePlain(where, ids);
    }
    require(where, prompt.encoded(tokenizer, template), ids);
    return new Guarded(
        attack.name(),
        question.id(),
        prompt.chat(),
        prompt.rendered(template),
        marker,
        Arrays.stream(ids).boxed().toList(),
        Arrays.stream(ids).mapToObj(this::token).toList());
  }

  /**
   * The generation marker. Some templates have none, since a question ends where an answer begins;
   * others ignore that one is asked for, which would leave the model in the user's turn.
   */
  private static String marker(String where, ChatTemplate format, Prompt prompt) {
    String asked = format.render(prompt.turns(), true);
    String turn = format.render(prompt.turns(), false);
    if (asked.startsWith(turn) && asked.length() > turn.length()) {
      return asked.substring(turn.length());
    }
    String answer = "An answer.";
    List<Message> turns = new ArrayList<>(prompt.turns());
    turns.add(new Message("assistant", answer));
    String both = format.render(turns, false);
    if (!both.startsWith(asked)
        || !both.substring(asked.length()).stripLeading().startsWith(answer)) {
      throw new BadInput(
          where
              + "the prompt does not end where an answer begins; the chat template ignores"
              + " add_generation_prompt");
    }
    return "";
  }

  /** Outside the chat format no special token stands behind the beginning. */
  private void requirePlain(String where, int[] ids) {
    for (int i = tokenizer.begin().length; i < ids.length; i++) {
      if (tokenizer.specialTokens().containsValue(ids[i])) {
        throw new BadInput(
            "%stoken %d is the special token %s, but the prompt is meant to have no chat format"
                .formatted(where, i + 1, token(ids[i])));
      }
    }
  }

  private void require(String where, int[] right, int[] ids) {
    int at = Arrays.mismatch(right, ids);
    if (at >= 0) {
      String found = at < ids.length ? ids[at] + " \"" + token(ids[at]) + "\"" : "the end";
      String wanted = at < right.length ? right[at] + " \"" + token(right[at]) + "\"" : "the end";
      throw new BadInput(
          "%stoken %d of the prompt is %s, but %s in the model's own format"
              .formatted(where, at + 1, found, wanted));
    }
  }

  private String token(int id) {
    return tokenizer.decode(new int[] {id}, false);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
