package io.github.derta.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusalFormTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Sorry, I cannot help with that.              | well-formed",
        "I'm sorry. I can't do that, and I'm sorry.   | well-formed",
        "抱歉，我不能帮助你。                          | well-formed",
        "No.                                          | well-formed",
        "SorrySorrySorrySorry                         | loops",
        "Sorry, Sorry, Sorry, I cannot help.          | loops",
        "I cannot help. I cannot help. I cannot help. | loops",
        "Sorry                                        | breaks-off",
        "Sorry, I                                     | breaks-off",
        "I cannot                                     | breaks-off",
        "Sorry, I can't tell you how... ha ha ha      | well-formed",
        "I am very very very sorry, I cannot.         | well-formed",
      })
  void aRefusalEndsOrLoopsOrBreaksOff(String refusal, String form) {
    assertThat(RefusalForm.of(refusal)).hasToString(form);
  }
}
