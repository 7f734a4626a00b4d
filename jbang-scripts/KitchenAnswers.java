///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS info.picocli:picocli:4.7.7
//DEPS org.slf4j:slf4j-simple:2.0.20
//RUNTIME_OPTIONS -Dorg.slf4j.simpleLogger.defaultLogLevel=error

import io.github.derta.io.BadInput;
import io.github.derta.io.Cli;
import io.github.derta.io.JsonLines;
import io.github.derta.io.JsonLines.Line;
import io.github.derta.kitchen.Kitchen;
import io.github.derta.kitchen.KitchenAnswer;
import io.github.derta.kitchen.KitchenQuestion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The kitchen's questions out, its answers in. `--help` says the rest. */
@Command(
    name = "KitchenAnswers.java",
    mixinStandardHelpOptions = true,
    description = {
      "The two ends of making the kitchen's answers: its questions as Generate.java reads them,",
      "and the answers as the library ships them. environment/kitchen-answers runs all steps."
    },
    footer = {
      "",
      "Example: environment/jbang jbang-scripts/KitchenAnswers.java questions --drawn --out questions.jsonl",
      "Exit code: 0; 2 if the command line or a file is wrong."
    })
public class KitchenAnswers implements Runnable {

  @Command(name = "questions", description = "Writes {id, prompt} for Generate.java --chat.")
  int questions(
      @Option(names = "--out", required = true) Path out,
      @Option(names = "--drawn",
          description = "those answered at temperature 1 (harmless, to train on), not the greedy ones")
      boolean drawn)
      throws IOException {
    JsonLines.write(
        out,
        Kitchen.questions().stream()
            .filter(question -> question.drawn() == drawn)
            .map(question -> new Prompt(question.id(), question.text()))
            .iterator());
    return 0;
  }

  record Prompt(String id, String prompt) {}

  @Command(name = "answers", description = "Turns what Generate.java wrote into answers.jsonl.")
  int answers(
      @Option(names = "--in", required = true, arity = "1..*") List<Path> in,
      @Option(names = "--max-new-tokens", defaultValue = "96") int limit,
      @Option(names = "--out", required = true) Path out)
      throws IOException {
    Map<String, KitchenAnswer> byId = new HashMap<>();
    for (Path file : in) {
      JsonLines.read(file, JsonLines.distinctIds(line -> byId.put(line.text("id"), answer(line, limit))));
    }
    List<KitchenAnswer> answers = new ArrayList<>();
    for (KitchenQuestion question : Kitchen.questions()) {
      KitchenAnswer answer = byId.get(question.id());
      if (answer == null) {
        throw new BadInput(in + ": no answer to " + question.id() + "; one to each is needed");
      }
      answers.add(answer);
    }
    JsonLines.write(out, answers.iterator());
    return 0;
  }

  private static KitchenAnswer answer(Line line, int limit) {
    boolean complete = line.ints("ids").length < limit;
    return new KitchenAnswer(line.text("id"), line.text("response").strip(), complete);
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        new CommandLine(this), "one of \"questions\" and \"answers\" is needed");
  }

  public static void main(String... args) {
    Cli.main(new KitchenAnswers(), args);
  }
}
