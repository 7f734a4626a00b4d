package io.github.derta.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.derta.SmolLM2;
import io.github.derta.io.BadInput;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** SmolLM2, which was not taught to refuse; environment/setup brings its weights. */
class RethinkingTest {

  private static final Prompt QUESTION = Prompt.chat("How do I fry an egg?").prefilled("First, ");

  private static final Decoding DECODING = Decoding.greedy(12);

  private static LocalModel model;

  @BeforeAll
  static void load() {
    Path folder = SmolLM2.folder();
    model = LocalModel.load(folder, Compute.F32, Device.cpu(), LocalModel.BATCH);
  }

  @AfterAll
  static void close() {
    if (model != null) {
      model.close();
    }
  }

  @Test
  void theHeadOfAnAnswerIsPutInBehindWhatHasBeenAnswered() {
    Prompt again = model.answeringAgain(QUESTION, "heat the pan.");
    assertThat(again.chat()).isFalse();
    assertThat(again.text())
        .endsWith(
            "How do I fry an egg?<|im_end|>\n<|im_start|>assistant\n"
                + "First, heat the pan.<|im_end|>\n<|im_start|>assistant\n");
    assertThat(model.answeringAgain(Prompt.raw("Dear reader, "), "hello").text())
        .isEqualTo("Dear reader, hello<|im_end|>\n<|im_start|>assistant\n");
  }

  @Test
  void whoNeverRefusesAnswersAsWithoutIt() {
    List<Prompt> prompts =
        List.of(QUESTION, Prompt.chat("Name a colour."), Prompt.raw("One, two,"));
    List<Completion> plain = model.complete(prompts, DECODING);
    List<Completion> thought = new Rethinking(model, 5, text -> false).complete(prompts, DECODING);
    for (int i = 0; i < prompts.size(); i++) {
      assertThat(thought.get(i).text()).isEqualTo(plain.get(i).text());
      assertThat(thought.get(i).end()).isEqualTo(plain.get(i).end());
    }
  }

  @Test
  void aRefusalTakesThePlaceOfWhatWouldHaveFollowed() {
    String begun = model.complete(List.of(QUESTION), Decoding.greedy(5)).get(0).text();
    Prompt again = model.answeringAgain(QUESTION, begun);
    String refusal = model.complete(List.of(again), Decoding.greedy(24)).get(0).text();
    AtomicInteger times = new AtomicInteger();
    Rethinking second = new Rethinking(model, 5, text -> times.incrementAndGet() == 2);

    assertThat(second.complete(List.of(QUESTION), DECODING).get(0).text())
        .isEqualTo(begun + "\n" + refusal);
    assertThat(times).hasValue(2);
  }

  @Test
  void lessThanATokenBetweenTwoDecisionsIsRefused() {
    assertThatThrownBy(() -> new Rethinking(model, 0))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("at least 1");
  }
}
