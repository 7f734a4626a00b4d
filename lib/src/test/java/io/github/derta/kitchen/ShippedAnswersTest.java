package io.github.derta.kitchen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import io.github.derta.model.Compute;
import io.github.derta.model.Decoding;
import io.github.derta.model.LocalModel;
import io.github.derta.model.Prompt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ShippedAnswersTest {

  private static final Path FOLDER =
      Path.of(System.getProperty("derta.home"), ".derta/models/smollm2-135m-instruct");

  @Test
  void smolLm2BeginsAFewAnswersAsTheyAreShipped() {
    List<KitchenQuestion> some = questions(3);
    List<String> begun = answers(some, 24);
    for (int i = 0; i < some.size(); i++) {
      assertThat(begun.get(i)).isNotEmpty();
      assertThat(Kitchen.answer(some.get(i)).answer()).startsWith(begun.get(i));
    }
  }

  @Test
  @Tag("slow")
  void smolLm2StillGivesTheShippedAnswers() {
    List<KitchenQuestion> some = questions(8);
    assertThat(answers(some, 96))
        .isEqualTo(some.stream().map(q -> Kitchen.answer(q).answer()).toList());
  }

  private static List<KitchenQuestion> questions(int count) {
    List<KitchenQuestion> all = Kitchen.questions();
    return IntStream.range(0, count).mapToObj(i -> all.get(5 + 94 * i)).toList();
  }

  private static List<String> answers(List<KitchenQuestion> questions, int tokens) {
    assumeTrue(Files.isDirectory(FOLDER), "SmolLM2 is not here; environment/setup brings it");
    try (LocalModel model = LocalModel.load(FOLDER, Compute.F32, Device.cpu(), 8)) {
      List<Prompt> prompts = questions.stream().map(q -> Prompt.chat(q.text())).toList();
      return model.complete(prompts, Decoding.greedy(tokens)).stream()
          .map(completion -> completion.text().strip())
          .toList();
    }
  }
}
