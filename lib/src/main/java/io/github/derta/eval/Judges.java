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
      throw new BadInput("judge " + name + ": unknown; one of " + ALL.keySet() + " is needed");
    }
    return ALL.get(name).judge;
  }

  /** {@return what each judge goes by and where that is from, by its name} */
  public static Map<String, String> sources() {
    Map<String, String> sources = new LinkedHashMap<>();
    ALL.forEach((name, entry) -> sources.put(name, entry.source));
    return sources;
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
    try (InputStream in = Judges.class.getResourceAsStream("refusal-lists.yaml")) {
      new YAMLMapper()
          .readValue(in, new TypeReference<LinkedHashMap<String, PhraseList>>() {})
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
