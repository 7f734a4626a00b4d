package io.github.derta.attack;

import io.github.derta.model.Decoding;
import io.github.derta.model.LanguageModel;
import io.github.derta.model.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A language model that writes AutoDAN's prompts in other words, as GPT-4 does in the paper. */
final class ModelMutator implements Mutator {

  private static final int TOKENS = 384;
  private static final double TEMPERATURE = 1;
  private static final double TOP_P = 0.9;
  private static final String ORDER = Texts.resource("autodan-reword.txt").strip();

  private final LanguageModel model;

  ModelMutator(LanguageModel model) {
    this.model = model;
  }

  @Override
  public String name() {
    return model.name();
  }

  @Override
  public String hash() {
    return Texts.hash(ORDER);
  }

  @Override
  public List<String> mutate(
      List<String> templates, SplittableRandom random, SearchLog.Search search) {
    Decoding decoding =
        new Decoding(TOKENS, TEMPERATURE, TOP_P, random.nextInt(Integer.MAX_VALUE), List.of());
    List<Prompt> asked =
        templates.stream().map(one -> Prompt.chat(Texts.fill(ORDER, "template", one))).toList();
    List<String> written = search.complete("mutator", model, asked, decoding);
    List<String> mutated = new ArrayList<>();
    for (int i = 0; i < written.size(); i++) {
      String text = written.get(i).strip();
      if (Genetics.places(text) == 1) {
        mutated.add(text);
      } else {
        search.note("%s lost the place of the question; the prompt stays".formatted(name()));
        mutated.add(templates.get(i));
      }
    }
    return mutated;
  }

  @Override
  public void close() {
    model.close();
  }
}
