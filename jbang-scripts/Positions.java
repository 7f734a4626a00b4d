///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS info.picocli:picocli:4.7.7
//DEPS org.slf4j:slf4j-simple:2.0.20
//RUNTIME_OPTIONS -Dorg.slf4j.simpleLogger.defaultLogLevel=error

import io.github.derta.io.AtomicFile;
import io.github.derta.io.BadInput;
import io.github.derta.io.Cli;
import io.github.derta.io.Progress;
import io.github.derta.io.RowWriter;
import io.github.derta.position.Band;
import io.github.derta.position.FileCounts;
import io.github.derta.position.PositionCounts;
import io.github.derta.position.Prompts;
import io.github.derta.position.RefusalPositions;
import io.github.derta.position.Response;
import io.github.derta.text.RefusalPhrases;
import io.github.derta.text.Tokenizer;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Where refusals stand in responses, file by file. `--help` says the rest. */
@Command(
    name = "Positions.java",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Where refusals stand in the responses of a model, file by file.",
      "Reads responses.jsonl, bare strings, and what HarmBench, JailbreakBench, inspect_ai, lm-eval, garak,",
      "AlpacaEval and EasyJailbreak write, chat messages, and CSV; JSON Lines, JSON or CSV, perhaps in gzip.",
      "Position: the white-space separated word in which the first phrase begins, counted from 1."
    },
    footer = {
      "",
      "Example: environment/jbang jbang-scripts/Positions.java --in results/safety --format csv",
      "Exit code: 0; 2 if the command line or a file is wrong (the others are still reported)."
    })
public class Positions implements Callable<Integer> {

  enum PhraseSet {
    refusals
  }

  @Option(names = "--in", required = true, arity = "1..*", paramLabel = "FILE_OR_DIR",
      description = "files, and folders searched to their depths")
  List<Path> in;

  @Option(names = "--phrase", paramLabel = "PHRASE",
      description = "what a refusal begins with, any case; repeatable (default: sorry)")
  List<String> phrases = List.of();

  @Option(names = "--phrases", paramLabel = "refusals",
      description = "the built-in refusal openings (from GCG and AutoDAN), added to --phrase")
  PhraseSet phraseSet;

  @Option(names = "--tokenizer", paramLabel = "tokenizer.json",
      description = "count 1 + the tokens before the phrase instead of words")
  Path tokenizerFile;

  @Option(names = "--prompts", paramLabel = "FILE",
      description = "cut the prompt that a record repeats at its start; white space does not count")
  Path promptFile;

  @Option(names = "--rows", description = "one line per record instead of one per file; of a file that turns out bad, the"
          + " records before the bad one")
  boolean rows;

  @Option(names = "--skip-bad", description = "count malformed records and go on")
  boolean skipBad;

  @Option(names = "--out", paramLabel = "FILE.csv", description = "write there instead of to stdout")
  Path out;

  @Option(names = "--format", paramLabel = "table|csv|json",
      description = "default: table, or csv with --out")
  RowWriter.Format format;

  public static void main(String... args) {
    Cli.main(new Positions(), args);
  }

  @Override
  public Integer call() throws IOException {
    List<Path> files = RefusalPositions.files(in);
    Prompts prompts = promptFile == null ? Prompts.NONE : Prompts.read(promptFile);
    RefusalPositions rule = RefusalPositions.of(phrases()).without(prompts);
    try (Tokenizer tokenizer = tokenizerFile == null ? null : Tokenizer.load(tokenizerFile)) {
      List<FileCounts> all = print(tokenizer == null ? rule : rule.inTokens(tokenizer), files);
      List<FileCounts> read = read(all);
      tellPrompts(read, prompts);
      read.stream().filter(file -> file.bad() > 0).forEach(Positions::tellBad);
      all.stream()
          .flatMap(file -> file.failure().stream())
          .forEach(mistake -> System.err.println(mistake.getMessage()));
      return read.size() == all.size() ? 0 : 2;
    }
  }

