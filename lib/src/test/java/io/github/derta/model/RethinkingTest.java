package io.github.derta.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.derta.SmolLM2;
import io.github.derta.io.BadInput;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
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
  void theHeadOfAnAnswerEndsOneAndBeginsTheNext() {
    assertThat(model.nextAnswer()).isEqualTo(new int[] {2, 198, 1, 520, 9531, 198});
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
    Completion begun = model.complete(List.of(QUESTION), Decoding.greedy(5)).get(0);
    int[] again =
        IntStream.concat(
                IntStream.concat(IntStream.of(model.encode(QUESTION)), IntStream.of(begun.ids())),
                IntStream.of(model.nextAnswer()))
            .toArray();
    String refusal = model.completeIds(List.of(again), Decoding.greedy(24)).get(0).text();
    AtomicInteger times = new AtomicInteger();
    Rethinking second = new Rethinking(model, 5, text -> times.incrementAndGet() == 2);

    assertThat(second.complete(List.of(QUESTION), DECODING).get(0).text())
        .isEqualTo(begun.text() + "\n" + refusal);
    assertThat(times).hasValue(2);
  }

  @Test
  void aStopTextAcrossTwoPartsEndsTheAnswerAndDrawsDifferByPart() {
    Rethinking never = new Rethinking(model, 3, text -> false);
    String whole = never.complete(List.of(QUESTION), Decoding.greedy(24)).get(0).text();
    String stop = whole.substring(8, whole.length() / 2);
    Decoding stopping = new Decoding(24, 0, 1, 0, List.of(stop));
    Completion stopped = never.complete(List.of(QUESTION), stopping).get(0);
    assertThat(stopped.text()).isEqualTo(whole.substring(0, 8));
    assertThat(stopped.end()).isEqualTo(Completion.End.STOP);

    Prompt letters = Prompt.raw("Letters drawn at random:");
    String drawn =
        new Rethinking(model, 1, text -> false)
            .complete(List.of(letters), Decoding.sampling(24, 3, 7))
            .get(0)
            .text();
    assertThat(drawn.chars().distinct().count()).isGreaterThan(12);
  }

  @Test
  void lessThanATokenBetweenTwoDecisionsIsRefused() {
    assertThatThrownBy(() -> new Rethinking(model, 0))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("at least 1");
  }
}
