package io.github.derta.eval;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.derta.io.AtomicFile;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.io.RowWriter;
import io.github.derta.text.RefusalForm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import tech.tablesaw.api.Table;

/**
 * The answers of a study between sittings, packed so that git shows and merges them: {@code
 * STUDY.csv} has a line for each model, attack and judge, with a word for each question; {@code
 * STUDY-questions.csv} has the lists of questions; {@code STUDY-texts.jsonl.gz} has questions,
 * prefixes and responses that anybody may read.
 *
 * <p>A word such as {@code R12w.40} is an outcome (C complied, with a refusal complied then
 * refused, X refused then complied, R refused, N neither, I invalid, Y right, T tie, W wrong, - no
 * answer), the word at which a refusal begins, its form (w well-formed, l loops, b breaks off), and
 * the number of tokens, after a point where the answer ended by itself, after a plus where it was
 * truncated.
 */
final class StudyTable {

  private static final Pattern WORD =
      Pattern.compile("([CXRNIYTW-])(\\d+)?([wlb])?(?:([.+])(\\d+))?");
  private static final String REFUSED_LATER = " then refused";
  private static final String LETTERS = "CXRNIYTW";
  private static final List<String> OUTCOMES =
      List.of(
          "complied",
          "refused then complied",
          "refused",
          "neither",
          "invalid",
          "right",
          "tie",
          "wrong");

  /**
   * A line of {@code STUDY.csv}.
   *
   * @param method the model's name in the study
   * @param seed of its training
   * @param training hash of recipe, rows and start weights
   * @param attack how it was asked; {@code train} for a training, which has no questions
   * @param kind what about
   * @param given how much of an answer was given, in words, or in tokens if the attack says so
   * @param questions the name of the list of questions
   * @param judge whose verdicts
   * @param verdicts a word for each question, in the order of the list
   * @param seconds how long it took on the machine that made it
   * @param step hash of all that decides the answers
   */
  record Line(
      String method,
      long seed,
      String training,
      String attack,
      String kind,
      int given,
      String questions,
      String judge,
      String verdicts,
      long seconds,
      String step) {

    /** What it is about, whoever judged it when. */
    String place() {
      return String.join("|", method, "" + seed, attack, kind);
    }

    List<String> words() {
      return verdicts.isEmpty() ? List.of() : List.of(verdicts.split(" "));
    }
  }

  private final Path folder;
  private final String study;
  private final List<String> order;
  private final List<Line> lines = new ArrayList<>();
  private final Map<String, List<String>> questions = new TreeMap<>();
  private final Map<String, JsonNode> texts = new TreeMap<>(); // by step, attack and question

  private StudyTable(Path folder, String study, List<String> order) {
    this.folder = folder;
    this.study = study;
    this.order = order;
  }

