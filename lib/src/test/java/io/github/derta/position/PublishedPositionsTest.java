package io.github.derta.position;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;

/** The committed facts give the counts that are known of the published responses. */
class PublishedPositionsTest {

  private static final Path NOTEBOOKS = Path.of(System.getProperty("derta.home"), "notebooks");

  private final List<CSVRecord> rows = read("published-positions.csv");

  PublishedPositionsTest() throws IOException {}

  @Test
  void wordPositionsAreTheKnownOnes() {
    assertBands("codeattack", "lora_Llama-3-70B_derta_", "word", 0, 0, 142);
    assertBands("jailbreakchat", "lora_Llama-3-70B_derta_", "word", 170, 14, 12);
    assertBands("jailbreakchat", "lora_Llama-3-70B_vanill_", "word", 111, 4, 6);
    assertBands("selfcipher", "lora_Llama-3-70B_vanill_", "word", 97, 0, 0);
  }

  @Test
  void tokenPositionsPooledOverTheAttacksAreTheKnownOnes() {
    assertBands("", "lora_Llama-3-70B_vanill_", "token", 171, 47, 11);
    assertBands("", "lora_Llama-3-70B-recaug_", "token", 273, 203, 34);
    assertBands("", "lora_Llama-3-70B_derta_", "token", 365, 228, 188);
    assertBands("completionattack", "lora_Llama-3-70B_derta_", "token", 0, 171, 26);
  }

  @Test
  void everyRecordOfEveryFileIsThereOnce() {
    assertThat(rows).hasSize(9104);
    assertThat(rows).extracting(r -> r.get("file") + r.get("index")).doesNotHaveDuplicates();
  }

  @Test
  void theKnownDamageIsNamed() throws IOException {
    List<CSVRecord> damage = read("published-damage.csv");
    Predicate<CSVRecord> derta =
        r -> r.get("attack").equals("jailbreakchat") && r.get("file").contains("-70B_derta_");
    assertThat(damage)
        .filteredOn(derta)
        .filteredOn(r -> !r.get("duplicate_of").isEmpty())
        .hasSize(25);
    assertThat(damage)
        .filteredOn(derta)
        .filteredOn(r -> Integer.parseInt(r.get("sorry_run")) >= 10)
        .hasSize(40);
    assertThat(damage)
        .filteredOn(r -> r.get("file").contains("gpt-4") && r.get("empty").equals("true"))
        .hasSize(85);
  }

  private void assertBands(String attack, String model, String column, long... counts) {
    int[] positions =
        rows.stream()
            .filter(r -> attack.isEmpty() || r.get("attack").equals(attack))
            .filter(r -> r.get("file").startsWith(model))
            .mapToInt(r -> Integer.parseInt(r.get(column)))
            .toArray();
    PositionCounts found = PositionCounts.of(positions);
    assertThat(Band.PAPER.stream().mapToLong(found::in)).containsExactly(box(counts));
  }

  private static Long[] box(long... counts) {
    return java.util.Arrays.stream(counts).boxed().toArray(Long[]::new);
  }

  private static List<CSVRecord> read(String name) throws IOException {
    CSVFormat format = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();
    try (Reader reader = Files.newBufferedReader(NOTEBOOKS.resolve(name))) {
      return format.parse(reader).getRecords();
    }
  }
}
