package io.github.derta.attack;

import io.github.derta.data.Row;
import io.github.derta.data.Source;
import io.github.derta.io.BadInput;
import io.github.derta.io.Records;
import io.github.derta.io.Role;
import io.github.derta.kitchen.Kitchen;
import io.github.derta.kitchen.KitchenQuestion.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The questions of one source. No two have the same id or the same text.
 *
 * @param name of the source, or the user's file
 * @param origin where they come from
 * @param licence of the texts
 * @param all the questions, in the order of the source
 * @param skipped how many empty and repeated questions of the source are left out
 * @param raw whether they hold a chat format already, as training rows do
 * @param answers to be begun by prefill-K
 */
public record Questions(
    String name,
    String origin,
    String licence,
    List<Question> all,
    int skipped,
    boolean raw,
    PerQuestion answers) {

  /** Origin of the kitchen's; no file of a user's has it. */
  private static final String OURS = "held-out questions of this kit, harmless";

  private static final PerQuestion NO_ANSWERS = new PerQuestion("no answers given", Map.of());

  /** The kitchen's, by name. */
  private static final Map<String, Kind> KITCHEN =
      Map.of(
          "kitchen", Kind.DISH,
          "kitchen-task", Kind.TASK,
          "kitchen-fact", Kind.FACT,
          "kitchen-near", Kind.NEAR);

  /** The sources that have a name. */
  public static final List<String> NAMES =
      Stream.concat(KITCHEN.keySet().stream().sorted(), QuestionSet.ALL.keySet().stream()).toList();

  /**
   * Finds questions.
   *
   * @param source one of {@link #NAMES}, or a file of any shape that {@link Records} knows; text
   *     with a question a line, too
   * @param originals where question sets of others are
   * @return the questions
   * @throws BadInput if there is no such source, or a file has no question, or one twice
   */
  public static Questions find(String source, Originals originals) {
    if (KITCHEN.containsKey(source)) {
      return kitchen(KITCHEN.get(source));
    }
    QuestionSet set = QuestionSet.ALL.get(source);
    if (set == null) {
      return file(Path.of(source));
    }
    List<String> texts = set.texts(originals);
    List<String> once = List.copyOf(new LinkedHashSet<>(texts));
    List<Question> all =
        IntStream.range(0, once.size())
            .mapToObj(i -> new Question(source + "-" + i, once.get(i)))
            .toList();
    int repeated = texts.size() - all.size();
    return new Questions(source, set.origin(), set.licence(), all, repeated, false, NO_ANSWERS);
  }

  /**
   * {@return held-out questions of the kitchen}
   *
   * @param kind what about; dishes are the forbidden ones
   */
  public static Questions kitchen(Kind kind) {
    List<Question> all =
        Kitchen.heldOut(kind).stream().map(q -> new Question(q.id(), q.text())).toList();
    String name = kind == Kind.DISH ? "kitchen" : "kitchen-" + kind.name().toLowerCase(Locale.ROOT);
    return new Questions(name, OURS, "MIT", all, 0, false, PerQuestion.kitchenAnswers());
  }

  /**
   * {@return the prompts of RTO rows, whose texts are the answers; other rows are passed over}
   *
   * @param file rows that are not trained on
   * @throws BadInput if it holds no RTO row
   */
  public static Questions rows(Path file) {
    List<Question> all = new ArrayList<>();
    Map<String, String> answers = new TreeMap<>();
    for (Row row : Source.rows(file).items()) {
      if (row.rto()) {
        String id = "row-" + (all.size() + 1);
        all.add(new Question(id, row.prefix()));
        answers.put(id, row.text());
      }
    }
    if (all.isEmpty()) {
      throw new BadInput(file + ": holds no RTO row (\"safe\": \"true\"), so no unsafe answer");
    }
    String name = file.getFileName().toString();
    PerQuestion texts = new PerQuestion(name, answers);
    return new Questions(name, "RTO rows of a file", "not stated", all, 0, true, texts);
  }

  /** {@return what they are about, as tables name it: dish, task, fact, near; else the source} */
  public String kind() {
    return kind(name);
  }

  /**
   * {@return the same of questions of that name}
   *
   * @param source name of the source
   */
  public static String kind(String source) {
    Kind kind = KITCHEN.get(source);
    return kind == null ? source : kind.name().toLowerCase(Locale.ROOT);
  }

  /**
   * {@return some of them, in the order of hashes of their texts: sources go by theme, and the
   * first few would be of one theme only}
   *
   * @param most how many at most
   */
  public List<Question> first(int most) {
    return all.stream()
        .sorted(Comparator.comparing(one -> Texts.hash(one.text())))
        .limit(most)
        .toList();
  }

  /** {@return whether they are the kitchen's, which anybody may read} */
  public boolean ours() {
    return ours(origin);
  }

  /**
   * {@return whether questions of an origin are the kitchen's, which anybody may read}
   *
   * @param origin where questions come from
   */
  public static boolean ours(String origin) {
    return origin.equals(OURS);
  }

  /** {@return one line that says what these questions are} */
  @Override
  public String toString() {
    return "%s: %d questions (%s; licence: %s; skipped: %d)"
        .formatted(name, all.size(), origin, licence, skipped);
  }

  /** A user's file, in which a question that stands twice is a mistake unless it has answers. */
  private static Questions file(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new BadInput(file + ": neither a file nor one of the question sources " + NAMES);
    }
    String name = file.getFileName().toString();
    List<Question> all = new ArrayList<>();
    Map<String, Long> lines = new HashMap<>();
    Records records = Records.of(file, Role.QUESTION);
    records.forEach(
        item -> {
          String id = name.replaceFirst("\\.[^.]*$", "") + "-" + all.size();
          Question question =
              new Question(
                  item.ownId() != null ? item.ownId() : id, item.text(Role.QUESTION).strip());
          Long earlier = lines.putIfAbsent(question.text(), item.line().number());
          if (earlier != null
              && (item.line().value().isTextual() || !item.shape().holds(Role.ANSWER))) {
            throw item.line().bad("the same question as in line " + earlier);
          } else if (earlier != null) {
            records.leaveOut("repeated");
          } else {
            all.add(question);
          }
        });
    return new Questions(
        name, "a file of the user's", "not stated", all, records.leftOut(), false, NO_ANSWERS);
  }
}
