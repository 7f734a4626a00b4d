package io.github.derta.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublishedNameTest {

  @ParameterizedTest
  @CsvSource({
    "lora_Llama-3-70B_vanill_eval_codeattack_200.json, LLaMA3-70B, vanilla",
    "Llama-3-8B-recaug_eval_selfcipher_200.json, LLaMA3-8B, harmful prefix",
    "lora_Llama-3-70B_dpo_autodan_llama-3-70B-base-dpo_50.json, LLaMA3-70B, DPO",
    "Llama-3-8B_derta_autodan_llama-3-8B-ours_50.json, LLaMA3-8B, DeRTa",
    "lora_Llama-3-70B-Instruct_ours_autodan_llama-3-70B-ins-ours_50.json, LLaMA3-70B-Instruct, DeRTa",
    "autodan_llama-3-8B-Instruct_50_Llama-3-8B-Instruct.json, LLaMA3-8B-Instruct, as released",
    "eval_codeattack_200_gpt-4-turbo-2024-04-09.json, GPT-4, as released",
    "eval_codeattack_200_gpt-3.5-turbo-0125.json, ChatGPT, as released"
  })
  void aFilesNameTellsModelAndMethod(String file, String model, String method) {
    PublishedName name = PublishedName.of("selfcipher", file);
    assertThat(name).isEqualTo(new PublishedName("SelfCipher", model, method));
  }

  @Test
  void aNameOfNoModelIsRefused() {
    assertThatThrownBy(() -> PublishedName.of("autodan", "responses.json"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("responses.json");
  }
}
