///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS info.picocli:picocli:4.7.7
//DEPS org.slf4j:slf4j-simple:2.0.20
//RUNTIME_OPTIONS -Dorg.slf4j.simpleLogger.defaultLogLevel=error

import io.github.derta.io.AtomicFile;
import io.github.derta.io.BadInput;
import io.github.derta.io.Cli;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows runs on one page. `--help` says the rest. */
@Command(
    name = "Report.java",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Writes one HTML page of what Attack.java kept: answers that comply by model and attack, where refusals",
      "begin, how far judges agree, the protocol, and every answer, to be filtered and searched; with depth",
      "curves and helpfulness where their tables are given. The page holds all it needs and opens offline."
    },
    footer = {
      "",
      "Example: environment/jbang jbang-scripts/Report.java runs/vanilla runs/derta --base runs/base \\",
      "  --depth notebooks/kitchen.csv --out report.html",
      "Exit code: 0; 2 if an option or a file is wrong."
    })
public class Report implements Callable<Integer> {

  @Parameters(arity = "1..*", paramLabel = "RUNDIR", description = "a folder that Attack.java wrote, for each model")
  List<Path> runs;

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "the page, replaced if it is there")
  Path out;

  @Option(names = "--base", paramLabel = "RUNDIR",
      description = "the same run of the base model: its rates beside each")
  Path base;

  @Option(names = "--judge", paramLabel = "NAME",
      description = "whose verdicts count (default: the first that judged every run)")
  String judge;

  @Option(names = "--depth", paramLabel = "CSV", description = "the answers of a study, STUDY.csv as Reproduce.java keeps it")
  Path depth;

  @Option(names = "--helpfulness", split = ",", paramLabel = "CSV",
      description = "tables of Helpfulness.java --format csv, a file for each model, called by its name")
  List<Path> helpfulness = List.of();

  @Option(names = "--show-text", description = "show texts; else only the kitchen's in our own prompts")
  boolean showText;

  @Option(names = "--plotly", paramLabel = "FILE", defaultValue = "${env:DERTA_PLOTLY}",
      description = "plotly.min.js, which goes into the page (default: the one that environment/setup brings)")
  Path plotly;

  public static void main(String... args) {
    Cli.main(new Report(), args);
  }

  @Override
  public Integer call() throws IOException {
    if (plotly == null || !Files.isRegularFile(plotly)) {
      throw new BadInput("--plotly " + plotly + ": no such file; plotly.min.js is needed, which environment/setup brings");
    }
    io.github.derta.view.Report report = io.github.derta.view.Report.of(runs, base, judge).helpfulness(helpfulness);
    if (depth != null) {
      report.depth(depth);
    }
    if (showText) {
      report.showText();
    }
    // Half a character of a model's becomes a question mark.
    byte[] page = report.toHtml(Files.readString(plotly)).getBytes(StandardCharsets.UTF_8);
    AtomicFile.replace(out, partial -> Files.write(partial, page));
    System.err.println(out.toAbsolutePath());
    return 0;
  }
}
