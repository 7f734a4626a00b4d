package io.github.derta.io;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * The records of a user's file. The container is told by its content and the shape of the records
 * by their fields, which {@code shapes.yaml} lists. A line on standard error names the shape if it
 * is not the kit's own, and counts what is left out.
 *
 * <p>Bad records (no JSON, a missing field, no text, half a character, another record's id) are
 * errors. Left out are questions without a text, answers that are null, and records that repeat the
 * one of their id; records that repeat others without an id are kept and counted.
 */
public final class Records {

  private final Path file;
  private final Role wanted;
  private final RecordFile records;
  private final Map<String, Integer> leftOut = new TreeMap<>();
  private final Map<String, long[]> byId = new HashMap<>(); // line, fingerprint
  private final LongStream.Builder fingerprints = LongStream.builder();
  private int kept;
  private long number;
  private long lastLine;
  private int inLine;
  private Shape shape;
  private boolean quiet;
  private boolean asked;

  private Records(Path file, byte[] content, Role wanted) {
    this.file = file;
    this.wanted = wanted;
    records = new RecordFile(file, content, wanted);
  }

  /**
   * {@return the records of a file}
   *
   * @param file in any container
   * @param wanted what every record must hold; for questions, lines of text are records too
   */
  public static Records of(Path file, Role wanted) {
    return new Records(file, null, wanted);
  }

  /**
   * {@return answers with their questions; records without either are left out}
   *
   * @param file in any container
   */
  public static Records judged(Path file) {
    Records records = of(file, Role.ANSWER);
    records.asked = true;
    return records;
  }

  /**
   * {@return questions that are in memory}
   *
   * @param name stands for a file in messages
   * @param content its text
   */
  public static Records questions(String name, String content) {
    return new Records(Path.of(name), content.getBytes(StandardCharsets.UTF_8), Role.QUESTION);
  }

  /**
   * {@return these records, with this answer to a bad one}
   *
   * @param bad receives each bad record, after which reading goes on with the next
   */
  public Records onBad(Consumer<BadInput> bad) {
    records.onBad = bad;
    return this;
  }

  /**
   * {@return these records, with this listener}
   *
   * @param bytes receives the number of bytes of every block read, for a progress bar
   */
  public Records onBytes(LongConsumer bytes) {
    records.onBytes = bytes;
    return this;
  }

  /** {@return these records, without a line on standard error} */
  public Records quiet() {
    quiet = true;
    return this;
  }

  /**
   * Reads the file.
   *
   * @param each receives every record in order
   * @throws BadInput if the file is missing, cannot be read, is empty or holds a bad record
   */
  public void forEach(Consumer<? super Item> each) {
    boolean empty = Files.isRegularFile(file) && file.toFile().length() == 0;
    records.forEach(entry -> read(entry, each));
    if (number == 0) {
      String what = empty ? ": an empty file" : ": holds no record";
      throw new BadInput(file + what + "; one JSON record a line is needed");
    }
    say();
    if (kept == 0 && (wanted == Role.QUESTION || wanted == Role.ANSWER)) {
      throw new BadInput(file + ": holds no " + wanted.words);
    }
  }

  private void read(RecordFile.Entry entry, Consumer<? super Item> each) {
    JsonLines.Line line = entry.line();
    Shape found = shape != null && shape.fits(line.value()) ? shape : Shape.of(line.value());
    if (found != null && !found.counts(line.value())) {
      return;
    }
    number++;
    if (found == null || !found.holds(wanted)) {
      if (shape == null || shape == Shape.STRING || !line.value().isObject()) {
        throw line.bad(Shape.problem(line.value(), found, wanted));
      }
      found = shape; // whose error names the missing field
    }
    shape = shape == null ? found : shape;
    inLine = line.number() == lastLine ? inLine + 1 : 1;
    lastLine = line.number();
    String place = lastLine + (inLine > 1 ? "." + inLine : "");
    String id = entry.key() != null ? entry.key() : found.id(line.value());
    Item item = new Item(line, found, number, id, place);
    if (id != null && repeats(item)) {
      leaveOut("repeated");
    } else if (wanted == Role.ANSWER && item.texts(Role.ANSWER).isEmpty()) {
      leaveOut("without an answer");
    } else if (asked && item.text(Role.QUESTION) == null) {
      leaveOut("without a question");
    } else if (wanted == Role.QUESTION && item.isBlank(Role.QUESTION)) {
      leaveOut("empty");
    } else {
      fingerprints.add(item.fingerprint());
      kept++;
      each.accept(item);
    }
  }

  /** Whether the same record was there; another of its id is a mistake. */
  private boolean repeats(Item item) {
    long[] now = {item.line().number(), item.fingerprint()};
    long[] earlier = byId.putIfAbsent(item.id(), now);
    if (earlier != null && earlier[1] != now[1]) {
      String id = item.id().matches("\\d+") ? item.id() : "\"" + item.id() + "\"";
      String problem = "id %s stands in line %d already; every record needs its own";
      throw item.line().bad(problem.formatted(id, earlier[0]));
    }
    return earlier != null;
  }

  /**
   * Counts a record that is not used.
   *
   * @param why as a line on standard error says it
   */
  public void leaveOut(String why) {
    leftOut.merge(why, 1, Integer::sum);
  }

  /** {@return how many records are left out} */
  public int leftOut() {
    return leftOut.values().stream().mapToInt(Integer::intValue).sum();
  }

  private void say() {
    long[] all = fingerprints.build().sorted().toArray();
    long repeated = IntStream.range(1, kept).filter(i -> all[i] == all[i - 1]).count();
    if (quiet || shape == null || shape.ours() && repeated == 0 && leftOut.isEmpty()) {
      return;
    }
    StringJoiner out = new StringJoiner(", ", "; left out: ", "").setEmptyValue("");
    leftOut.forEach((why, n) -> out.add(n + " " + why));
    String repeats = repeated > 0 ? ", " + repeated + " of them repeat others" : "";
    System.err.printf("%s: %s, %d records%s%s%n", file, shape.name(), kept, repeats, out);
  }
}
