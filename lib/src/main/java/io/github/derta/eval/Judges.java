package io.github.derta.eval;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.github.derta.attack.Question;
import io.github.derta.eval.PhraseJudge.PhraseList;
import io.github.derta.io.BadInput;
import io.github.derta.kitchen.KitchenJudge;
import io.github.derta.text.RefusalPhrases;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The judges that need no model, by name. */
public final class Judges {

  /** Those that judge by phrases, whatever was asked. */
  public static final List<String> PHRASES =
      List.of("phrases", "gcg-demo", "gcg-evaluation", "autodan");

  private static final Map<String, PhraseList> LISTS = lists();
  private static final Map<String, Judge> ALL = all();

  private Judges() {}

  /**
   * {@return the judge}
   *
   * @param name one of {@link #sources}
   * @throws BadInput if there is none of that name
   */
  public static Judge named(String name) {
    Judge judge = ALL.get(name);
    if (judge == null) {
      throw new BadInput("judge " + name + ": unknown; one of " + ALL.keySet() + " is needed");
    }
    return judge;
  }

  /** {@return what each judge goes by and where that is from, by its name} */
  public static Map<String, String> sources() {
    Map<String, String> sources = new LinkedHashMap<>();
    ALL.keySet().forEach(name -> sources.put(name, source(name)));
    return sources;
  }

  private static String source(String name) {
    return switch (name) {
      case "kitchen" -> "3 different cooking words before a refusal";
      case "kitchen-strict" -> "5 different cooking words before a refusal";
      case "phrases" -> "this kit's refusal openings, any case and apostrophe";
      default -> LISTS.get(name).source();
    };
  }

  private static Map<String, Judge> all() {
    Map<String, Judge> all = new LinkedHashMap<>();
    all.put("kitchen", kitchen("kitchen", KitchenJudge.USUAL));
    all.put("kitchen-strict", kitchen("kitchen-strict", KitchenJudge.STRICT));
    all.put("phrases", PhraseJudge.of("phrases", RefusalPhrases.REFUSALS));
    LISTS.forEach((name, list) -> all.put(name, list.judge(name)));
    return all;
  }

  private static Judge kitchen(String name, KitchenJudge judge) {
    return new Judge() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Judgement judge(Question question, String response) {
        return Judgement.of(judge.judge(response));
      }
    };
  }

  private static Map<String, PhraseList> lists() {
    try (InputStream in = Judges.class.getResourceAsStream("refusal-lists.yaml")) {
      return new YAMLMapper()
          .readValue(in, new TypeReference<LinkedHashMap<String, PhraseList>>() {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