  private RefusalPhrases phrases() {
    if (phraseSet == null) {
      return RefusalPhrases.of(phrases.isEmpty() ? List.of("sorry") : phrases);
    }
    RefusalPhrases builtIn = RefusalPhrases.REFUSALS;
    return phrases.isEmpty() ? builtIn : builtIn.and(RefusalPhrases.of(phrases));
  }

  private static List<FileCounts> read(List<FileCounts> files) {
    return files.stream().filter(file -> file.failure().isEmpty()).toList();
  }

  private List<FileCounts> print(RefusalPositions rule, List<Path> files) throws IOException {
    List<FileCounts> counts = new ArrayList<>();
    if (out == null) {
      Writer stdout = new OutputStreamWriter(System.out, StandardCharsets.UTF_8);
      return print(rule, files, stdout, RowWriter.Format.TABLE);
    }
    if (Files.isDirectory(out)) {
      throw new BadInput("--out " + out + ": a folder; a file name is needed");
    }
    try {
      AtomicFile.write(
          out,
          to -> {
            counts.addAll(print(rule, files, to, RowWriter.Format.CSV));
            if (read(counts).isEmpty()) {
              throw new BadInput( // rather than an empty file
                  counts.stream()
                      .map(file -> file.failure().orElseThrow().getMessage())
                      .collect(Collectors.joining(System.lineSeparator())));
            }
          });
    } catch (IOException e) {
      throw new BadInput("--out " + out + ": cannot be written (" + e + ")", e);
    }
    return counts;
  }

  private List<FileCounts> print(
      RefusalPositions rule, List<Path> files, Writer to, RowWriter.Format usual)
      throws IOException {
    try (RowWriter writer = RowWriter.to(to, format == null ? usual : format);
        Progress progress = Progress.of("Reading", bytes(files), " MB", 1_000_000)) {
      if (rows) {
        return files.stream()
            .map(file -> rule.count(
                file, skipBad, progress::add, response -> write(writer, row(file, response))))
            .toList();
      }
      List<FileCounts> counts =
          files.parallelStream()
              .map(file -> rule.count(file, skipBad, progress::add, response -> {}))
              .toList();
      read(counts).forEach(file -> write(writer, row(file)));
      return counts;
    }
  }

  private static Map<String, Object> row(Path file, Response response) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("file", file.toString());
    row.put("record", response.record());
    row.put("words", response.words());
    row.put("position", response.position());
    row.put("phrase", response.phrase());
    return row;
  }

  private static Map<String, Object> row(FileCounts file) {
    PositionCounts positions = file.positions();
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("file", file.file().toString());
    row.put("responses", positions.responses());
    row.put("empty", file.empty());
    row.put("refused", positions.refused());
    row.put("first_1_5", positions.in(Band.START));
    row.put("first_6_30", positions.in(Band.MIDDLE));
    row.put("first_31_up", positions.in(Band.LATE));
    Number median = null;
    if (positions.refused() > 0) { // whole numbers without ".0"
      double middle = positions.median().getAsDouble();
      median = middle == Math.rint(middle) ? (Number) (long) middle : (Number) middle;
    }
    row.put("median_position", median);
    return row;
  }

  private static void write(RowWriter writer, Map<String, Object> row) {
    try {
      writer.write(row);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long bytes(List<Path> files) {
    return files.stream().mapToLong(file -> file.toFile().length()).sum();
  }

  private static void tellBad(FileCounts file) {
    System.err.printf(
        "%s: %d bad records passed over, the first: %s%n",
        file.file(), file.bad(), file.firstBad().orElseThrow().getMessage());
  }

  private void tellPrompts(List<FileCounts> files, Prompts prompts) {
    if (promptFile == null) {
      return;
    }
    for (FileCounts file : files) {
      if (file.withoutPrompt() > 0) {
        System.err.printf(
            "%s: %d of %d records begin with none of the prompts%n",
            file.file(), file.withoutPrompt(), file.positions().responses());
      }
    }
    List<Long> unused = prompts.unusedLines();
    if (!unused.isEmpty()) {
      System.err.printf(
          "%s: %d prompts not found at the start of any record, on lines %s%n",
          promptFile, unused.size(), unused);
    }
  }
}
