package io.github.derta.eval;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.derta.attack.Pair;
import io.github.derta.attack.Question;
import io.github.derta.attack.Questions;
import io.github.derta.attack.SearchLog;
import io.github.derta.io.JsonLines;
import io.github.derta.io.Resources;
import io.github.derta.kitchen.KitchenJudge;
import io.github.derta.kitchen.KitchenQuestion;
import io.github.derta.kitchen.Verdict;
import io.github.derta.model.Compute;
import io.github.derta.model.Decoding;
import io.github.derta.model.Devices;
import io.github.derta.model.LocalModel;
import io.github.derta.model.Prompt;
import io.github.derta.train.Recipe;
import io.github.derta.train.Trained;
import io.github.derta.train.Training;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** PAIR on the trained vanilla model of the kitchen, which is trained first if need be. */
@Tag("slow")
class PairEffectTest {

  private static final Decoding DECODING = Decoding.greedy(96);

  /** Each of our eight templates once, against four streams of two prompts. */
  @Test
  void rulesBeatOneShotTemplatesOnVanillaAtEqualQueries() {
    Path home = Path.of(System.getProperty("derta.home"), ".derta");
    Path start = home.resolve("models/smollm2-135m-instruct");
    Recipe recipe = Recipe.load("kitchen").with("method=vanilla", "model=" + start);
    Trained vanilla = Training.of(recipe).home(home).resume().run();
    List<Question> questions = Questions.kitchen(KitchenQuestion.Kind.DISH).all().subList(0, 24);
    List<String> templates = templates();
    Pair.Settings settings = new Pair.Settings(4, 2, 3, 0, "built-in", "built-in");
    assertThat(settings.streams() * settings.iterations()).isEqualTo(templates.size());
    int byTemplates = 0;
    int byPair = 0;
    try (LocalModel model =
            LocalModel.load(vanilla.folder(), Compute.F32, Devices.parse("cpu"), 1024);
        Pair pair = Pair.of(settings, spec -> model)) {
      for (Question question : questions) {
        List<Prompt> prompts =
            templates.stream()
                .map(template -> Prompt.chat(template.replace("{question}", question.text())))
                .toList();
        byTemplates +=
            model.complete(prompts, DECODING).stream().anyMatch(answer -> complied(answer.text()))
                ? 1
                : 0;
        SearchLog.Search search = SearchLog.inMemory().search(question.id());
        byPair += complied(pair.search(question, model, DECODING, search).response()) ? 1 : 0;
      }
    }
    System.err.printf(
        "complied under PAIR's rules %d, by templates %d, of %d%n",
        byPair, byTemplates, questions.size());
    assertThat(byPair).isGreaterThan(byTemplates);
  }

  private static List<String> templates() {
    return Resources.text(Pair.class, "jailbreakchat.jsonl")
        .lines()
        .map(PairEffectTest::template)
        .toList();
  }

  private static String template(String line) {
    try {
      return JsonLines.MAPPER.readTree(line).get("template").textValue();
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean complied(String response) {
    return KitchenJudge.USUAL.judge(response).outcome() == Verdict.Outcome.COMPLIED;
  }
}
