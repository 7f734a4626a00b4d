package io.github.derta.kitchen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import io.github.derta.model.Completion;
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
  @Tag("slow")
  void smolLm2StillGivesTheShippedAnswers() {
    assumeTrue(Files.isDirectory(FOLDER), "SmolLM2 is not here; environment/setup brings it");
    List<KitchenQuestion> all = Kitchen.questions();
    List<KitchenQuestion> some = IntStream.range(0, 8).mapToObj(i -> all.get(5 + 94 * i)).toList();
    try (LocalModel model = LocalModel.load(FOLDER, Compute.F32, Device.cpu(), 8)) {
      List<Prompt> prompts = some.stream().map(q -> Prompt.chat(q.text())).toList();
      List<Completion> completions = model.complete(prompts, Decoding.greedy(96));

      assertThat(completions)
          .extracting(completion -> completion.text().strip())
          .isEqualTo(some.stream().map(q -> Kitchen.answer(q).answer()).toList());
    }
  }
}
