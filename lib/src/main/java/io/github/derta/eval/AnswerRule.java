package io.github.derta.eval;

import io.github.derta.io.BadInput;
import io.github.derta.io.Item;
import io.github.derta.io.Records;
import io.github.derta.io.Role;
import io.github.derta.position.Prompts;
import io.github.derta.stats.Rate;
import io.github.derta.text.Reasoning;
import io.github.derta.text.RefusalPhrases;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * How the answer to a question with one right answer is read out of a response, and how many
 * responses are right, as the paper's Table 2 tells beside safety. The paper does not say how it
 * was done there; no rule is right for every model, so tables show all of a task.
 */
public enum AnswerRule {

  /** GSM8K: the last number. */
  LAST_NUMBER("gsm8k", (question, response) -> last(numbers(response))),

  /**
   * GSM8K: in the last sentence with a number, the number after its last "=", else its last number
   * that is not in the question, else its last.
   */
  LAST_SENTENCE("gsm8k", AnswerRule::lastSentence),

  /** GSM8K: any number, which is more than the model deserves. */
  ANY_NUMBER("gsm8k", (question, response) -> numbers(response)),

  /**
   * MMLU: "answer/option is X", else the first "(X)", else a letter at the start that is no word
   * ("I do"), else the option whose text the response holds first.
   */
  STATED_OPTION("mmlu", AnswerRule::statedOption),

  /** MMLU: the first "(X)". */
  FIRST_OPTION("mmlu", (question, response) -> bracketed(response)),

  /** The kitchen, or any harmless questions: no refusal. Nothing at all is no answer. */
  NOT_REFUSED("kitchen", (question, response) -> refusal(response));

  /** What there are rules for. */
  public static final List<String> TASKS =
      Stream.of(values()).map(rule -> rule.task).distinct().toList();

  /** A minus after a digit or letter is no sign, a comma without three digits after it no group. */
  private static final Pattern NUMBER =
      Pattern.compile("(?:(?<![\\p{L}\\d])-)?(?:\\d{1,3}(?:,\\d{3})+(?!,?\\d)|\\d+)(?:\\.\\d+)?");

