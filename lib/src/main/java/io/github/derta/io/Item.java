package io.github.derta.io;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One record of any known shape. A text is null where the record holds null; a field that is
 * missing or holds no text is {@link BadInput} with its file and line.
 *
 * @param line the record and where it begins
 * @param shape what its fields mean
 * @param number of the record in its file, counted from 1, bad ones included
 * @param ownId the id that the file gives it, or null
 * @param place stands for the id of a record without one: its line
 */
public record Item(JsonLines.Line line, Shape shape, long number, String ownId, String place) {

  private static final Set<String> USERS = Set.of("user", "human", "prompter");
  private static final Set<String> SYSTEM = Set.of("system", "developer");
  private static final Set<String> MODELS =
      Set.of("assistant", "gpt", "chatgpt", "model", "bot", "bing", "bard");

  /** {@return its id, or where it begins} */
  public String id() {
    return ownId == null ? place : ownId;
  }

  /**
   * {@return a text}
   *
   * @param role what it is; a prompt that is not known is the question
   */
  public String text(Role role) {
    List<String> texts = texts(role);
    String text = texts.isEmpty() ? null : texts.get(0);
    if (role == Role.QUESTION && text != null) {
      String context = column("context"); // joined as HarmBench does, and as Alpaca's input
      String input = column("input");
      return (context.isBlank() ? "" : context + "\n\n---\n\n")
          + text
          + (input.isBlank() ? "" : "\n" + input)
          + options();
    }
    if (role != Role.PROMPT) {
      return text;
    }
    String question = text(Role.QUESTION);
    String placeholder = shape.row().getOrDefault("placeholder", "\0");
    return text == null ? question : text.replace(placeholder, Objects.toString(question, ""));
  }

  /** The options under a question of several: a line {@code (A) ...} for each. */
  private String options() {
    String path = shape.row().get("options");
    List<JsonNode> nodes = path == null ? List.of() : Shape.nodes(line.value(), path);
    StringBuilder options = new StringBuilder();
    for (int i = 0; i < nodes.size(); i++) {
      String option = Objects.toString(text(nodes.get(i), Role.QUESTION, path), "");
      options.append("\n(%c) %s".formatted('A' + i, option));
    }
    return options.toString();
  }

  /** {@return the right answer; of options the letter, where the record has its index} */
  public String rightAnswer() {
    JsonNode answer = line.value().path("answer");
    boolean index = shape.row().containsKey("options") && answer.isInt();
    return index ? String.valueOf((char) ('A' + answer.intValue())) : line.text("answer");
  }

  /**
   * {@return all texts that are not null}
   *
   * @param role what they are
   */
  public List<String> texts(Role role) {
    List<JsonNode> nodes = shape.nodes(line.value(), role);
    String path = Objects.requireNonNullElse(shape.path(role), "");
    if (nodes == null && role != Role.REJECTED && role != Role.PROMPT) {
      throw bad(path, "missing");
    }
    return Stream.ofNullable(nodes)
        .flatMap(List::stream)
        .map(node -> text(node, role, path))
        .filter(Objects::nonNull)
        .toList();
  }

  /**
   * {@return whether one of these texts is null or blank}
   *
   * @param roles what they are
   */
  public boolean isBlank(Role... roles) {
    return Stream.of(roles).map(this::text).anyMatch(text -> text == null || text.isBlank());
  }

  /** {@return what a chat's system says; empty if nothing} */
  public String system() {
    return chats()
        .flatMap(JsonNode::valueStream)
        .filter(turn -> SYSTEM.contains(speaker(turn)))
        .map(turn -> text(content(turn), Role.QUESTION, "content"))
        .filter(Objects::nonNull)
        .distinct()
        .collect(Collectors.joining("\n\n"));
  }

