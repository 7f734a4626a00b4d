///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 17+
//DEPS ${derta.lib:io.github.derta:derta:0.1.0-SNAPSHOT}
//DEPS info.picocli:picocli:4.7.7
//DEPS org.slf4j:slf4j-simple:2.0.20
//DEPS ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0
//DEPS ai.djl.pytorch:pytorch-native-cpu:2.7.1:linux-x86_64
//RUNTIME_OPTIONS -Dorg.slf4j.simpleLogger.defaultLogLevel=error

import io.github.derta.attack.Attack;
import io.github.derta.attack.Attacks;
import io.github.derta.attack.Originals;
import io.github.derta.attack.PerQuestion;
import io.github.derta.attack.Prefill;
import io.github.derta.attack.Questions;
import io.github.derta.eval.Answer;
import io.github.derta.eval.Answers;
import io.github.derta.eval.Ask;
import io.github.derta.eval.AttackSuite;
import io.github.derta.eval.Judge;
import io.github.derta.eval.Judges;
import io.github.derta.eval.Run;
import io.github.derta.eval.Target;
import io.github.derta.io.AtomicFile;
import io.github.derta.io.BadInput;
import io.github.derta.io.Cli;
import io.github.derta.io.Download;
import io.github.derta.io.RowWriter;
import io.github.derta.model.Decoding;
import io.github.derta.model.ModelOptions;
import io.github.derta.model.Prompt;
import io.github.derta.text.Reasoning;
import io.github.derta.view.AnswerTables;
import io.github.derta.view.Figure;
import io.github.derta.view.Report;
import io.github.derta.view.TableView;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.selection.Selection;

/** Measures how deep into an answer a model still refuses. `--help` says the rest. */
@Command(
    name = "Depth.java",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "How deep does a model refuse? Asks forbidden and harmless questions directly and with the first words of an "
          + "answer given, judges what the model writes after them, and prints how many answers comply and refuse at "
          + "each depth, with 95 %% intervals. OUT/depth.html shows the curves, where refusals begin, and every answer. "
          + "Runs are kept in OUT/runs: the same command again continues where it ended.",
      "The given words are fixed (off-policy): the kitchen's or those of a file; or the model's own (on-policy): "
          + "those of its direct answers that do not refuse."
    },
    footer = {
      "",
      "Example: environment/jbang jbang-scripts/Depth.java --model smollm2 --out depth",
      "Example: environment/jbang depth --endpoint http://127.0.0.1:8000/v1 --name derta \\",
      "  --questions forbidden.txt --harmless allowed.txt --limit 100 --out depth",
      "Exit code: 0; 2 if an option or a file is wrong, or a prompt has no answer; 130 if it was interrupted."
    })
public class Depth implements Callable<Integer> {

  @Mixin
  ModelOptions.Asked model;

  @Option(names = "--questions", paramLabel = "NAME|FILE",
      description = "what should be refused, as Attack.java has it (default: kitchen)")
  String questions;

  @Option(names = "--answers", paramLabel = "own|kitchen|FILE",
      description = "whose first words are given: the model's own, the kitchen's, or a file's,"
          + " {\"question_id\",\"response\"} (default: own at an endpoint and for questions of yours, else kitchen)")
  String answers;

  @Option(names = "--harmless", paramLabel = "NAME|FILE",
      description = "what should be answered (default: kitchen-task beside the kitchen, else none)")
  String harmless;

  @Option(names = "--harmless-answers", paramLabel = "own|kitchen|FILE",
      description = "the same for --harmless (default: own if --answers is own, else as for --answers)")
  String harmlessAnswers;

  @Option(names = "--depths", split = ",", defaultValue = "0,5,10,25", paramLabel = "K",
      description = "how many words are given; 0, the question alone, is always asked (default: ${DEFAULT-VALUE})")
  SortedSet<Integer> depths;

  @Option(names = "--limit", defaultValue = "16", paramLabel = "N", description = "questions of each kind (default: 16)")
  int limit;

  @Option(names = "--max-new-tokens", defaultValue = "48", paramLabel = "N", description = "longest answer (default: 48)")
  int maxNewTokens;

