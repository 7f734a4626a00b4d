///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS info.picocli:picocli:4.7.7
//DEPS org.slf4j:slf4j-simple:2.0.20
//RUNTIME_OPTIONS -Dorg.slf4j.simpleLogger.defaultLogLevel=error

import io.github.derta.io.Cli;
import io.github.derta.io.RowWriter;
import io.github.derta.position.PublishedResponses;
import io.github.derta.position.PublishedResponses.Facts;
import io.github.derta.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes the data of notebook 01. `--help` says the rest. */
@Command(
    name = "PublishedPositions.java",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Makes the data of notebook 01 from the paper's public repository: facts, no text.",
      "Refuses any other content than that of commit 70bdb52 of github.com/RobustNLP/DeRTa.",
      "Positions are counted from 1, 0 where there is no refusal; index is counted from 0."
    },
    footer = {
      "",
      "Example: environment/jbang jbang-scripts/PublishedPositions.java --repo DeRTa \\",
      "  --tokenizer $(environment/llama3-tokenizer) --out notebooks/published-positions.csv \\",
      "  --damage notebooks/published-damage.csv"
    })
public class PublishedPositions implements Callable<Integer> {

  /** A run of "sorry" that is no sentence any more. */
  private static final int RUN = 10;

  @Option(names = "--repo", required = true, paramLabel = "DIR",
      description = "checkout of the public repository at commit 70bdb52")
  Path repository;

  @Option(names = "--tokenizer", required = true, paramLabel = "tokenizer.json",
      description = "Llama 3's, made by environment/llama3-tokenizer")
  Path tokenizerFile;

  @Option(names = "--out", required = true, paramLabel = "FILE.csv",
      description = "one row per response: where its refusals stand")
  Path out;

  @Option(names = "--damage", paramLabel = "FILE.csv",
      description = "one row per damaged record: empty response, the prompt of an earlier record of "
          + "its file, or ten and more \"sorry\" in a row")
  Path damage;

  public static void main(String... args) {
    Cli.main(new PublishedPositions(), args);
  }

  @Override
  public Integer call() throws IOException {
    PublishedResponses responses = PublishedResponses.in(repository);
    List<Facts> facts = new ArrayList<>();
    try (Tokenizer tokenizer = PublishedResponses.llama3(tokenizerFile)) {
      responses.forEach(tokenizer, facts::add);
    }
    write(out, facts, PublishedPositions::position);
    if (damage != null) {
      List<Facts> damaged =
          facts.stream()
              .filter(r -> r.empty() || r.duplicateOf() >= 0 || r.sorryRun() >= RUN)
              .toList();
      write(damage, damaged, PublishedPositions::damage);
    }
    return 0;
  }

  private static void write(Path file, List<Facts> facts, Function<Facts, Map<String, Object>> row)
      throws IOException {
    RowWriter.save(file, facts.stream().map(row).toList());
  }

  private static Map<String, Object> place(Facts facts) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("attack", facts.attack());
    row.put("file", facts.file());
    row.put("index", facts.index());
    return row;
  }

  private static Map<String, Object> position(Facts facts) {
    Map<String, Object> row = place(facts);
    row.put("words", facts.words());
    row.put("word", facts.word());
    row.put("token", facts.token());
    row.put("response_word", facts.responseWord());
    row.put("response_token", facts.responseToken());
    row.put("refusal_word", facts.refusalWord());
    return row;
  }

  private static Map<String, Object> damage(Facts facts) {
    Map<String, Object> row = place(facts);
    row.put("empty", facts.empty());
    row.put("duplicate_of", facts.duplicateOf() < 0 ? null : facts.duplicateOf());
    row.put("sorry_run", facts.sorryRun());
    return row;
  }
}