  /** {@return whether a chat has turns before its last question} */
  public boolean hasEarlierTurns() {
    return chats()
        .map(
            chat -> chat.valueStream().map(Item::speaker).filter(s -> !SYSTEM.contains(s)).toList())
        .anyMatch(
            speakers -> {
              long users = speakers.stream().filter(USERS::contains).count();
              return users > 1 || speakers.size() - users > 1;
            });
  }

  /** The chats that hold the question and the answer to learn. */
  private Stream<JsonNode> chats() {
    return Stream.of(Role.QUESTION, Role.LEARNED)
        .map(role -> shape.nodes(line.value(), role))
        .flatMap(Stream::ofNullable)
        .flatMap(List::stream)
        .filter(Item::isChat);
  }

  private String column(String name) {
    String path = shape.row().get(name);
    List<JsonNode> nodes = path == null ? null : Shape.nodes(line.value(), path);
    String text = nodes == null ? null : text(nodes.get(0), Role.QUESTION, path);
    return Objects.requireNonNullElse(text, "");
  }

  /** The text of a string, a message, its parts, or a chat's last turn of the role's speaker. */
  private String text(JsonNode node, Role role, String path) {
    if (node.isNull()) {
      return null;
    }
    if (isChat(node)) {
      boolean asks = role == Role.QUESTION || role == Role.PROMPT;
      List<JsonNode> turns = new ArrayList<>(node.valueStream().toList());
      while (asks && !turns.isEmpty() && !USERS.contains(speaker(turns.get(turns.size() - 1)))) {
        turns.remove(turns.size() - 1);
      }
      JsonNode last = turns.isEmpty() ? null : turns.get(turns.size() - 1);
      boolean speaks = last != null && (asks || MODELS.contains(speaker(last)));
      return speaks ? message(last, role, path) : null;
    }
    if (node.isObject() && content(node) != node) {
      return message(node, role, path);
    }
    if (node.isArray() && node.path(0).isObject()) {
      return node.valueStream()
          .map(
              part ->
                  part.has("text")
                      ? text(part.get("text"), role, path)
                      : thought(part.path("reasoning"), role)) // pictures have neither
          .filter(Objects::nonNull)
          .collect(Collectors.joining("\n"));
    }
    if (!node.isTextual()) {
      throw bad(path, Shape.kind(node));
    }
    return line.whole(node, path);
  }

  private String message(JsonNode message, Role role, String path) {
    String thought = thought(message.path("reasoning_content"), role);
    String text = text(content(message), role, path);
    return thought == null ? text : thought + Objects.toString(text, "");
  }

  /** What a model thought before its answer, marked as models mark it; null if there is nothing. */
  private static String thought(JsonNode node, Role role) {
    return role == Role.ANSWER && node.isTextual() && !node.textValue().isBlank()
        ? "<think>" + node.textValue() + "</think>"
        : null;
  }

  private BadInput bad(String path, String problem) {
    String field = path.replaceAll("[.|].*", "");
    return line.bad("field \"" + field + "\" is " + problem + "; a string is needed");
  }

  private static boolean isChat(JsonNode node) {
    return node.isArray() && !node.isEmpty() && !speaker(node.get(0)).isEmpty();
  }

  private static String speaker(JsonNode turn) {
    return turn.path("role").asText(turn.path("from").asText(""));
  }

  private static JsonNode content(JsonNode message) {
    return Stream.of("turns", "content", "value", "text")
        .map(message::get)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(message);
  }

  /** 64 bits of the texts, by which records that repeat others are found. */
  long fingerprint() {
    long hash = 1469598103934665603L;
    for (Role role : Role.values()) {
      List<JsonNode> nodes = shape.nodes(line.value(), role);
      for (JsonNode node : nodes == null ? List.<JsonNode>of() : nodes) {
        String text = node.isTextual() ? node.textValue() : node.toString();
        for (int i = 0; i < text.length(); i++) {
          hash = (hash ^ text.charAt(i)) * 1099511628211L; // FNV-1a
        }
      }
      hash = (hash ^ 0xFFFF) * 1099511628211L;
    }
    return hash;
  }
}