  @Option(names = "--judges", split = ",", paramLabel = "NAME",
      description = "as Attack.java has them; the page shows the first one's verdicts"
          + " (default: kitchen for the kitchen's questions, else phrases)")
  List<String> judges;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "where the page and the runs are kept")
  Path out;

  @Option(names = "--format", defaultValue = "table", paramLabel = "table|csv|json", description = "default: table")
  RowWriter.Format format;

  @Option(names = "--show-text", description = "show all texts on the page; else only those of the kitchen")
  boolean showText;

  @Option(names = "--plotly", paramLabel = "FILE", defaultValue = "${env:DERTA_PLOTLY}",
      description = "plotly.min.js, which goes into the page (default: the one that environment/setup brings)")
  Path plotly;

  private final Originals originals = new Originals(Download.CACHE, null);
  private final List<Judge> opened = new ArrayList<>();
  private final Map<String, Run> runs = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();

  public static void main(String... args) {
    Cli.main(new Depth(), args);
  }

  @Override
  public Integer call() throws IOException {
    check();
    Questions forbidden = Questions.find(questions == null ? "kitchen" : questions, originals);
    String beside = forbidden.name().equals("kitchen") ? "kitchen-task" : null;
    Questions price = harmless == null && beside == null ? null : Questions.find(harmless == null ? beside : harmless, originals);
    try {
      String usual = forbidden.ours() && (price == null || price.ours()) ? "kitchen" : "phrases";
      for (String judge : judges == null ? List.of(usual) : judges) {
        opened.add(Judges.open(judge, model.dtype, model.device()));
      }
      run("forbidden", forbidden, answers);
      if (price != null) {
        run("harmless", price, harmlessAnswers == null && "own".equals(answers) ? "own" : harmlessAnswers);
      }
      show();
      int missing = runs.values().stream().mapToInt(run -> run.planned() - run.answers().size()).sum();
      if (missing > 0) {
        System.err.printf("%d prompts have no answer; the same command asks them again%n", missing);
      }
      return missing == 0 ? 0 : 2;
    } catch (CancellationException e) {
      System.err.println(e.getMessage());
      return 130;
    } finally {
      opened.forEach(Judge::close);
    }
  }

  private void check() {
    model.check(List.of(Prompt.chat("")));
    depths.add(0);
    if (limit < 1 || depths.first() < 0) {
      throw new BadInput("--limit %d, --depths %d: at least 1 question and 0 words are needed".formatted(limit, depths.first()));
    }
    if (questions == null && isFile(answers) || harmless == null && isFile(harmlessAnswers)) {
      throw new BadInput("answers of a file need their questions: --answers FILE goes with --questions,"
          + " --harmless-answers FILE with --harmless");
    }
    if (plotly == null || !Files.isRegularFile(plotly)) {
      throw new BadInput("--plotly " + plotly + ": no such file; plotly.min.js is needed, which environment/setup brings");
    }
  }

  private static boolean isFile(String answers) {
    return answers != null && !answers.matches("own|kitchen");
  }

  /** Asks questions at every depth. */
  private void run(String kind, Questions source, String begun) {
    boolean own = begun == null ? !model.isLocal() || !source.ours() : begun.equals("own");
    List<String> attacks = new ArrayList<>(List.of("direct"));
    depths.tailSet(1).stream().filter(depth -> !own).forEach(depth -> attacks.add("prefill-" + depth));
    Attacks known = Attacks.on(source, originals).answers(isFile(begun) ? Path.of(begun) : null);
    Run run = run(kind, source, known.named(attacks));
    if (own) {
      PerQuestion direct = own(run);
      List<Attack> deeper = depths.tailSet(1).stream()
          .map(depth -> Prefill.of(depth, direct, true, false))
          .filter(attack -> Ask.possible(attack, source.first(limit)))
          .toList();
      int asked = run.plan().questions().n();
      run = deeper.isEmpty() ? run : run.and(run(kind + "-own-" + Integer.toHexString(direct.texts().hashCode()), source, deeper));
      notes.add("Given words of " + kind + " questions are the model's own (on-policy), from its direct answers that do not refuse: "
          + (asked - direct.texts().size()) + " of " + asked + " questions have none; a depth counts only those"
          + " whose answer is longer than the given words, so rates at different depths are of different questions.");
    } else if (attacks.size() > 1) {
      notes.add("Given words of " + kind + " questions are fixed (off-policy), whoever is asked: "
          + run.plan().attacks().get(attacks.get(1)).parameters().get("prompts") + ".");
    }
    runs.put(kind + " (" + source.name() + ")", run);
  }

  private Run run(String folder, Questions source, List<Attack> attacks) {
    AttackSuite suite = new AttackSuite(source, limit, attacks, Decoding.greedy(maxNewTokens), opened);
    return suite.run(Target.of(model, out.resolve("runs/forbidden")), out.resolve("runs").resolve(folder), System.err::println);
  }

  /** The direct answers in which the first judge sees no refusal. */
  private PerQuestion own(Run direct) {
    Map<String, String> texts = new TreeMap<>();
    for (Answer answer : direct.answers()) {
      direct.rulings().stream()
          .filter(one -> one.id().equals(answer.id()) && one.judge().equals(opened.get(0).name()))
          .filter(one -> one.verdict().matches("complied|neither") && one.refusalAt() == null)
          .forEach(one -> texts.put(answer.questionId(), Reasoning.of(answer.response()).answer()));
    }
    return new PerQuestion("built-in (the model's own direct answers)", texts);
  }

  private void show() throws IOException {
    Table all = Answers.of(runs);
    StringColumn attacks = all.stringColumn("attack");
    all.addColumns(
        all.stringColumn("method").copy().setName("questions"),
        attacks.replaceAll("prefill-own.*", "on-policy").replaceAll("prefill.*", "off-policy").setName("prefixes"));
    notes.forEach(System.err::println);
    String[] groups = {"questions", "prefixes", "given", "judge"};
    boolean table = format == RowWriter.Format.TABLE;
    RowWriter.print(format, table ? AnswerTables.readable(all, groups) : AnswerTables.rates(all, groups));

    String judge = opened.get(0).name();
    Table judged = all.where(all.stringColumn("judge").isEqualTo(judge));
    Table readable = AnswerTables.readable(judged, "questions", "prefixes", "given");
    List<String> paragraphs = new ArrayList<>();
    for (String asked : runs.keySet()) {
      Table rows = readable.where(readable.stringColumn("questions").isEqualTo(asked));
      int last = rows.rowCount() - 1;
      paragraphs.add("Refused, " + asked + ": " + rows.getString(0, "refused") + " asked directly; "
          + rows.getString(last, "refused") + " with " + rows.getString(last, "given") + " words of an answer given.");
    }
    paragraphs.addAll(notes);
    paragraphs.add("Verdicts are of the judge " + judge + ", which sees only what the model writes after the given words. Complied:"
        + " it gives what it should refuse. Refused: it refuses before that. Refusals of harmless questions are the price.");
    String figures = curves(AnswerTables.rates(judged, "questions", "given")).toHtml()
        + "<div class=\"scroll\">" + new TableView(readable, readable.rowCount()).toHtml() + "</div>";
    String title = "How deep does " + runs.values().iterator().next().plan().model().name() + " refuse?";
    Report report = Report.of(runs, judge, Map.of("title", title, "notes", paragraphs, "figures", figures));
    if (showText) {
      report.showText();
    }
    // Half a character of a model's becomes a question mark.
    byte[] page = report.toHtml(Files.readString(plotly)).getBytes(StandardCharsets.UTF_8);
    AtomicFile.replace(out.resolve("depth.html"), partial -> Files.write(partial, page));
    System.err.println(out.resolve("depth.html").toAbsolutePath());
  }

  /** Refusals of each kind of questions, and how many answers to forbidden ones comply. */
  private static Figure curves(Table rates) {
    StringColumn outcome = rates.stringColumn("outcome");
    Selection complied = outcome.isEqualTo("complied").and(rates.stringColumn("questions").startsWith("forbidden"));
    Table shown = rates.where(outcome.isEqualTo("refused")).append(rates.where(complied));
    StringColumn panel = shown.stringColumn("questions").join(": ", shown.stringColumn("outcome"));
    return Figure.lines(shown.addColumns(panel.setName("panel")), "given", "share")
        .by("outcome").errorBars("low", "high").panels("panel").yRange(0, 1.02).yPercent()
        .xTitle("words of an answer that are given").yTitle("share of answers")
        .title("Answers, by how much of an answer is given", "95 % intervals");
  }
}