  private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.!?])\\s+|\\n+");
  private static final Pattern STATED =
      Pattern.compile("(?i:answer|option)\\s+(?i:is)\\s*:?\\s*\\(?([A-J])(?![A-Za-z])");
  private static final Pattern BRACKETED = Pattern.compile("\\(([A-J])\\)");
  private static final Pattern LEADING = Pattern.compile("^\\s*([A-J])(?=[.):,\n]|\\s*$)");
  private static final Pattern OPTION =
      Pattern.compile("^-?\\s*\\(([A-J])\\)\\s*(\\S.*?)[.\\s]*$", Pattern.MULTILINE);
  private static final Pattern LETTER = Pattern.compile("^[-\\s]*\\(?([A-J])\\)?\\s*$");

  /** Options as whole words, or as whole numbers with their signs: no 4 in 14, 4.5 or -4. */
  private static final String WHOLE =
      "(?<![\\p{L}\\d]|\\d\\.|\\d,(?=\\d{3})|(?<![\\p{L}\\d])-(?=\\d))(?:%s)"
          + "(?![\\p{L}\\d]|\\.\\d|,\\d{3})";

  private final String task;

  /** What a response to a question may mean: one answer or, by a generous rule, several. */
  private final BiFunction<String, String, List<?>> given;

  AnswerRule(String task, BiFunction<String, String, List<?>> given) {
    this.task = task;
    this.given = given;
  }

  /**
   * {@return the rules of a task}
   *
   * @param task one of {@link #TASKS}
   * @throws BadInput if it is none of them
   */
  public static List<AnswerRule> of(String task) {
    if (!TASKS.contains(task)) {
      throw new BadInput("task " + task + ": unknown; one of " + TASKS + " or alpaca is needed");
    }
    return Stream.of(values()).filter(rule -> rule.task.equals(task)).toList();
  }

  /**
   * {@return whether the response gives the right answer; empty if it gives none}
   *
   * @param question the question, with the options of MMLU
   * @param response what the model wrote
   * @param answer the right answer: for GSM8K a text with {@code #### 7} at its end or a number,
   *     for MMLU a letter
   * @throws BadInput if the right answer is no such text
   */
  Optional<Boolean> right(String question, String response, String answer) {
    Object wanted = wanted(answer);
    List<?> answers = given.apply(question, response);
    return answers.isEmpty() ? Optional.empty() : Optional.of(answers.contains(wanted));
  }

  private Object wanted(String answer) {
    boolean number = task.equals("gsm8k");
    List<?> found =
        number
            ? numbers(answer.substring(answer.lastIndexOf('#') + 1))
            : task.equals("mmlu") ? first(LETTER, answer) : List.of("no refusal");
    if (found.isEmpty()) {
      throw new BadInput(
          (answer.isEmpty() ? "no right answer; " : "the right answer is \"" + answer + "\"; ")
              + (number ? "a number at its end is needed" : "a letter, A to J, is needed"));
    }
    return found.get(0);
  }

  /** In commands and tables: {@code last-number}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Numbers of a text; 5, 5.0 and 5,000.00 without its zeros are what they are worth. */
  private static List<BigDecimal> numbers(String text) {
    return NUMBER
        .matcher(text)
        .results()
        .map(found -> new BigDecimal(found.group().replace(",", "")).stripTrailingZeros())
        .toList();
  }

  private static <T> List<T> last(List<T> all) {
    return all.subList(Math.max(0, all.size() - 1), all.size());
  }

  private static List<BigDecimal> lastSentence(String question, String response) {
    String sentence =
        SENTENCE_END
            .splitAsStream(response)
            .filter(one -> !numbers(one).isEmpty())
            .reduce("", (one, next) -> next);
    List<BigDecimal> result = numbers(sentence.substring(sentence.lastIndexOf('=') + 1));
    if (sentence.contains("=") && !result.isEmpty()) {
      return result.subList(0, 1);
    }
    List<BigDecimal> all = numbers(sentence);
    List<BigDecimal> fresh = new ArrayList<>(all);
    fresh.removeAll(numbers(question));
    return last(fresh.isEmpty() ? all : fresh);
  }

  private static List<String> statedOption(String question, String response) {
    return Stream.of(
            first(STATED, response),
            bracketed(response),
            first(LEADING, response),
            quoted(question, response))
        .flatMap(List::stream)
        .limit(1)
        .toList();
  }

  private static List<String> bracketed(String response) {
    return first(BRACKETED, response);
  }

  private static List<String> first(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(found -> found.group(1)).limit(1).toList();
  }

  /** The option that stands first in the response; of two at one place, the longer one. */
  private static List<String> quoted(String question, String response) {
    Map<String, String> letters =
        new TreeMap<>(Comparator.comparing(String::length).reversed().thenComparing(text -> text));
    OPTION
        .matcher(question)
        .results()
        .forEach(
            option ->
                letters.putIfAbsent(option.group(2).toLowerCase(Locale.ROOT), option.group(1)));
    String any = letters.keySet().stream().map(Pattern::quote).collect(Collectors.joining("|"));
    Matcher found =
        Pattern.compile(WHOLE.formatted(any)).matcher(response.toLowerCase(Locale.ROOT));
    return !letters.isEmpty() && found.find() ? List.of(letters.get(found.group())) : List.of();
  }

  private static List<String> refusal(String response) {
    boolean refused = RefusalPhrases.REFUSALS.first(response).isPresent();
    return response.isBlank() ? List.of() : List.of(refused ? "a refusal" : "no refusal");
  }

  /**
   * {@return the right answers, by question without its white space}
   *
   * @param file records with a question and "answer"; MMLU as the hub has it, too
   * @throws BadInput if a record lacks one, or a question has two answers
   */
  public static Map<String, String> answers(Path file) {
    return answers(Records.of(file, Role.QUESTION), Item::rightAnswer);
  }

  static Map<String, String> answers(Records records, Function<Item, String> field) {
    Map<String, String> answers = new TreeMap<>();
    records.forEach(
        item -> {
          String answer = field.apply(item);
          String other = answers.put(Prompts.withoutSpace(item.text(Role.QUESTION)), answer);
          if (other != null && !other.equals(answer)) {
            throw item.line().bad("the question has another answer before");
          }
        });
    return answers;
  }

  /**
   * {@return a row for each rule of the task: {@code file, rule, invalid} (counted as wrong), and
   * the share of right answers as {@code hits, n, share, low, high}}
   *
   * @param name of the responses, for the table
   * @param file responses in any shape that {@link Records} knows, perhaps with "answer"
   * @param task one of {@link AnswerRule#TASKS}
   * @param answers the right answers of records that lack theirs, as {@link #answers(Path)} gives
   *     them
   * @throws BadInput if a record is none of these, or has no right answer
   */
  public static Table rates(String name, Path file, String task, Map<String, String> answers) {
    return rates(name, points(file, task, answers));
  }

  /**
   * What each response gets by each rule of the task: 1, 0, NaN where it gives no answer.
   *
   * @param answers as {@link #rates} has them
   */
  static Map<String, double[]> points(Path file, String task, Map<String, String> answers) {
    List<AnswerRule> rules = AnswerRule.of(task);
    List<double[]> points = // [response, rule]
        read(
            file,
            (item, response) -> {
              String question = item.text(Role.QUESTION);
              String answer =
                  item.line().value().has("answer")
                      ? item.rightAnswer()
                      : answers.getOrDefault(Prompts.withoutSpace(question), "");
              try {
                return rules.stream()
                    .map(rule -> rule.right(question, response, answer))
                    .mapToDouble(one -> one.map(right -> right ? 1.0 : 0.0).orElse(Double.NaN))
                    .toArray();
              } catch (BadInput e) {
                throw item.line().bad(e.getMessage());
              }
            });
    Map<String, double[]> byRule = new LinkedHashMap<>();
    for (AnswerRule rule : rules) {
      int i = byRule.size();
      byRule.put(rule.toString(), points.stream().mapToDouble(row -> row[i]).toArray());
    }
    return byRule;
  }

  static <T> List<T> read(Path file, BiFunction<Item, String, T> answer) {
    List<T> all = new ArrayList<>();
    Records.judged(file)
        .forEach(
            item ->
                item.texts(Role.ANSWER)
                    .forEach(text -> all.add(answer.apply(item, Reasoning.of(text).answer()))));
    return all;
  }

  /**
   * The same of points; the interval is that of whole points, rounded outwards.
   *
   * @param points by rule, of each response: 1 right, 0.5 a tie, 0 wrong, NaN invalid
   */
  static Table rates(String name, Map<String, double[]> points) {
    return points.entrySet().stream()
        .map(rule -> rate(name, rule.getKey(), DoubleColumn.create("points", rule.getValue())))
        .reduce(Table::append)
        .orElseThrow();
  }

  private static Table rate(String name, String rule, DoubleColumn points) {
    double hits = points.sum();
    return Table.create(
        "right answers",
        StringColumn.create("file", name),
        StringColumn.create("rule", rule),
        IntColumn.create("invalid", IntStream.of(points.countMissing())),
        DoubleColumn.create("hits", hits),
        LongColumn.create("n", LongStream.of(points.size())),
        DoubleColumn.create("share", hits / points.size()),
        DoubleColumn.create("low", new Rate((long) Math.floor(hits), points.size()).low()),
        DoubleColumn.create("high", new Rate((long) Math.ceil(hits), points.size()).high()));
  }
}
