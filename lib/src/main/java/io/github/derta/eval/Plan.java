package io.github.derta.eval;

import ai.djl.engine.Engine;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.github.derta.attack.PromptGuard.Guarded;
import io.github.derta.attack.Question;
import io.github.derta.attack.Questions;
import io.github.derta.io.Hashes;
import io.github.derta.io.JsonLines;
import io.github.derta.model.Decoding;
import io.github.derta.model.ModelFolder;
import io.github.derta.model.Prompt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * All that decides a run's answers, {@code plan.json} in its folder. Judges do not belong to it:
 * another one may judge the same answers later.
 *
 * @param model who is asked
 * @param questions what is asked
 * @param attacks how, by name, in order
 * @param decoding how the model chooses its words
 * @param versions of the kit and what it runs on
 */
public record Plan(
    Subject model,
    Asked questions,
    Map<String, Planned> attacks,
    Decoding decoding,
    Map<String, String> versions) {

  /** Differences that make rates of two runs different things, by key. */
  private static final String COMPARED =
      "(questions|decoding)\\..*|attacks\\.[^.]*\\.parameters.*|model\\.where: \".* on .*\" -> \".* on .*";

  /** Writes and reads a run's files: names as in {@code question_id}, none left out. */
  static final ObjectMapper MAPPER =
      JsonLines.MAPPER
          .copy()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);

  /**
   * Who is asked.
   *
   * @param name for tables
   * @param where a server's address, or type and place of a local model's products: {@code bf16 on
   *     cpu}
   * @param sha256 hash by file of a local model; empty for a server's
   */
  public record Subject(String name, String where, Map<String, String> sha256) {

    /** {@return a local model; {@code adapter} is a folder or null} */
    public static Subject local(String name, Path folder, Path adapter, String where) {
      Map<String, String> sha256 = ModelFolder.hashes(folder);
      if (adapter != null) {
        ModelFolder.hashes(adapter).forEach((file, hash) -> sha256.put("adapter/" + file, hash));
      }
      return new Subject(name, where, sha256);
    }
  }

  /**
   * What is asked.
   *
   * @param source its name in commands and tables
   * @param origin where it comes from
   * @param n how many questions
   * @param sha256 of their ids and texts
   */
  public record Asked(String source, String origin, int n, String sha256) {

    public static Asked of(String source, String origin, List<Question> questions) {
      return new Asked(source, origin, questions.size(), hash(questions));
    }
  }

  /**
   * An attack.
   *
   * @param parameters its settings
   * @param n how many questions it asks; fewer than there are if some cannot be asked this way
   * @param sha256 of all its prompts
   * @param prompt the first of them
   * @param example what the model is given for it, checked; null if a server makes it
   */
  public record Planned(
      Map<String, Object> parameters, int n, String sha256, Prompt prompt, Guarded example) {

    public static Planned of(List<Ask> asks, Guarded example) {
      List<Prompt> prompts = asks.stream().map(Ask::prompt).toList();
      Map<String, Object> parameters = asks.get(0).attack().parameters();
      return new Planned(parameters, asks.size(), hash(prompts), prompts.get(0), example);
    }

    /** {@return where its prompts come from; {@code built-in} for this kit's own} */
    public String origin() {
      return String.valueOf(parameters.get("prompts"));
    }
  }

  /**
   * {@return versions of the kit, of Java, and for a local model of what it runs on; a run adds the
   * day that its chat format names, and a warning}
   *
   * @param local whether the model is a local one
   */
  public static Map<String, String> versions(boolean local) {
    Map<String, String> versions = new TreeMap<>();
    String kit = Plan.class.getPackage().getImplementationVersion();
    versions.put("derta", Objects.requireNonNullElse(kit, "not packaged"));
    versions.put("java", "" + Runtime.version().feature());
    if (local) {
      versions.put("djl", Engine.getDjlVersion());
      versions.put("pytorch", Engine.getEngine("PyTorch").getVersion());
    }
    return versions;
  }

  /** {@return whether questions and prompts are all this kit's own, which anybody may read} */
  public boolean readable() {
    return Questions.ours(questions.origin()) && builtIn();
  }

  /** Whether all prompts are this kit's own. */
  boolean builtIn() {
    return attacks.values().stream()
        .allMatch(attack -> attack.origin().matches("built-in( \\(.*\\))?"));
  }

  /** {@return what differs in the new plan, a line each: {@code key: old -> new}} */
  public List<String> differences(Plan other) {
    Map<String, String> before = leaves();
    Map<String, String> after = other.leaves();
    return Stream.concat(before.keySet().stream(), after.keySet().stream())
        .distinct()
        .sorted()
        .filter(key -> !Objects.equals(before.get(key), after.get(key)))
        .map(key -> key + ": " + before.get(key) + " -> " + after.get(key))
        .toList();
  }

  /**
   * {@return in what two runs differ that makes their rates different things, a line each: {@code
   * key: this -> other}; models are not among it, nor attacks that only one of them has}
   *
   * @param other another plan
   */
  public List<String> unlike(Plan other) {
    return differences(other).stream()
        .filter(line -> line.matches(COMPARED))
        .filter(line -> !line.endsWith("-> null") && !line.contains(": null -> "))
        .toList();
  }

  private Map<String, String> leaves() {
    Map<String, String> leaves = new TreeMap<>();
    flatten("", MAPPER.valueToTree(this), leaves);
    return leaves;
  }

  private static void flatten(String key, JsonNode value, Map<String, String> leaves) {
    if (key.matches("attacks\\.[^.]*\\.(prompt|example)")) {
      return; // shown to readers; hashes of the model and of all prompts say the same
    }
    if (!value.isObject()) {
      leaves.put(key, value.toString());
    }
    String prefix = key.isEmpty() ? "" : key + ".";
    value.properties().forEach(field -> flatten(prefix + field.getKey(), field.getValue(), leaves));
  }

  static String hash(Object value) {
    try {
      return Hashes.sha256(MAPPER.writeValueAsBytes(value));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
