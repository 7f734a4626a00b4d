///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS info.picocli:picocli:4.7.7
//DEPS org.slf4j:slf4j-simple:2.0.20
//DEPS ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0
//DEPS ai.djl.pytorch:pytorch-native-cpu:2.7.1:linux-x86_64
//RUNTIME_OPTIONS -Dorg.slf4j.simpleLogger.defaultLogLevel=error

import io.github.derta.attack.Originals;
import io.github.derta.eval.PaperTables;
import io.github.derta.eval.Study;
import io.github.derta.eval.StudyRun;
import io.github.derta.eval.StudyRun.State;
import io.github.derta.io.BadInput;
import io.github.derta.io.Cli;
import io.github.derta.io.Download;
import io.github.derta.io.RowWriter;
import io.github.derta.model.Devices;
import io.github.derta.stats.Rates;
import io.github.derta.view.AnswerTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tech.tablesaw.api.Table;

/** Trains, attacks and measures all models of a study. `--help` says the rest. */
@Command(
    name = "Reproduce.java",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "The paper as one study: data, training of every method and seed, attacks and controls, judges,",
      "helpfulness, tables. A step whose hash the table holds is not done again, so a study may take several",
      "sittings and machines; one that was killed continues. Writes STUDY.csv (a word for each answer),",
      "STUDY-questions.csv, -texts.jsonl.gz (answers that anybody may read), -losses.csv and -refusal.csv, and",
      "keeps all answers in DIR.",
      "Built-in studies: kitchen, kitchen-lora, kitchen-beyond, llama3-8b. The tables in notebooks/ are made by",
      "  Reproduce.java --study kitchen --out .derta/study --resume --tables notebooks"
    },
    footer = {
      "",
      "Example: environment/jbang jbang-scripts/Reproduce.java --study kitchen --quick --out study",
      "Exit code: 0; 2 if an option or the study is wrong; 130 if it was interrupted."
    })
public class Reproduce implements Callable<Integer> {

  @Option(names = "--study", defaultValue = "kitchen", paramLabel = "NAME|FILE",
      description = "a built-in study or a YAML file (default: ${DEFAULT-VALUE})")
  String name;

  @Option(names = "--methods", split = ",", paramLabel = "MODEL",
      description = "only these of the study's models; base is one of them")
  List<String> methods;

  @Option(names = "--seeds", split = ",", paramLabel = "SEED", description = "only these of the study's seeds")
  List<Long> seeds;

  @Option(names = {"--attacks", "--steps"}, split = ",", paramLabel = "STEP",
      description = "only these steps: train, and the study's attacks and tasks by name")
  List<String> steps;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "where answers and tables go")
  Path out;

  @Option(names = "--resume", description = "continue the study in --out")
  boolean resume;

  @Option(names = "--tables", paramLabel = "DIR",
      description = "where the tables are kept and continued (default: --out)")
  Path tables;

  @Option(names = "--quick", description = "two models, one seed, few rows and questions: does everything run?")
  boolean quick;

  @Option(names = "--dry-run", description = "print the study and which of its steps are done")
  boolean dryRun;

  @Option(names = "--device", defaultValue = "auto", paramLabel = "auto|cpu|gpu",
      description = "default: a GPU if there is one")
  String device;

  @Option(names = "--originals", paramLabel = "DIR", description = "a folder with prompts and questions of others")
  Path originals;

  @Option(names = "--format", defaultValue = "table", paramLabel = "table|csv|json",
      description = "table: as the paper has them, its own below; else every rate with its interval")
  RowWriter.Format format;

  public static void main(String... args) {
    Cli.main(new Reproduce(), args);
  }

  @Override
  public Integer call() throws IOException {
    Study study = quick ? Study.load(name).quick() : Study.load(name);
    if (!dryRun && !resume && Files.exists(out.resolve("runs"))) {
      throw new BadInput("--out " + out + ": holds a study; --resume continues it");
    }
    try (StudyRun run = new StudyRun(
        study, tables == null ? out : tables, new Originals(Download.CACHE, originals), out, Devices.parse(device),
        System.err::println)) {
      checkNames(run.states());
      if (dryRun) {
        plan(run.states());
        return 0;
      }
      run.run(this::wanted);
      print(run.answers(), study);
      long open = run.states().stream().filter(state -> !state.done()).count();
      System.err.printf("%d of %d steps of the study are done%n", run.states().size() - open, run.states().size());
      return 0;
    } catch (CancellationException e) {
      System.err.println(e.getMessage());
      return 130;
    }
  }

  private boolean wanted(State state) {
    boolean its = methods == null || methods.contains(state.method());
    // The base model is not trained and has no seed of its own.
    boolean seed = seeds == null || state.method().equals(Study.BASE) || seeds.contains(state.seed());
    return its && seed && (steps == null || steps.contains(state.step()));
  }

  private void checkNames(List<State> states) {
    check("--methods", methods, states.stream().map(State::method).collect(Collectors.toSet()));
    check("--seeds", seeds, states.stream().map(State::seed).collect(Collectors.toSet()));
    check("--attacks", steps, states.stream().map(State::step).collect(Collectors.toSet()));
  }

  private static <T> void check(String option, List<T> named, Set<T> known) {
    for (T one : named == null ? List.<T>of() : named) {
      if (!known.contains(one)) {
        throw new BadInput(option + " " + one + ": the study has " + known);
      }
    }
  }

  private void plan(List<State> states) throws IOException {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (State state : states) {
      if (wanted(state)) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("method", state.method());
        row.put("seed", state.seed());
        row.put("step", state.step());
        row.put("about", state.kind());
        row.put("done", state.done() ? "yes" : "no");
        row.put("seconds", state.done() ? Math.round(state.seconds()) : null);
        rows.add(row);
      }
    }
    RowWriter.print(format, rows);
    double seconds = states.stream().filter(State::done).mapToDouble(State::seconds).sum();
    System.err.printf("%d of %d steps are done; they took %.1f hours%n",
        states.stream().filter(State::done).count(), states.size(), seconds / 3600);
  }

  private void print(Table answers, Study study) throws IOException {
    if (format != RowWriter.Format.TABLE) {
      RowWriter.print(format, AnswerTables.rates(answers, "method", "kind", "attack", "judge"));
      return;
    }
    if (!answers.isEmpty()) {
      System.out.printf("%s: answers that comply by attack, harmless questions refused, right answers, in percent%n", study.name());
      RowWriter.print(format, AnswerTables.paperLayout(answers));
    }
    String first = study.models().get(0).name();
    Table safety = AnswerTables.withoutTasks(answers);
    if (safety.stringColumn("method").contains(first)) {
      Table differences = Rates.differences(safety, "complied", "method", first, "kind", "attack");
      System.out.printf("%ncomplied: %s minus each model, 95 %% paired bootstrap over questions and seeds%n", first);
      RowWriter.print(format, differences);
    }
    for (String table : List.of("Table 2", "Table 4", "Table 10")) {
      System.out.printf("%nThe paper's %s, other models, other harm, other judges, in percent%n", table);
      RowWriter.print(format, PaperTables.of(table));
    }
  }
}
