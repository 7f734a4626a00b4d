package io.github.derta.eval;

import ai.djl.engine.Engine;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.attack.Question;
import io.github.derta.io.BadInput;
import io.github.derta.io.Hashes;
import io.github.derta.io.JsonLines;
import io.github.derta.model.Decoding;
import io.github.derta.model.Prompt;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * All that decides a run's answers, {@code plan.json} in its folder. Judges do not belong to it:
 * another one may judge the same answers later.
 *
 * @param model who is asked
 * @param questions what is asked
 * @param attacks how, in order
 * @param decoding how the model chooses its words
 * @param versions of the kit and what it runs on
 */
public record Plan(
    Subject model,
    Asked questions,
    List<Planned> attacks,
    Decoding decoding,
    Map<String, String> versions) {

  /** Writes and reads a run's files: names as in {@code question_id}. */
  static final ObjectMapper MAPPER =
      JsonLines.MAPPER.copy().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);

  /**
   * Who is asked.
   *
   * @param name for tables
   * @param endpoint a server's address; null for a local model
   * @param compute type and place of the matrix products, such as {@code bf16 on cpu}; null for an
   *     endpoint
   * @param sha256 hash by file of a local model; null for an endpoint
   */
  public record Subject(String name, String endpoint, String compute, Map<String, String> sha256) {

    /** Files that decide what a model says. */
    private static final String DECIDING =
        ".*\\.safetensors|config\\.json|tokenizer\\.json|tokenizer_config\\.json|chat_template\\..*";

    /**
     * {@return a local model}
     *
     * @param name for tables
     * @param folder its files
     * @param compute type and place of the matrix products
     * @throws IOException if a file cannot be read
     */
    public static Subject local(String name, Path folder, String compute) throws IOException {
      Map<String, String> sha256 = new TreeMap<>();
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          String fileName = file.getFileName().toString();
          if (fileName.matches(DECIDING)) {
            sha256.put(fileName, Hashes.sha256(file));
          }
        }
      }
      return new Subject(name, null, compute, sha256);
    }
  }

  /**
   * What is asked.
   *
   * @param source its name in commands and tables
   * @param origin where it comes from
   * @param n how many are asked
   * @param sha256 of their ids and texts
   */
  public record Asked(String source, String origin, int n, String sha256) {

    /**
     * {@return questions to ask}
     *
     * @param source their name in commands and tables
     * @param origin where they come from
     * @param questions those that are asked
     * @throws BadInput if two have the same id
     */
    public static Asked of(String source, String origin, List<Question> questions) {
      requireDistinct(questions.stream().map(Question::id).toList(), "question");
      return new Asked(source, origin, questions.size(), hash(questions));
    }
  }

  /**
   * An attack.
   *
   * @param name its name
   * @param parameters its settings
   * @param n how many questions it asks
   * @param sha256 of all its prompts
   * @param example the first of them
   */
  public record Planned(
      String name, Map<String, Object> parameters, int n, String sha256, Example example) {}

  /**
   * What a model is given, to be looked at: a wrong chat format is the commonest mistake.
   *
   * @param prompt the attack's prompt
   * @param rendered the text that the model goes on from; null if a server makes it
   * @param tokens its token ids; null if a server makes them
   */
  public record Example(Prompt prompt, String rendered, int[] tokens) {}

  /** Shows what a model makes of a prompt. */
  @FunctionalInterface
  public interface Rendering {

    /**
     * {@return the text and tokens that the model goes on from}
     *
     * @param attack how it is asked
     * @param prompt what it is given
     */
    Example of(String attack, Prompt prompt);
  }

  /**
   * {@return the plan of a run}
   *
   * @param model who is asked
   * @param questions what is asked
   * @param attacks the prompts of each attack
   * @param rendering shows the first prompt of each
   * @param decoding how the model chooses its words
   * @throws BadInput if two attacks have the same name
   */
  public static Plan of(
      Subject model,
      Asked questions,
      List<List<Ask>> attacks,
      Rendering rendering,
      Decoding decoding) {
    requireDistinct(attacks.stream().map(asks -> asks.get(0).attack().name()).toList(), "attack");
    List<Planned> planned = new ArrayList<>();
    for (List<Ask> asks : attacks) {
      Ask first = asks.get(0);
      String name = first.attack().name();
      planned.add(
          new Planned(
              name,
              first.attack().parameters(),
              asks.size(),
              hash(asks.stream().map(ask -> Map.entry(ask.id(), ask.prompt())).toList()),
              rendering.of(name, first.prompt())));
    }
    return new Plan(model, questions, planned, decoding, versionsHere(model.endpoint() == null));
  }

  private static void requireDistinct(List<String> names, String what) {
    TreeSet<String> seen = new TreeSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw new BadInput(what + " \"" + name + "\" is there twice; each needs a name of its own");
      }
    }
  }

  private static String hash(Object value) {
    try {
      return Hashes.sha256(MAPPER.writeValueAsBytes(value));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> versionsHere(boolean local) {
    Map<String, String> versions = new LinkedHashMap<>();
    Properties kit = new Properties();
    try (InputStream in =
        Plan.class.getResourceAsStream("/META-INF/maven/io.github.derta/derta/pom.properties")) {
      if (in != null) { // only a jar has it
        kit.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    versions.put("derta", kit.getProperty("version", "not packaged"));
    if (local) {
      versions.put("djl", Engine.getDjlVersion());
      versions.put("pytorch", Engine.getEngine("PyTorch").getVersion());
    }
    versions.put("java", "" + Runtime.version().feature());
    return versions;
  }

  /**
   * {@return what differs, a line each: {@code key: old -> new}}
   *
   * @param other the new plan
   */
  public List<String> differences(Plan other) {
    Map<String, String> before = leaves();
    Map<String, String> after = other.leaves();
    TreeSet<String> keys = new TreeSet<>(before.keySet());
    keys.addAll(after.keySet());
    return keys.stream()
        .filter(key -> !Objects.equals(before.get(key), after.get(key)))
        .map(key -> key + ": " + before.get(key) + " -> " + after.get(key))
        .toList();
  }

  /** Every value by its place. An attack's place is its name; its example is only a hash. */
  private Map<String, String> leaves() {
    Map<String, String> leaves = new TreeMap<>();
    leaves.put("attacks", attacks.stream().map(Planned::name).toList().toString());
    JsonNode all = MAPPER.valueToTree(this);
    all.properties().stream()
        .filter(field -> !field.getKey().equals("attacks"))
        .forEach(field -> flatten(field.getKey(), field.getValue(), leaves));
    for (JsonNode attack : all.get("attacks")) {
      ((ObjectNode) attack).put("example", hash(attack.get("example")));
      flatten("attacks." + attack.get("name").textValue(), attack, leaves);
    }
    return leaves;
  }

  private static void flatten(String key, JsonNode value, Map<String, String> leaves) {
    if (value.isObject()) {
      value
          .properties()
          .forEach(field -> flatten(key + "." + field.getKey(), field.getValue(), leaves));
    } else {
      leaves.put(key, value.toString());
    }
  }
}
