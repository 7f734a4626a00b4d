package io.github.derta.attack;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.derta.io.BadInput;
import io.github.derta.model.Decoding;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.Prompt;
import io.github.derta.text.ChatTemplate.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * PAIR's attacker as a model. Each stream is a conversation: our order, then by turns a JSON object
 * with "improvement" and "prompt", and what came of it.
 */
final class ModelAttacker implements PairAttacker {

  /** How often a stream is asked for JSON until it keeps its last prompt. */
  private static final int TRIES = 5;

  private static final int TOKENS = 384;
  private static final double TEMPERATURE = 1;
  private static final double TOP_P = 0.9;

  private static final String ORDER = Texts.resource("pair-attacker.txt").strip();
  private static final String FEEDBACK = Texts.resource("pair-feedback.txt").strip();

  /** Models leave line ends in strings as they are. */
  private static final JsonMapper LENIENT =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS).build();

  private final LanguageModel model;
  private final int turns;
  private final long seed;

  ModelAttacker(LanguageModel model, int turns, long seed) {
    this.model = model;
    this.turns = turns;
    this.seed = seed;
  }

  @Override
  public String name() {
    return model.name();
  }

  @Override
  public String origin() {
    return "written by " + model.name();
  }

  @Override
  public String hash() {
    return Texts.hash(ORDER + FEEDBACK);
  }

  @Override
  public List<String> prompts(Question question, List<List<Try>> streams, SearchLog.Search search) {
    String[] prompts = new String[streams.size()];
    List<Prompt> asked =
        streams.stream().map(stream -> conversation(question, stream, search)).toList();
    for (int i = 0; i < TRIES; i++) {
      List<Integer> open =
          IntStream.range(0, prompts.length).filter(row -> prompts[row] == null).boxed().toList();
      if (open.isEmpty()) {
        break;
      }
      Decoding decoding =
          new Decoding(TOKENS, TEMPERATURE, TOP_P, seed + search.calls(), List.of());
      List<String> written =
          search.complete("attacker", model, open.stream().map(asked::get).toList(), decoding);
      for (int row = 0; row < open.size(); row++) {
        prompts[open.get(row)] = prompt(written.get(row)).orElse(null);
      }
    }
    for (int row = 0; row < prompts.length; row++) {
      if (prompts[row] == null) {
        search.note("stream %d: no JSON in %d tries; its last prompt again".formatted(row, TRIES));
        prompts[row] = last(question, streams.get(row));
      }
    }
    return List.of(prompts);
  }

  private static String last(Question question, List<Try> stream) {
    return stream.isEmpty() ? question.text() : stream.get(stream.size() - 1).prompt();
  }

  /** The last turns, as many of them as leave room for an answer. */
  private Prompt conversation(Question question, List<Try> stream, SearchLog.Search search) {
    int from = Math.max(0, stream.size() - turns);
    double share = 1;
    while (true) {
      Prompt prompt = conversation(question, stream.subList(from, stream.size()), share);
      OptionalInt room = model.room(prompt);
      if (room.isEmpty() || room.getAsInt() >= TOKENS) {
        return prompt;
      }
      if (from < stream.size() - 1) {
        from++;
        search.note("the attacker's conversation lost a turn, to fit its context");
      } else if (!stream.isEmpty() && share > 0.01) {
        share /= 2;
        search.note("the attacker saw half of a response, to fit its context");
      } else {
        throw new BadInput(
            "%s: its context leaves %d tokens for a prompt; an attacker needs %d"
                .formatted(model.name(), room.getAsInt(), TOKENS));
      }
    }
  }

  private static Prompt conversation(Question question, List<Try> stream, double share) {
    List<Message> said = new ArrayList<>();
    String text = ORDER.replace(Texts.QUESTION, question.text());
    for (Try one : stream) {
      said.add(Message.user(text));
      said.add(new Message("assistant", json(one.prompt())));
      String response = one.response().substring(0, (int) (one.response().length() * share));
      text =
          Texts.fill(
              FEEDBACK,
              "question",
              question.text(),
              "response",
              response,
              "score",
              "" + one.score());
    }
    return Prompt.chat(text).after(said);
  }

  private static String json(String prompt) {
    return LENIENT.createObjectNode().put("improvement", "").put("prompt", prompt).toString();
  }

  /** The prompt of the JSON object in a text. */
  static Optional<String> prompt(String written) {
    int begin = written.indexOf('{');
    int end = written.lastIndexOf('}');
    if (begin < 0 || end < begin) {
      return Optional.empty();
    }
    try {
      JsonNode object = LENIENT.readTree(written.substring(begin, end + 1));
      return object.path("improvement").isTextual() && object.path("prompt").isTextual()
          ? Optional.of(object.get("prompt").textValue().strip()).filter(text -> !text.isEmpty())
          : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
