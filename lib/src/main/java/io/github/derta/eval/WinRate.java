package io.github.derta.eval;

import ai.djl.Device;
import io.github.derta.attack.SearchLog;
import io.github.derta.io.BadInput;
import io.github.derta.io.Records;
import io.github.derta.io.Role;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.LocalModel;
import io.github.derta.model.ModelFolder;
import io.github.derta.position.Prompts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tech.tablesaw.api.Table;

/**
 * How often a model prefers responses to those of a reference, the measure of AlpacaEval, in our
 * words. A judge may prefer what it reads first, so that it is asked in both orders.
 *
 * @param reference as {@link #reference(Path)} gives it
 * @param judge closed with this
 * @param id tells the judge from others that are kept
 * @param kept the judge's answers; closed with this
 */
public record WinRate(Map<String, String> reference, LanguageModel judge, String id, SearchLog kept)
    implements AutoCloseable {

  /** The task's name beside {@link AnswerRule#TASKS}. */
  public static final String TASK = "alpaca";

  private static final String WORDS = "A|B|(?i:tie)";
  private static final JudgePrompt PROMPT = JudgePrompt.of("judge-preference.txt");

  /**
   * {@return the reference's responses, by question}
   *
   * @param file responses in any shape that {@link Records} knows
   * @throws BadInput if a record lacks one, or a question has two responses
   */
  public static Map<String, String> reference(Path file) {
    return AnswerRule.answers(Records.judged(file), item -> item.text(Role.ANSWER));
  }

  /**
   * Opens a judge.
   *
   * @param reference as {@link #reference(Path)} gives it
   * @param spec the judge, as {@link LanguageModel#open} has it
   * @param dtype a local model's
   * @param device a local model's
   * @param file keeps the judge's answers, which are not asked for again; null for nowhere
   * @return the measure, to be closed after use
   * @throws BadInput if it is no model, or the file cannot be written or holds something else
   */
  public static WinRate open(
      Map<String, String> reference, String spec, String dtype, Device device, Path file) {
    LanguageModel judge = LanguageModel.open(spec, dtype, device);
    try {
      if (file == null) {
        return new WinRate(reference, judge, spec, SearchLog.inMemory());
      }
      Files.createDirectories(file.toAbsolutePath().getParent());
      String id =
          judge instanceof LocalModel
              ? Plan.hash(Plan.Subject.local("", ModelFolder.find(spec), null, ""))
              : spec;
      return new WinRate(reference, judge, id, SearchLog.open(file, System.err::println));
    } catch (IOException e) {
      judge.close();
      throw new BadInput(file + ": cannot be written (" + e + ")", e);
    } catch (RuntimeException e) {
      judge.close();
      throw e;
    }
  }

  /**
   * {@return a table as that of {@link AnswerRule}: a win is 1, a tie 0.5; {@code first-order}
   * where the judge reads the responses before the reference's, {@code second-order} after them,
   * {@code both-orders} their mean for each question. What has no verdict, in {@code both-orders}
   * in either order, is invalid and counts as lost}
   *
   * @param name of the responses, for the table
   * @param file records as those of {@link #reference(Path)}
   * @throws BadInput if a record is none of these, the reference does not answer its question, or a
   *     judge behind an endpoint does not answer; what it did answer is kept
   * @throws java.util.concurrent.CancellationException if the thread was interrupted
   */
  public Table rates(String name, Path file) {
    Map<String, double[]> orders = points(file);
    double[] both = orders.get("first-order").clone();
    Arrays.setAll(both, i -> (both[i] + orders.get("second-order")[i]) / 2);
    Map<String, double[]> rules = new LinkedHashMap<>();
    rules.put("both-orders", both);
    rules.putAll(orders);
    return AnswerRule.rates(name, rules);
  }

  /** What each response gets in each order, as {@link #rates} has them; NaN: no verdict. */
  Map<String, double[]> points(Path file) {
    List<List<String>> prompts = // [response, order]
        AnswerRule.read(
            file,
            (item, mine) -> {
              String question = item.text(Role.QUESTION);
              String other = reference.get(Prompts.withoutSpace(question));
              if (other == null) {
                throw item.line().bad("the reference has no response to this question");
              }
              return List.of(
                  PROMPT.of(Map.of("question", question, "a", mine, "b", other)),
                  PROMPT.of(Map.of("question", question, "a", other, "b", mine)));
            });
    Map<String, double[]> orders = new LinkedHashMap<>();
    orders.put("first-order", points(prompts.stream().map(one -> one.get(0)).toList(), "A"));
    orders.put("second-order", points(prompts.stream().map(one -> one.get(1)).toList(), "B"));
    return orders;
  }

  /** What the response that stands at a place gets; NaN where there is no verdict. */
  private double[] points(List<String> prompts, String place) {
    return Judges.judge(
            judge.name(),
            prompts,
            some ->
                JudgePrompt.ask(
                    judge,
                    some,
                    "A, B or tie",
                    one -> verdict(one).isPresent(),
                    kept.search(Plan.hash(List.of(id, some)))))
        .stream()
        .map(said -> verdict(said).orElse(""))
        .mapToDouble(
            word ->
                switch (word) {
                  case "" -> Double.NaN;
                  case "A", "B" -> word.equals(place) ? 1 : 0;
                  default -> 0.5;
                })
        .toArray();
  }

  private static Optional<String> verdict(String said) {
    return JudgePrompt.verdict(said, WORDS).filter(word -> !word.startsWith("not "));
  }

  @Override
  public void close() {
    kept.close();
    judge.close();
  }
}
