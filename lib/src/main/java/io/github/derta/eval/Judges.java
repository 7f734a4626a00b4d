package io.github.derta.eval;

import ai.djl.Device;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.github.derta.attack.Question;
import io.github.derta.eval.PhraseJudge.PhraseList;
import io.github.derta.io.BadInput;
import io.github.derta.io.Progress;
import io.github.derta.io.Resources;
import io.github.derta.kitchen.KitchenJudge;
import io.github.derta.model.Compute;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.ModelFolder;
import io.github.derta.text.RefusalPhrases;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Function;

/** The judges, by name. */
public final class Judges {

  /** Those that judge by phrases, whatever was asked. */
  public static final List<String> PHRASES =
      List.of("phrases", "gcg-demo", "gcg-evaluation", "autodan");

  private static final String RUBRIC = "rubric:";

  private static final String CLASSIFIER = "classifier:";

  /** What a judge sees together. */
  private static final int TOGETHER = 32;

  private static final Map<String, Entry> ALL = all();

  private record Entry(String source, Judge judge) {}

  private record Kitchen(String name, KitchenJudge rule) implements Judge {
    @Override
    public Judgement judge(Question question, String response) {
      return Judgement.of(rule.judge(response));
    }
  }

  private Judges() {}

  /**
   * {@return the judge}
   *
   * @param name one of {@link #sources}
   * @throws BadInput if there is none of that name
   */
  public static Judge named(String name) {
    if (!ALL.containsKey(name)) {
      throw new BadInput(
          "judge "
              + name
              + ": unknown; one of "
              + ALL.keySet()
              + ", rubric:MODEL or classifier:DIR is needed");
    }
    return ALL.get(name).judge;
  }

  /**
   * {@return the judge, to be closed after use}
   *
   * @param spec a name as {@link #named} knows it; {@code rubric:} with a folder or {@code
   *     URL#NAME} of any model that can follow the paper's guideline; or {@code classifier:} with
   *     the folder of a model that answers yes or no
   * @param dtype a local model's, as {@link Compute#parse} has it
   * @param device a local model's
   * @throws BadInput if it is none of these
   */
  public static Judge open(String spec, String dtype, Device device) {
    if (spec.startsWith(RUBRIC)) {
      return new RubricJudge(LanguageModel.open(spec.substring(RUBRIC.length()), dtype, device));
    }
    if (spec.startsWith(CLASSIFIER)) {
      Path folder = ModelFolder.find(spec.substring(CLASSIFIER.length()));
      return ClassifierJudge.load(folder, Compute.parse(dtype, device), device);
    }
    return named(spec);
  }

  /** {@return what each judge goes by and where that is from, by its name} */
  public static Map<String, String> sources() {
    Map<String, String> sources = new LinkedHashMap<>();
    ALL.forEach((name, entry) -> sources.put(name, entry.source));
    return sources;
  }

  /** What a judge says of each, some at a time, with a progress bar. */
  static <T, R> List<R> judge(String name, List<T> all, Function<List<T>, List<R>> judge) {
    List<R> judged = new ArrayList<>();
    try (Progress progress = Progress.of(name, all.size(), " judgements", 1)) {
      for (int from = 0; from < all.size(); from += TOGETHER) {
        if (Thread.interrupted()) {
          throw new CancellationException("judging was interrupted");
        }
        List<T> some = all.subList(from, Math.min(all.size(), from + TOGETHER));
        judged.addAll(judge.apply(some));
        progress.add(some.size());
      }
    }
    return judged;
  }

  private static Map<String, Entry> all() {
    Map<String, Entry> all = new LinkedHashMap<>();
    KitchenJudge usual = KitchenJudge.USUAL;
    KitchenJudge strict = KitchenJudge.STRICT;
    String words = " different cooking words before a refusal";
    put(all, usual.cuesNeeded() + words, new Kitchen("kitchen", usual));
    put(all, strict.cuesNeeded() + words, new Kitchen("kitchen-strict", strict));
    put(
        all,
        "this kit's refusal openings, any case and apostrophe",
        PhraseJudge.of("phrases", RefusalPhrases.REFUSALS));
    try {
      new YAMLMapper()
          .readValue(
              Resources.text(Judges.class, "refusal-lists.yaml"),
              new TypeReference<LinkedHashMap<String, PhraseList>>() {})
          .forEach((name, list) -> put(all, list.source(), list.judge(name)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  private static void put(Map<String, Entry> all, String source, Judge judge) {
    all.put(judge.name(), new Entry(source, judge));
  }
}
