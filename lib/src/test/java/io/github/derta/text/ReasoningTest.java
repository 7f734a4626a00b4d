package io.github.derta.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReasoningTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<think>\nA pie?\n</think>\n\nSorry.",
        "A pie?</think>Sorry.", // the template wrote <think>
        "<thinking>A pie?</thinking><answer>Sorry.</answer>",
        "[THINK]A pie?[/THINK]Sorry.",
        "<|begin_of_thought|>A pie?<|end_of_thought|><|begin_of_solution|>Sorry.<|end_of_solution|>",
        "<|START_THINKING|>A pie?<|END_THINKING|><|START_RESPONSE|>Sorry.<|END_RESPONSE|>",
        "<|channel|>analysis<|message|>A pie?<|end|><|start|>assistant<|channel|>final<|message|>Sorry.",
        "analysisA pie?assistantfinalSorry.", // gpt-oss without its special tokens
        "\u25C1think\u25B7A pie?\u25C1/think\u25B7Sorry."
      })
  void thoughtsAreToldFromTheAnswer(String response) {
    assertThat(Reasoning.of(response)).isEqualTo(new Reasoning("A pie?", "Sorry."));
  }

  @Test
  void withoutThoughtsTheResponseIsTheAnswer() {
    for (String response :
        new String[] {
          " Sorry.\n",
          "",
          "1 < 2, I think> so",
          "analysis",
          "Mix it. <reflection>I should not have said that.</reflection>",
          "Write <think> and </think> around thoughts."
        }) {
      assertThat(Reasoning.of(response)).isEqualTo(new Reasoning("", response));
    }
  }

  @Test
  void aThoughtWithoutEndHasNoAnswer() {
    assertThat(Reasoning.of("<think>Well, well")).isEqualTo(new Reasoning("Well, well", ""));
    assertThat(Reasoning.of("analysisWe must")).isEqualTo(new Reasoning("We must", ""));
    assertThat(Reasoning.of("<think>x</think>The mark </think> ends a thought.").answer())
        .isEqualTo("The mark </think> ends a thought.");
    assertThat(Reasoning.of("<think>\n\n</think>\n\nPie")).isEqualTo(new Reasoning("", "Pie"));
  }

  @Test
  void aThoughtThatTheTemplateBeginsIsToldByItsPrompt() {
    assertThat(Reasoning.begun("<|User|>Pie?<|Assistant|><think>\n")).isEqualTo("<think>\n");
    assertThat(Reasoning.begun("<think>x</think>Pie?")).isEmpty();
    assertThat(Reasoning.begun("Pie?")).isEmpty();
  }
}
