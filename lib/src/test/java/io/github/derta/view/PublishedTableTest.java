package io.github.derta.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.derta.io.BadInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

class PublishedTableTest {

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
    assertThat(PublishedTable.model(file)).isEqualTo(model);
    assertThat(PublishedTable.method(file)).isEqualTo(method);
  }

  @Test
  void aNameOfNoModelIsRefused() {
    assertThatThrownBy(() -> PublishedTable.model("responses.json"))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("responses.json");
  }

  @Test
  void overviewCountsResponsesOfEachModelUnderEachAttack(@TempDir Path folder) throws IOException {
    Path csv = folder.resolve("facts.csv");
    Files.writeString(
        csv,
        """
        attack,file
        code,Llama-3-8B_dpo.json
        code,Llama-3-8B_dpo.json
        chat,gpt-4.json
        """);

    Table overview = PublishedTable.overview(PublishedTable.read(csv));

    assertThat(overview.columnNames()).containsExactly("model", "method", "code", "chat");
    assertThat(overview.stringColumn("model").asList()).containsExactly("GPT-4", "LLaMA3-8B");
    assertThat(overview.intColumn("code").get(1)).isEqualTo(2);
    assertThat(overview.intColumn("code").isMissing(0)).isTrue();
  }

  @Test
  void withoutLeavesOutTheNamedResponsesOnly() {
    Table responses = responses("a", "a", "b");

    Table kept = PublishedTable.without(responses, responses.first(1));

    assertThat(kept.intColumn("index").asList()).containsExactly(1, 2);
  }

  private static Table responses(String... files) {
    return Table.create(
        StringColumn.create("attack", Collections.nCopies(files.length, "code")),
        StringColumn.create("file", files),
        IntColumn.create("index", IntStream.range(0, files.length).toArray()));
  }

  @Test
  void aMissingFileSaysWhatMakesIt(@TempDir Path folder) {
    assertThatThrownBy(() -> PublishedTable.read(folder.resolve("no.csv")))
        .isInstanceOf(BadInput.class)
        .hasMessageContaining("PublishedPositions.java");
  }
}
