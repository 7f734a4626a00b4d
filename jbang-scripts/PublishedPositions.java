///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS info.picocli:picocli:4.7.7
//DEPS org.slf4j:slf4j-simple:2.0.20
//RUNTIME_OPTIONS -Dorg.slf4j.simpleLogger.defaultLogLevel=error

import io.github.derta.io.BadInput;
import io.github.derta.io.Cli;
import io.github.derta.io.RowWriter;
import io.github.derta.position.PublishedResponses;
import io.github.derta.position.PublishedResponses.Text;
import io.github.derta.position.RefusalPositions;
import io.github.derta.text.RefusalPhrases;
import io.github.derta.text.Tokenizer;
import io.github.derta.text.Words;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
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

  private static final RefusalPhrases SORRY = RefusalPhrases.of(List.of("sorry"));

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
    List<Map<String, Object>> positions = new ArrayList<>();
    List<Map<String, Object>> damaged = new ArrayList<>();
    try (Tokenizer tokenizer = Tokenizer.load(tokenizerFile)) {
      int[] known = {19701, 33386};
      if (!Arrays.equals(tokenizer.encode("Sorry Sorry"), known)) {
        throw new BadInput(tokenizerFile + ": not Llama 3's tokenizer; environment/llama3-tokenizer makes it");
      }
      responses.forEach(text -> {
        positions.add(position(text, tokenizer));
        boolean empty = Words.count(text.response()) == 0;
        int run = sorryRun(text.response());
        if (empty || text.duplicateOf() >= 0 || run >= RUN) {
          Map<String, Object> row = place(text);
          row.put("empty", empty);
          row.put("duplicate_of", text.duplicateOf() < 0 ? null : text.duplicateOf());
          row.put("sorry_run", run);
          damaged.add(row);
        }
      });
    }
    RowWriter.save(out, positions);
    if (damage != null) {
      RowWriter.save(damage, damaged);
    }
    return 0;
  }

  private static Map<String, Object> place(Text text) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("attack", text.attack());
    row.put("file", text.file());
    row.put("index", text.index());
    return row;
  }

  /** In words the one that holds "sorry", in tokens where "(I'm )?sorry" begins; 0 without a refusal. */
  private static Map<String, Object> position(Text text, Tokenizer tokenizer) {
    RefusalPositions word = RefusalPositions.of(SORRY);
    RefusalPositions token = RefusalPositions.of(RefusalPhrases.SORRY).inTokens(tokenizer);
    Map<String, Object> row = place(text);
    row.put("words", Words.count(text.whole()));
    row.put("word", word.in(text.whole()));
    row.put("token", token.in(text.whole()));
    row.put("response_word", word.in(text.response()));
    row.put("response_token", token.in(text.response()));
    row.put("refusal_word", RefusalPositions.of(RefusalPhrases.REFUSALS).in(text.response()));
    return row;
  }

  /** The longest run of "sorry" with no letter or digit between, glued ones included. */
  private static int sorryRun(String text) {
    int longest = 0;
    int run = 0;
    int end = 0;
    for (RefusalPhrases.Match match : SORRY.all(text)) {
      boolean joined = text.substring(end, match.start()).chars().noneMatch(Character::isLetterOrDigit);
      run = joined ? run + 1 : 1;
      end = match.end();
      longest = Math.max(longest, run);
    }
    return longest;
  }
}