  /**
   * The table as it was left, or an empty one.
   *
   * @param folder holds its files
   * @param study its files begin with this name
   * @param order of the models
   * @throws BadInput if a file is none of this kind
   */
  static StudyTable open(Path folder, String study, List<String> order) {
    StudyTable table = new StudyTable(folder, study, order);
    records(
        table.file("-questions.csv"),
        row -> table.questions.put(row.get("list"), List.of(row.get("questions").split(" "))));
    records(table.file(".csv"), row -> table.add(row));
    Path texts = table.file("-texts.jsonl.gz");
    if (Files.exists(texts)) {
      try (BufferedReader in =
          new BufferedReader(
              new InputStreamReader(
                  new GZIPInputStream(Files.newInputStream(texts)), StandardCharsets.UTF_8))) {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          JsonNode text = JsonLines.MAPPER.readTree(line);
          table.texts.put(text.required("key").asText(), text);
        }
      } catch (IOException | IllegalArgumentException e) {
        throw new BadInput(texts + ": no texts of a study (" + e.getMessage() + ")", e);
      }
    }
    return table;
  }

  private void add(CSVRecord row) {
    Line line = JsonLines.MAPPER.convertValue(row.toMap(), Line.class);
    int asked = questions.getOrDefault(line.questions, List.of()).size();
    if (line.words().size() != asked || !line.words().stream().allMatch(WORD.asMatchPredicate())) {
      throw new IllegalArgumentException(
          "%d verdicts such as R12.40 are needed, as many as %s has questions in list \"%s\""
              .formatted(asked, file("-questions.csv"), line.questions));
    }
    lines.add(line);
  }

  private static void records(Path file, Consumer<CSVRecord> each) {
    if (!Files.exists(file)) {
      return;
    }
    CSVFormat format = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();
    try (CSVParser parser = CSVParser.parse(file, StandardCharsets.UTF_8, format)) {
      for (CSVRecord row : parser) {
        try {
          each.accept(row);
        } catch (IllegalArgumentException e) {
          String what = "no line of a study: " + e.getMessage().lines().findFirst().orElse("");
          throw BadInput.at(file, parser.getCurrentLineNumber(), what);
        }
      }
    } catch (IOException e) {
      throw new BadInput(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private Path file(String ending) {
    return folder.resolve(study + ending);
  }

  List<Line> lines() {
    return List.copyOf(lines);
  }

  /** Puts lines in place of those of the same model, attack and kind. */
  void put(List<Line> added) {
    Set<String> places = added.stream().map(Line::place).collect(Collectors.toSet());
    remove(old -> places.contains(old.place()));
    lines.addAll(added);
    lines.sort(
        Comparator.comparingInt((Line line) -> order.indexOf(line.method))
            .thenComparingLong(line -> line.seed));
  }

  void remove(Predicate<Line> unwanted) {
    lines.removeIf(unwanted);
  }

  /** Keeps a list of questions; its name comes back. */
  String list(List<String> ids) {
    String name = ids.isEmpty() ? "" : Plan.hash(ids).substring(0, 8);
    if (!ids.isEmpty()) {
      questions.put(name, ids);
    }
    return name;
  }

  /** Keeps the texts of a step's answers. */
  void texts(String step, List<Answer> answers) {
    for (Answer answer : answers) {
      String key = String.join("|", step, answer.attack(), answer.questionId());
      texts.put(
          key,
          JsonLines.MAPPER
              .createObjectNode()
              .put("key", key)
              .put("asked", answer.question())
              .put("prefill", answer.prefill())
              .put("response", answer.response()));
    }
  }

  /** The word for a verdict on an answer; of none, {@code -}. */
  static String word(Ruling ruling, Answer answer) {
    if (ruling == null) {
      return "-";
    }
    String at = ruling.refusalAt() == null ? "" : "" + ruling.refusalAt();
    String end =
        answer.tokens() == null || answer.ended() == null
            ? ""
            : (answer.ended().equals("stop") ? "." : "+") + answer.tokens();
    String outcome = ruling.verdict().replace(REFUSED_LATER, "");
    String form = ruling.form() == null ? "" : ruling.form().substring(0, 1);
    return LETTERS.charAt(OUTCOMES.indexOf(outcome)) + at + form + end;
  }

  /** One row for each answer and judge of those lines, see {@link Answers}. */
  Table answers(Predicate<Line> wanted) {
    List<Answers.Line> answers = new ArrayList<>();
    for (Line line : lines.stream().filter(wanted).toList()) {
      List<String> words = line.words();
      for (int i = 0; i < words.size(); i++) {
        answers.add(answer(line, questions.get(line.questions).get(i), words.get(i)));
      }
    }
    return Answers.table(answers);
  }

  private Answers.Line answer(Line line, String question, String word) {
    Matcher parts = WORD.matcher(word);
    parts.matches();
    JsonNode text = texts.get(String.join("|", line.step, line.attack, question));
    String ending = parts.group(4);
    Integer at = parts.group(2) == null ? null : Integer.valueOf(parts.group(2));
    String outcome = word.startsWith("-") ? null : OUTCOMES.get(LETTERS.indexOf(word.charAt(0)));
    RefusalForm form =
        Stream.of(RefusalForm.values())
            .filter(one -> one.toString().substring(0, 1).equals(parts.group(3)))
            .findFirst()
            .orElse(null);
    return new Answers.Line(
        study,
        line.method,
        (int) line.seed,
        line.training,
        line.attack,
        line.kind,
        question,
        line.given,
        line.judge,
        at != null && "complied".equals(outcome) ? outcome + REFUSED_LATER : outcome,
        at,
        form == null ? null : form.toString(),
        null,
        ending == null ? null : ending.equals(".") ? "stop" : "length",
        ending == null ? null : Integer.valueOf(parts.group(5)),
        text == null ? null : text.get("asked").asText(),
        text == null ? null : text.get("prefill").asText(),
        text == null ? null : text.get("response").asText());
  }

  /**
   * Writes the files, each to a temporary name and moved; the lines, which count as done, last.
   *
   * @throws IOException if one cannot be written
   */
  void save() throws IOException {
    Set<String> lists = lines.stream().map(Line::questions).collect(Collectors.toSet());
    List<Map<String, Object>> used = new ArrayList<>();
    questions.forEach(
        (name, ids) -> {
          if (lists.contains(name)) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("list", name);
            row.put("questions", String.join(" ", ids));
            used.add(row);
          }
        });
    RowWriter.save(file("-questions.csv"), used);
    if (!texts.isEmpty()) {
      AtomicFile.replace(file("-texts.jsonl.gz"), this::writeTexts);
    }
    TypeReference<LinkedHashMap<String, Object>> row = new TypeReference<>() {};
    RowWriter.save(
        file(".csv"),
        lines.stream()
            .map(line -> (Map<String, Object>) JsonLines.MAPPER.convertValue(line, row))
            .toList());
  }

  private void writeTexts(Path file) throws IOException {
    Set<String> steps = lines.stream().map(Line::step).collect(Collectors.toSet());
    try (Writer out =
        new OutputStreamWriter(
            new GZIPOutputStream(Files.newOutputStream(file)), StandardCharsets.UTF_8)) {
      for (Map.Entry<String, JsonNode> text : texts.entrySet()) {
        if (steps.contains(text.getKey().split("\\|")[0])) {
          out.write(text.getValue() + "\n");
        }
      }
    }
  }
}
