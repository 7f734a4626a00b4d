package io.github.derta.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.io.Resources;
import io.github.derta.jinja.Jinja;
import io.github.derta.jinja.PythonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Turns a conversation into the text that a chat model was trained on, as transformers'
 * apply_chat_template does. What a template begins with is in the text, a begin token included;
 * {@link Tokenizer#encode} adds no second one.
 */
public final class ChatTemplate {

  /** Templates for models whose folder holds none. */
  public static final List<String> NAMES =
      List.of("chatml", "llama3", "mistral", "paper", "paper-evaluation");

  /** As transformers marks where an answer is to be continued. */
  private static final String MARK = "CONTINUE_FINAL_MESSAGE_TAG ";

  private final String source;
  private final String jinja;
  private final Map<String, String> specialTokens;
  private final LocalDateTime date;
  private Jinja parsed;

  private ChatTemplate(
      String source, String jinja, Map<String, String> specialTokens, LocalDateTime date) {
    this.source = source;
    this.jinja = jinja;
    this.specialTokens = specialTokens;
    this.date = date;
  }

  /**
   * One turn of a conversation.
   *
   * @param role {@code system}, {@code user} or {@code assistant}
   * @param content what was said
   */
  public record Message(String role, String content) {

    /**
     * Refuses other roles: tools are not supported.
     *
     * @param role {@code system}, {@code user} or {@code assistant}
     * @param content what was said
     */
    public Message {
      if (!List.of("system", "user", "assistant").contains(role)) {
        throw new BadInput("role \"" + role + "\"; supported are system, user, assistant");
      }
    }

    /**
     * A question.
     *
     * @param content what the user says
     * @return the turn
     */
    public static Message user(String content) {
      return new Message("user", content);
    }

    private Map<String, String> fields() {
      Map<String, String> fields = new LinkedHashMap<>();
      fields.put("role", role);
      fields.put("content", content);
      return fields;
    }
  }

  /**
   * Reads a model's own template: {@code chat_template.jinja}, or {@code chat_template} in {@code
   * tokenizer_config.json}, a text or a list of which {@code default} is taken.
   *
   * @param folder a model's folder as Hugging Face has it
   * @return its template; without one that of the environment variable DERTA_FORMAT
   * @throws BadInput if there is neither, or a file cannot be read
   */
  public static ChatTemplate load(Path folder) {
    return find(folder)
        .or(() -> Optional.ofNullable(System.getenv("DERTA_FORMAT")).map(name -> of(name, folder)))
        .orElseThrow(
            () ->
                new BadInput(
                    folder
                        + ": no chat template in chat_template.jinja or tokenizer_config.json;"
                        + " use raw prompts, or choose a format (--chat-format, DERTA_FORMAT, a recipe): a Jinja file or one of "
                        + String.join(", ", NAMES)));
  }

  /**
   * Reads a model's own template if it has one.
   *
   * @param folder a model's folder as Hugging Face has it
   * @return its template, or empty for a model that does not chat
   * @throws BadInput if a file cannot be read
   */
  public static Optional<ChatTemplate> find(Path folder) {
    JsonNode config = json(folder.resolve("tokenizer_config.json"));
    Map<String, String> tokens = tokens(folder);
    Path file = folder.resolve("chat_template.jinja");
    if (Files.isRegularFile(file)) {
      return Optional.of(new ChatTemplate(file.toString(), text(file), tokens, null));
    }
    JsonNode template = config.path("chat_template");
    for (JsonNode named : template) {
      if (named.path("name").asText().equals("default")) {
        template = named.path("template");
      }
    }
    String source = folder.resolve("tokenizer_config.json") + ": chat_template";
    return template.isTextual()
        ? Optional.of(new ChatTemplate(source, template.textValue(), tokens, null))
        : Optional.empty();
  }

  /**
   * A template of one's choice, for a model whose folder has none.
   *
   * @param format one of {@link #NAMES}, or a Jinja file
   * @param folder the model's, for its special tokens
   * @return the template
   * @throws BadInput if there is none of that name, or a file cannot be read
   */
  public static ChatTemplate of(String format, Path folder) {
    if (!NAMES.contains(format) && Files.isRegularFile(Path.of(format))) {
      return new ChatTemplate(format, text(Path.of(format)), tokens(folder), null);
    }
    return new ChatTemplate("format " + format, builtIn(format), tokens(folder), null);
  }

  /**
   * A template that comes with this library.
   *
   * @param name one of {@link #NAMES}
   * @return the template, without the special tokens of a model
   * @throws BadInput if there is none of that name
   */
  public static ChatTemplate named(String name) {
    return new ChatTemplate("template " + name, builtIn(name), Map.of(), null);
  }

  private static String builtIn(String name) {
    if (!NAMES.contains(name)) {
      throw new BadInput(
          "no chat template \"" + name + "\"; there are " + String.join(", ", NAMES));
    }
    return Resources.text(ChatTemplate.class, name + ".jinja");
  }

  /** {@return the template itself, as {@code chat_template.jinja} holds it} */
  public String jinja() {
    return jinja;
  }

  /**
   * Returns a copy that takes this date for today, so that a run can be repeated on another day.
   *
   * @param date what the template's {@code strftime_now} formats; without it, now
   * @return the same template with this date
   */
  public ChatTemplate withDate(LocalDateTime date) {
    return new ChatTemplate(source, jinja, specialTokens, date);
  }

  /**
   * Whether the template asks for today's date, {@code strftime_now}.
   *
   * @return whether what it renders depends on the day
   * @throws BadInput if the template cannot be read
   */
  public boolean usesDate() {
    try {
      return parsed().usesDate();
    } catch (BadInput e) {
      throw new BadInput(source + ": " + e.getMessage(), e);
    }
  }

  /**
   * Renders a conversation.
   *
   * @param messages its turns in order
   * @param beginAnswer whether the text ends where the assistant's answer begins
   * @return the text to encode
   * @throws BadInput if the template refuses the conversation (roles that do not alternate, say) or
   *     needs what is not supported
   */
  public String render(List<Message> messages, boolean beginAnswer) {
    Map<String, Object> variables = new HashMap<>(specialTokens);
    variables.put("messages", messages.stream().map(Message::fields).toList());
    variables.put("tools", null);
    variables.put("documents", null);
    variables.put("add_generation_prompt", beginAnswer);
    try {
      return parsed().render(variables, date == null ? LocalDateTime.now() : date);
    } catch (BadInput e) {
      throw new BadInput(source + ": " + e.getMessage(), e);
    }
  }

  /**
   * Renders a conversation up to where the model is to continue, as transformers does with {@code
   * add_generation_prompt}, or with {@code continue_final_message} where the answer has begun.
   *
   * @param messages its turns, the user's last
   * @param prefill the beginning of the answer; blanks at its end are lost where the template
   *     strips an answer; empty: none
   * @return the text to encode
   * @throws BadInput as {@link #render}, and if the template does not show the answer
   */
  public String begin(List<Message> messages, String prefill) {
    if (prefill.isEmpty()) {
      return render(messages, true);
    }
    List<Message> all = new ArrayList<>(messages);
    all.add(new Message("assistant", prefill + MARK));
    String rendered = render(all, false);
    int at = rendered.lastIndexOf(MARK.strip());
    String begun = at < 0 ? "" : rendered.substring(0, at);
    if (!begun.contains(PythonText.strip(prefill, null, true, true))) {
      throw new BadInput(source + ": the template does not show an answer that has begun");
    }
    // A template that strips answers has taken the blank behind the mark.
    return rendered.startsWith(MARK, at) ? begun : PythonText.strip(begun, null, false, true);
  }

  /** The template, read when it is first used: a model may be used without it. */
  private synchronized Jinja parsed() {
    if (parsed == null) {
      parsed = Jinja.parse(jinja);
    }
    return parsed;
  }

  private static Map<String, String> tokens(Path folder) {
    Map<String, String> tokens = new HashMap<>();
    putTokens(json(folder.resolve("special_tokens_map.json")), tokens);
    putTokens(json(folder.resolve("tokenizer_config.json")), tokens);
    return tokens;
  }

  private static void putTokens(JsonNode json, Map<String, String> tokens) {
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      JsonNode token = field.getValue();
      // A string, or an object that says how the token is cut out of a text.
      JsonNode content = token.isObject() ? token.path("content") : token;
      if (field.getKey().endsWith("_token") && content.isTextual()) {
        tokens.put(field.getKey(), content.textValue());
      }
    }
  }

  /** The object of a file that may be missing. */
  static JsonNode json(Path file) {
    return Files.isRegularFile(file) ? JsonLines.object(file) : MissingNode.getInstance();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new BadInput(file + ": cannot be read as UTF-8 (" + e.getMessage() + ")", e);
    }
  }
}
