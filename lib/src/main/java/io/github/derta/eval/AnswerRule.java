package io.github.derta.eval;

import io.github.derta.io.BadInput;
import io.github.derta.text.RefusalPhrases;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How the answer to a question with one right answer is read out of a response. The paper does not
 * say how it was done there; no rule is right for every model, so tables show all of a task.
 */
public enum AnswerRule {

  /** GSM8K: the last number. */
  LAST_NUMBER("gsm8k") {
    @Override
    Optional<Boolean> right(String question, String response, String answer) {
      return equal(last(numbers(response)), answer);
    }
  },

  /**
   * GSM8K: in the last sentence with a number, the number behind its last "=", else its last number
   * that is not in the question, else its last.
   */
  LAST_SENTENCE("gsm8k") {
    @Override
    Optional<Boolean> right(String question, String response, String answer) {
      List<String> withNumber =
          SENTENCE_END.splitAsStream(response).filter(some -> !numbers(some).isEmpty()).toList();
      if (withNumber.isEmpty()) {
        return Optional.empty();
      }
      String sentence = withNumber.get(withNumber.size() - 1);
      List<BigDecimal> behind = numbers(sentence.substring(sentence.lastIndexOf('=') + 1));
      if (sentence.contains("=") && !behind.isEmpty()) {
        return equal(Optional.of(behind.get(0)), answer);
      }
      Set<BigDecimal> given = Set.copyOf(numbers(question).stream().distinct().toList());
      List<BigDecimal> all = numbers(sentence);
      List<BigDecimal> fresh = all.stream().filter(number -> !given.contains(number)).toList();
      return equal(last(fresh.isEmpty() ? all : fresh), answer);
    }
  },

  /** GSM8K: any number, which is more than the model deserves. */
  ANY_NUMBER("gsm8k") {
    @Override
    Optional<Boolean> right(String question, String response, String answer) {
      List<BigDecimal> all = numbers(response);
      return all.isEmpty() ? Optional.empty() : Optional.of(all.contains(number(answer)));
    }
  },

  /**
   * MMLU: "answer/option is X", else the first "(X)", else a letter at the start that is no word
   * ("I do"), else the option whose text the response holds.
   */
  STATED_OPTION("mmlu") {
    @Override
    Optional<Boolean> right(String question, String response, String answer) {
      return Stream.of(STATED, BRACKETED, LEADING)
          .flatMap(pattern -> first(pattern, response).stream())
          .findFirst()
          .or(() -> quoted(question, response))
          .map(letter(answer)::equals);
    }
  },

  /** MMLU: the first "(X)". */
  FIRST_OPTION("mmlu") {
    @Override
    Optional<Boolean> right(String question, String response, String answer) {
      return first(BRACKETED, response).map(letter(answer)::equals);
    }
  },

  /** The kitchen, or any harmless questions: no refusal. Nothing at all is no answer. */
  NOT_REFUSED("kitchen") {
    @Override
    Optional<Boolean> right(String question, String response, String answer) {
      return response.isBlank()
          ? Optional.empty()
          : Optional.of(RefusalPhrases.REFUSALS.first(response).isEmpty());
    }
  };

  /** What there are rules for. */
  public static final List<String> TASKS =
      Stream.of(values()).map(rule -> rule.task).distinct().toList();

  private static final Pattern NUMBER = Pattern.compile("-?\\d[\\d,]*(?:\\.\\d+)?");
  private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.!?])\\s+|\\n+");
  private static final Pattern STATED =
      Pattern.compile("(?i:answer|option)\\s+(?i:is)\\s*:?\\s*\\(?([A-J])(?![A-Za-z])");
  private static final Pattern BRACKETED = Pattern.compile("\\(([A-J])\\)");
  private static final Pattern LEADING = Pattern.compile("^\\s*([A-J])(?=[.):,\n]|\\s*$)");
  private static final Pattern OPTION =
      Pattern.compile("^-?\\s*\\(([A-J])\\)\\s*(\\S.*?)[.\\s]*$", Pattern.MULTILINE);
  private static final Pattern LETTER = Pattern.compile("[-\\s]*\\(?([A-J])\\)?\\s*");

  private final String task;

  AnswerRule(String task) {
    this.task = task;
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
  abstract Optional<Boolean> right(String question, String response, String answer);

  /** In commands and tables: {@code last-number}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Optional<Boolean> equal(Optional<BigDecimal> given, String answer) {
    return given.map(number(answer)::equals);
  }

  private static BigDecimal number(String answer) {
    List<BigDecimal> numbers = numbers(answer.substring(answer.lastIndexOf('#') + 1));
    if (numbers.isEmpty()) {
      throw new BadInput(no(answer) + "a number at its end is needed");
    }
    return numbers.get(0);
  }

  private static String no(String answer) {
    return answer.isEmpty() ? "no right answer; " : "the right answer is \"" + answer + "\"; ";
  }

  private static String letter(String answer) {
    Matcher matcher = LETTER.matcher(answer);
    if (!matcher.matches()) {
      throw new BadInput(no(answer) + "a letter, A to J, is needed");
    }
    return matcher.group(1);
  }

  /** Numbers of a text; 5, 5.0 and 5,000.00 without its zeros are what they are worth. */
  private static List<BigDecimal> numbers(String text) {
    return NUMBER
        .matcher(text)
        .results()
        .map(found -> new BigDecimal(found.group().replace(",", "")).stripTrailingZeros())
        .toList();
  }

  private static Optional<BigDecimal> last(List<BigDecimal> numbers) {
    return numbers.isEmpty() ? Optional.empty() : Optional.of(numbers.get(numbers.size() - 1));
  }

  private static Optional<String> first(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(found -> found.group(1)).findFirst();
  }

  private static Optional<String> quoted(String question, String response) {
    String lower = response.toLowerCase(Locale.ROOT);
    Map<String, String> options =
        OPTION
            .matcher(question)
            .results()
            .collect(
                Collectors.toMap(
                    option -> option.group(1),
                    option -> option.group(2).toLowerCase(Locale.ROOT),
                    (one, other) -> one,
                    LinkedHashMap::new));
    return options.entrySet().stream()
        .filter(option -> lower.contains(option.getValue()))
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
