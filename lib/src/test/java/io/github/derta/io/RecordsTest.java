package io.github.derta.io;

import static io.github.derta.io.Role.ANSWER;
import static io.github.derta.io.Role.HARMFUL;
import static io.github.derta.io.Role.LEARNED;
import static io.github.derta.io.Role.PROMPT;
import static io.github.derta.io.Role.QUESTION;
import static io.github.derta.io.Role.REJECTED;
import static io.github.derta.io.Role.SAFE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.airlift.compress.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordsTest {

  @TempDir Path folder;

  private final PrintStream stderr = System.err;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  @BeforeEach
  void catchWhatIsSaid() {
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void release() {
    System.setErr(stderr);
  }

  /** Shape; the file, ~ a line's end; records; first question; first answer. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
"""
garak report | {"entry_type":"init"}~{"entry_type":"attempt","uuid":"u","status":1,"prompt":"Pie?","outputs":["Bake.",null]}~{"entry_type":"attempt","uuid":"u","status":2,"prompt":"Pie?","outputs":["Bake.",null]}~ | 1 | Pie? | Bake.
garak report | {"entry_type":"attempt","uuid":"u","goal":"test","prompt":{"turns":[{"role":"system","content":{"text":"Cook"}},{"role":"user","content":{"text":"Pie?"}}]},"outputs":[{"text":"Bake.","lang":"en"},{"text":"Boil."}]} | 1 | Pie? | Bake.
JailbreakBench artifact | {"parameters":{"method":"x"},"jailbreaks":[{"index":0,"goal":"Pie","behavior":"P","category":"C","prompt":null,"response":null,"jailbroken":false},{"index":1,"goal":"Tea","behavior":"T","category":"C","prompt":"Pray, tea","response":"Boil.","jailbroken":true}]} | 1 | Tea | Boil.
HarmBench results | {"bake_pie":[{"test_case":"Pie?","generation":"Bake.","label":0},{"test_case":"Pie!","generation":"No."}],"make_tea":[{"test_case":"Tea?","generation":"Boil."}]} | 3 | Pie? | Bake.
HarmBench results | {~  "pie": {"test_case":"Pie?","generation":"Bake."}~} | 1 | Pie? | Bake.
EasyJailbreak results | {"query":"Pie","jailbreak_prompt":"Pray, {query}","target_responses":["Bake."],"eval_results":[1],"index":null}~ | 1 | Pie | Bake.
inspect_ai log | {"version":2,"eval":{"task":"t"},"samples":[{"id":1,"epoch":1,"input":"Pie?","target":"x","output":{"model":"m","choices":[{"message":{"role":"assistant","content":"Bake."}}]}},{"id":1,"epoch":2,"input":[{"role":"user","content":"Pie?"}],"target":"x","output":{"choices":[{"message":{"role":"assistant","content":[{"type":"reasoning","reasoning":"Hm"},{"type":"text","text":"Boil."}]}}]}}],"log_updates":[{"a":1}]} | 2 | Pie? | Bake.
messages | {"messages":[{"role":"user","content":"Pie?"},{"role":"assistant","reasoning_content":"Hm","content":"Bake."}]}~{"messages":[{"role":"user","content":"Tea?"},{"role":"assistant","content":[{"type":"reasoning","reasoning":"Hm"},{"type":"text","text":"Boil."}]}]} | 2 | Pie? | <think>Hm</think>Bake.
lm-eval samples | {"doc_id":0,"doc":{"question":"Pie?"},"target":"b","arguments":{"gen_args_0":{"arg_0":"Q: Pie?","arg_1":{"until":[]}}},"resps":[["Bake."]],"filtered_resps":["Bake"],"filter":"a"}~{"doc_id":0,"doc":{"question":"Pie?"},"arguments":{"gen_args_0":{"arg_0":"Q: Pie?"}},"resps":[["Bake."]],"filter":"b"} | 1 | Pie? | Bake.
PyRIT labels | # dataset_version=1~objective,assistant_response,human_score~Pie?,Bake.,1~ | 1 | Pie? | Bake.
AlpacaEval outputs | [{"instruction":"Pie?","output":"Bake.","generator":"m","dataset":"d"}] | 1 | Pie? | Bake.
BeaverTails | {"prompt":"Pie?","response":"Bake.","is_safe":true}~ | 1 | Pie? | Bake.
responses | {"id":"a","question":"Pie?","prompt":"Pray, pie?","response":"Bake."}~{"goal":"Tea","response":""} | 2 | Pie? | Bake.
responses | question,response~"Pie,~or tea?","Bake ""it""."~ | 1 | Pie,~or tea? | Bake "it".
responses | question;response~Pie?;Bake, then eat.~ | 1 | Pie? | Bake, then eat.
prompts and completions | prompt	completion~Pie?	Bake.~ | 1 | Pie? | Bake.
messages | {"messages":[{"role":"system","content":"Cook"},{"role":"user","content":[{"type":"text","text":"Pie?"}]},{"role":"assistant","content":"Bake."}]}~{"messages":[{"role":"user","content":"Tea?"}]} | 1 | Pie? | Bake.
ShareGPT | {"data":[{"id":"x","conversations":[{"from":"human","value":"Pie?"},{"from":"gpt","value":"Bake."}]}]} | 1 | Pie? | Bake.
Alpaca | {"instruction":"Sort.","input":"b a","output":"a b","score":NaN} | 1 | Sort.~b a | a b
""")
  void answersOfEveryShape(
      String shape, String content, int records, String question, String answer)
      throws IOException {
    List<Item> items = read(content.strip().replace('~', '\n'), ANSWER);

    assertThat(items).hasSize(records);
    assertThat(items.get(0).shape().name()).isEqualTo(shape);
    assertThat(items.get(0).text(QUESTION)).isEqualTo(question.replace('~', '\n'));
    assertThat(items.get(0).texts(ANSWER).get(0)).isEqualTo(answer);
    assertThat(items).extracting(Item::id).doesNotHaveDuplicates();
    if (!shape.equals("responses")) {
      assertThat(said()).contains(": " + shape + ", " + records + " records");
    }
  }

  /** Shape; the file; records; first question, its first id. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
"""
HarmBench behaviours | Behavior,FunctionalCategory,Tags,ContextString,BehaviorID~"Name, then bake it",contextual,,"A pie.",pie_1~Boil tea,standard,,,tea_1~ | 2 | A pie.~~---~~Name, then bake it | pie_1
JailbreakBench behaviours | Index,Goal,Target,Behavior,Category,Source~0,Bake a pie,"Sure, here",Pie,Food,Original~ | 1 | Bake a pie | 0
AdvBench | goal,target~Bake a pie,"Sure, here is a pie"~"Boil, then pour",Sure~ | 2 | Bake a pie | 2
StrongREJECT | category,source,forbidden_prompt~Food,custom,"Bake~a pie"~ | 1 | Bake~a pie | 2
MMLU | {"question":"Which rises?","subject":"food","choices":["salt","yeast"],"answer":1}~ | 1 | Which rises?~(A) salt~(B) yeast | 1
XSTest | id,prompt,type,label,focus,note~v2-1,How do I kill the yeast?,homonyms,safe,kill,~ | 1 | How do I kill the yeast? | v2-1
inspect_ai dataset | {"input":"Pie?","target":"yes"}~ | 1 | Pie? | 1
questions | {"question":"Pie?","prompt":"Pray, pie?"}~~{"text":"Tea?"} | 2 | Pie? | 1
questions | "prompt"~"Pie, or tea?"~ | 1 | Pie, or tea? | 2
strings | ["Pie?","Tea?"] | 2 | Pie? | 1
strings | Pie, or tea?~~Tea, please~ | 2 | Pie, or tea? | 1
strings | "Pie?"~"Tea?"~ | 2 | Pie? | 1
JailbreakBench artifact | {"jailbreaks":[{"index":7,"goal":"Pie","prompt":"Pray","response":"Bake.","jailbroken":true}]} | 1 | Pie | 7
""")
  void questionsOfEveryShape(String shape, String content, int records, String question, String id)
      throws IOException {
    List<Item> items = read(content.strip().replace('~', '\n'), QUESTION);

    assertThat(items).hasSize(records);
    assertThat(items.get(0).shape().name()).isEqualTo(shape);
    assertThat(items.get(0).text(QUESTION)).isEqualTo(question.replace('~', '\n'));
    assertThat(items.get(0).id()).isEqualTo(id);
  }

  @Test
  void preferencesAreStringsOrMessagesAndServeAsTriples() throws IOException {
    String strings = "{\"prompt\":\"Pie?\",\"chosen\":\"Bake.\",\"rejected\":\"Burn.\"}\n";
    String messages =
        """
        {"chosen":[{"role":"user","content":"Pie?"},{"role":"assistant","content":"Bake."}],
         "rejected":[{"role":"user","content":"Pie?"},{"role":"assistant","content":"Burn."}]}
        """;
    for (String content : List.of(strings, messages)) {
      Item item = read(content, LEARNED).get(0);
      assertThat(item.text(QUESTION)).isEqualTo("Pie?");
      assertThat(item.text(LEARNED)).isEqualTo("Bake.");
      assertThat(item.text(REJECTED)).isEqualTo("Burn.");
      assertThat(item.hasEarlierTurns()).isFalse();
    }
    Item triple = read(strings, HARMFUL).get(0);
    assertThat(triple.text(HARMFUL)).isEqualTo("Burn.");
    assertThat(triple.text(SAFE)).isEqualTo("Bake.");
  }

  @Test
  void earlierTurnsAndTheSystemsMessageAreTold() throws IOException {
    String begin = "{\"messages\":[{\"role\":\"system\",\"content\":\"Cook.\"},";
    String turns =
        "{\"role\":\"user\",\"content\":\"Pie?\"},{\"role\":\"assistant\",\"content\":\"Bake.\"}";
    Item one = read(begin + turns + "]}", LEARNED).get(0);
    assertThat(one.hasEarlierTurns()).isFalse();
    assertThat(one.system()).isEqualTo("Cook.");
    assertThat(read(begin + turns + "," + turns + "]}", LEARNED).get(0).hasEarlierTurns()).isTrue();
  }

  @Test
  void thePromptIsWhatWasSent() throws IOException {
    String easy =
        "{\"query\":\"Pie\",\"jailbreak_prompt\":\"Pray, {query}!\",\"target_responses\":[\"B\"]}";
    assertThat(read(easy, ANSWER).get(0).text(PROMPT)).isEqualTo("Pray, Pie!");
    String both = "{\"question\":\"Pie?\",\"prompt\":\"Pray, pie?\",\"response\":\"Bake.\"}";
    assertThat(read(both, ANSWER).get(0).text(PROMPT)).isEqualTo("Pray, pie?");
    assertThat(read("{\"goal\":\"Pie\",\"target\":\"Sure\"}", QUESTION).get(0).text(PROMPT))
        .isEqualTo("Pie");
  }

  @Test
  void gzipAndInspectsZipAreUnpacked() throws IOException {
    Path gz = folder.resolve("a.jsonl.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gz))) {
      out.write(
          "\uFEFF{\"question\":\"Pie?\",\"response\":\"Bake.\"}".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(read(gz, ANSWER)).hasSize(1);
    Path log = folder.resolve("a.eval");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(log))) {
      String sample =
          "{\"id\":%d,\"epoch\":1,\"input\":\"Pie?\",\"output\":{\"choices\":[{\"message\":{\"content\":\"B\"}}]}}";
      entry(zip, "_journal/start.json", "{}");
      entry(zip, "samples/1_epoch_1.json", sample.formatted(1));
      entry(zip, "samples/2_epoch_1.json", sample.formatted(2));
      entry(zip, "header.json", "{}");
    }
    assertThat(read(log, ANSWER)).extracting(Item::id).containsExactly("1-1", "2-1");
    // By zstd, which this Java cannot write: environment/python/inspect_zip.py made it.
    Path zstd = folder.resolve("b.eval");
    Files.write(zstd, getClass().getResourceAsStream("zstd.eval").readAllBytes());
    assertThat(read(zstd, ANSWER)).extracting(Item::id).containsExactly("1-1", "2-1");
    Path inGzip = folder.resolve("c.eval.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(inGzip))) {
      out.write(Files.readAllBytes(log));
    }
    assertThat(read(inGzip, ANSWER)).hasSize(2);
    Path records = folder.resolve("d.jsonl.zst");
    try (OutputStream out = new ZstdOutputStream(Files.newOutputStream(records))) {
      out.write("{\"question\":\"Pie?\",\"response\":\"Bake.\"}".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(read(records, ANSWER)).hasSize(1);
    byte[] bytes = Files.readAllBytes(records);
    bytes[bytes.length / 2] ^= 0x55;
    Files.write(records, bytes);
    assertThatThrownBy(() -> read(records, ANSWER)).isInstanceOf(BadInput.class);
  }

  @Test
  void recordsThatRepeatAreLeftOutByIdAndElseCounted() throws IOException {
    String same = "{\"question\":\"Pie?\",\"response\":\"Bake.\"}\n";
    assertThat(read(same + same, ANSWER)).hasSize(2);
    assertThat(said()).contains("responses, 2 records, 1 of them repeat others");
    String named = "{\"id\":1,\"question\":\"Pie?\",\"response\":\"Bake.\"}\n";
    assertThat(read(named + named + "{\"response\":null}\n", ANSWER)).hasSize(1);
    assertThat(said()).contains("1 records; left out: 1 repeated, 1 without an answer");
    bad(named + named.replace("Bake", "Boil"), ANSWER, ":2: id 1 stands in line 1 already");
  }

  @Test
  void whatCannotBeReadIsNamedWithWhatToDoAndWithoutText() throws IOException {
    bad(
        "{\"dish\":\"pie\"}",
        ANSWER,
        ":1: ",
        "\"dish\"",
        "HarmBench results (test_case, generation)");
    bad("dish,cook\npie,me\n", QUESTION, ":2: ", "\"dish\", \"cook\"", "AdvBench (goal, target)");
    bad(
        "{\"instruction\":\"q\",\"output\":\"harm\",\"safe_response\":\"no\"}",
        ANSWER,
        "safety triples",
        "no answer of a model");
    bad("{\"prefix\":\"p\",\"text\":\"t\",\"safe\":\"true\"}", QUESTION, "rows", "no question");
    bad("goal,target\npie\n", QUESTION, ":2: 1 cells, the header has 2");
    bad("{\"response\":\"a \\ud800\"}\n", ANSWER, ":1: field \"response\" holds half a character");
    bad("{\"response\":\"pie\"}\npoison\n", ANSWER, ":2: not JSON: Unrecognized token");
    bad("{\"data\":[{\"dish\":1}]}", ANSWER, ":1: ", "\"dish\"");
    bad(
        "{\"doc\":{},\"arguments\":[[\"q\"]],\"resps\":[[[\"-1\",\"False\"]]]}",
        ANSWER,
        "\"resps\" is an array");
    bad("PAR1...", QUESTION, "a Parquet file; convert it (in Python");
    Path latin =
        Files.write(
            folder.resolve("latin.csv"), "goal\nCaf\u00E9\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> read(latin, QUESTION)).hasMessageContaining("not UTF-8");
    assertThat(said()).doesNotContain("poison");
  }

  private void bad(String content, Role wanted, String... parts) {
    assertThatThrownBy(() -> read(content, wanted))
        .isInstanceOf(BadInput.class)
        .hasMessageContainingAll(parts)
        .hasMessageNotContainingAny("poison", "harm,", "pie");
  }

  private static void entry(ZipOutputStream zip, String name, String content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(content.getBytes(StandardCharsets.UTF_8));
  }

  private List<Item> read(String content, Role wanted) throws IOException {
    return read(Files.writeString(folder.resolve("records.any"), content), wanted);
  }

  private static List<Item> read(Path file, Role wanted) {
    List<Item> items = new ArrayList<>();
    Records.of(file, wanted).forEach(items::add);
    return items;
  }

  private String said() {
    return said.toString(StandardCharsets.UTF_8);
  }
}
