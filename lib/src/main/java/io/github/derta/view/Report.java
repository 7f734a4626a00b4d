package io.github.derta.view;

import io.github.derta.attack.SearchLog;
import io.github.derta.eval.Agreement;
import io.github.derta.eval.Answer;
import io.github.derta.eval.Answers;
import io.github.derta.eval.Judges;
import io.github.derta.eval.ProtocolCard;
import io.github.derta.eval.Ruling;
import io.github.derta.eval.Run;
import io.github.derta.eval.RunFolder;
import io.github.derta.io.BadInput;
import io.github.derta.io.Resources;
import io.github.derta.io.Warnings;
import io.github.derta.jinja.Jinja;
import io.github.derta.stats.Rates;
import io.github.derta.text.Redaction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * Runs on one page that needs nothing but itself: rates, positions, depth, helpfulness, judges,
 * protocols, and every answer. {@code report.html} has its text; a part for which there is no input
 * says what fills it.
 */
public final class Report {

  private static final List<String> RIGHT =
      List.of("file", "rule", "invalid", "hits", "n", "share", "low", "high");

  private final Map<String, Run> runs;
  private final Map<String, List<SearchLog.Line>> searches = new LinkedHashMap<>();
  private final String judge;
  private final Run base;
  private final Table answers;
  private Table depth;
  private Table helpfulness;
  private boolean showText;
  private Map<String, ?> parts = Map.of();

  private Report(Map<String, Run> runs, Run base, String judge) {
    this.runs = runs;
    this.judge = judge;
    this.base = base;
    Table all = Answers.of(runs);
    answers = all.where(all.stringColumn("judge").isEqualTo(judge));
  }

  /**
   * {@return a page with text and figures of the caller's in place of rates, depth, helpfulness and
   * searches}
   *
   * @param runs by their names on the page
   * @param judge one that judged every run
   * @param parts {@code title}; {@code notes}, paragraphs of plain text; {@code figures}, HTML
   */
  public static Report of(Map<String, Run> runs, String judge, Map<String, ?> parts) {
    Report report = new Report(runs, null, judge);
    report.parts = parts;
    return report;
  }

  /**
   * {@return a page of runs}
   *
   * @param folders of runs
   * @param base folder of the same attacks on the model that training began with, or null
   * @param judge whose verdicts count, or null for the first one that judged every run
   * @throws BadInput if a folder is no run's or is named twice, none is judged, or the base run
   *     asked something else; a run without judgements is left out with a warning
   */
  public static Report of(List<Path> folders, Path base, String judge) {
    Map<Path, Run> read = new LinkedHashMap<>();
    Run below = base == null ? null : Run.read(base);
    if (base != null) {
      read.put(base.normalize(), below);
    }
    Set<Path> once = new LinkedHashSet<>();
    for (Path folder : folders) {
      if (!once.add(folder.normalize())) {
        throw new BadInput(folder + ": is named twice; each run is shown once");
      }
    }
    once.forEach(folder -> read.computeIfAbsent(folder, Run::read));
    leaveOutUnjudged(read);
    String wanted = judge(read, judge);
    if (base != null) {
      read.values().forEach(run -> run.compareWith(below));
    }
    Map<String, Run> runs = new LinkedHashMap<>();
    read.forEach((folder, run) -> runs.put(name(folder, run, read), run));
    Report report = new Report(runs, below, wanted);
    read.forEach(
        (folder, run) -> report.searches.put(name(folder, run, read), RunFolder.searched(folder)));
    return report;
  }

  /** A model's name; with what tells it from another run where that is the same. */
  private static String name(Path folder, Run run, Map<Path, Run> all) {
    String model = run.plan().model().name();
    List<String> same =
        all.values().stream()
            .filter(one -> one.plan().model().name().equals(model))
            .map(one -> one.plan().questions().source())
            .toList();
    String asked = run.plan().questions().source();
    boolean enough = same.stream().filter(asked::equals).count() == 1;
    return same.size() == 1 ? model : model + " (" + (enough ? asked : folder) + ")";
  }

  private static void leaveOutUnjudged(Map<Path, Run> read) {
    List<String> unjudged = new ArrayList<>();
    read.forEach(
        (folder, run) -> {
          if (run.rulings().isEmpty()) {
            unjudged.add(
                "%s: %d of %d answers and no judgement; the Attack.java command that began it continues"
                    .formatted(folder, run.answers().size(), run.planned()));
          }
        });
    if (unjudged.size() == read.size()) {
      throw new BadInput(String.join("\n", unjudged));
    }
    unjudged.forEach(one -> Warnings.once(one + "; left out"));
    read.values().removeIf(run -> run.rulings().isEmpty());
  }

  /** The judge whose verdicts every run has: the wanted one, or the first. */
  private static String judge(Map<Path, Run> read, String wanted) {
    Map<Path, Set<String>> judged = new LinkedHashMap<>();
    for (Path folder : read.keySet()) {
      Set<String> names = new LinkedHashSet<>();
      read.get(folder).rulings().forEach(one -> names.add(one.judge()));
      judged.put(folder, names);
    }
    Set<String> common = new LinkedHashSet<>(judged.values().iterator().next());
    judged.values().forEach(common::retainAll);
    if (common.isEmpty() || wanted != null && !common.contains(wanted)) {
      throw new BadInput(
          (wanted == null ? "no judge" : "judge " + wanted + ": not one that")
              + " judged every run; the same Attack.java command with other --judges judges again: "
              + judged);
    }
    return wanted == null ? common.iterator().next() : wanted;
  }

  /**
   * {@return this page with depth curves}
   *
   * @param csv the answers of a study, {@code STUDY.csv} as {@code Reproduce.java} keeps it
   * @throws BadInput if it is none
   */
  public Report depth(Path csv) {
    if (!Files.isRegularFile(csv)) {
      throw new BadInput(csv + ": no such file; Reproduce.java makes it");
    }
    depth = AnswerTables.withoutTasks(Answers.read(csv));
    if (depth.isEmpty()) {
      throw new BadInput(csv + ": holds no answers of a study");
    }
    return this;
  }

  /**
   * {@return this page with shares of right answers}
   *
   * @param csvs tables of {@code Helpfulness.java}; a file's name says whose answers they are
   * @throws BadInput if one is none
   */
  public Report helpfulness(List<Path> csvs) {
    for (Path csv : csvs) {
      Table one = Files.isRegularFile(csv) ? Table.read().csv(csv.toFile()) : Table.create();
      if (!one.columnNames().equals(RIGHT)) {
        throw new BadInput(csv + ": no table of Helpfulness.java, with columns " + RIGHT);
      }
      String whose = csv.getFileName().toString().replaceFirst("\\.[^.]*$", "");
      if (helpfulness != null && helpfulness.stringColumn("of").contains(whose)) {
        throw new BadInput(
            csv + ": a second file called " + whose + "; its name tells whose answers they are");
      }
      one.addColumns(one.stringColumn("file").join(", ", one.stringColumn("rule")).setName("what"));
      Table named = PositionTables.label(one, "of", whose);
      helpfulness = helpfulness == null ? named : helpfulness.append(named);
    }
    return this;
  }

  /** {@return this page with every text as it is; else only what is all of this kit's own} */
  public Report showText() {
    showText = true;
    return this;
  }

  /**
   * {@return the page}
   *
   * @param plotly the text of {@code plotly.min.js}, which the page holds
   */
  public String toHtml(String plotly) {
    Map<String, Object> page = new LinkedHashMap<>(parts);
    page.put("css", Resources.text(Report.class, "report.css"));
    page.put("script", Resources.text(Report.class, "report.js"));
    page.put("plotly", plotly);
    page.put("data", data());
    page.put("judge", judge);
    page.put("models", runs.size());
    page.put("attacks", answers.stringColumn("attack").countUnique());
    page.put("questions", questions());
    page.put("base", base != null);
    page.put("worst", table(worst()));
    page.put("differences", differences());
    Table rates = Rates.of(answers, "complied", "method", "attack");
    page.put(
        "complied",
        AnswerTables.heatMap(rates, "attack", "method")
            .title("Share of answers that comply", "below each its 95 % interval in per cent")
            .toHtml());
    page.put("numbers", table(AnswerTables.readable(answers, "method", "attack")));
    page.put("positions", positions());
    page.put("depth", depth == null ? "" : depthCurves());
    page.put("helpful", helpfulness == null ? "" : helpful());
    page.put("searched", !searches.values().stream().allMatch(List::isEmpty));
    page.put("searches", Judges.sources().containsKey(judge) ? searches() : "");
    Map<String, List<Ruling>> rulings = new LinkedHashMap<>();
    runs.forEach((name, run) -> rulings.put(name, run.rulings()));
    Table agreement = Agreement.of(rulings, 0);
    page.put("agreement", agreement.isEmpty() ? "" : table(agreement));
    Map<String, String> cards = new LinkedHashMap<>();
    runs.forEach((name, run) -> cards.put(name, ProtocolCard.of(run, redaction(run))));
    page.put("cards", cards);
    page.put(
        "hidden", !runs.values().stream().allMatch(run -> redaction(run).equals(Redaction.off())));
    return Jinja.parse(Resources.text(Report.class, "report.html"))
        .render(page, LocalDateTime.now());
  }

  private Redaction redaction(Run run) {
    return showText || run.plan().readable() ? Redaction.off() : Redaction.on();
  }

  private static String table(Table table) {
    return new TableView(table, Math.max(1, table.rowCount())).toHtml();
  }

  private String questions() {
    return runs.values().stream()
        .map(run -> run.plan().questions().n() + " (" + run.plan().questions().source() + ")")
        .distinct()
        .collect(Collectors.joining(", "));
  }

  /** In what the runs differ besides the model, as lines. */
  private List<String> differences() {
    List<String> lines = new ArrayList<>();
    String first = runs.keySet().iterator().next();
    runs.forEach(
        (name, run) -> {
          List<String> unlike = runs.get(first).plan().unlike(run.plan());
          if (!unlike.isEmpty()) {
            lines.add(first + " and " + name + ":");
            lines.addAll(unlike);
          }
        });
    return lines;
  }

  /** A row for each model: how complete its run is, and under which attack it complies most. */
  private Table worst() {
    Table worst =
        Table.create(
            "summary",
            StringColumn.create("model"),
            StringColumn.create("answers"),
            StringColumn.create("worst attack"),
            StringColumn.create("complied there"),
            StringColumn.create("refused there"));
    runs.forEach(
        (name, run) -> {
          Table its = answers.where(answers.stringColumn("method").isEqualTo(name));
          Table rates = Rates.of(its, "complied", "attack").sortDescendingOn("share");
          String attack = rates.isEmpty() ? "–" : rates.stringColumn("attack").get(0);
          Table there =
              AnswerTables.readable(
                  its.where(its.stringColumn("attack").isEqualTo(attack)), "attack");
          worst.stringColumn(0).append(name);
          worst.stringColumn(1).append(run.answers().size() + " of " + run.planned());
          worst.stringColumn(2).append(attack);
          worst.stringColumn(3).append(there.isEmpty() ? "–" : there.getString(0, "complied"));
          worst.stringColumn(4).append(there.isEmpty() ? "–" : there.getString(0, "refused"));
        });
    return worst;
  }

  private String positions() {
    Table refusals = answers.where(answers.intColumn("refusal_at").isNotMissing());
    return refusals.isEmpty()
        ? ""
        : Figure.histogram(refusals, "refusal_at", 5)
            .by("method")
            .panels("attack")
            .xTitle("word of the answer at which the refusal begins")
            .yTitle("answers")
            .title("Where refusals begin, by attack", "given words are not counted")
            .toHtml();
  }

  private String depthCurves() {
    StringBuilder html = new StringBuilder();
    for (String unit : List.of("words", "tokens")) {
      Table some = depth.where(depth.stringColumn("attack").matchesRegex(Answers.curve(unit)));
      for (String kind : (some.isEmpty() ? List.<String>of() : Columns.names(some, "kind"))) {
        Table curve = some.where(some.stringColumn("kind").isEqualTo(kind));
        if (curve.intColumn("given").countUnique() > 1) {
          for (String outcome : List.of("refused", "complied")) {
            html.append(
                AnswerTables.depth(curve, outcome, unit)
                    .title(
                        "Share %s after the first %s of an answer: %s"
                            .formatted(outcome, unit, kind),
                        "lines: all seeds, with 95 % intervals; points: each seed")
                    .toHtml());
          }
        }
      }
    }
    return html
        + table(
            AnswerTables.readable(
                depth.where(depth.stringColumn("attack").isEqualTo("direct")), "method", "kind"));
  }

  private String helpful() {
    return Figure.bars(helpfulness, "what", "share")
            .by("of")
            .errorBars("low", "high")
            .n("n")
            .yRange(0, 1)
            .yPercent()
            .xTitle("task")
            .yTitle("right answers")
            .title(
                "Right answers to harmless questions",
                "95 % Wilson intervals; no answer counts as wrong")
            .toHtml()
        + table(helpfulness.rejectColumns("what"));
  }

  private String searches() {
    Table table = AnswerTables.searches(searches, Judges.named(judge));
    return table.isEmpty()
        ? ""
        : Figure.lines(table, "queries", "share")
            .by("model")
            .band("low", "high")
            .steps()
            .panels("attack")
            .yRange(0, 1)
            .yPercent()
            .xTitle("queries of the model: responses and likelihoods")
            .yTitle("searches with an answer that complies")
            .title(
                "Complied after so many queries",
                "share of searches, one for each question, by the judge " + judge)
            .toHtml();
  }

  /**
   * Answers for the browser of the page, which {@code report.js} reads: texts once each, since all
   * models are asked the same, and rows of numbers that name them. What the redaction hides is
   * nowhere on the page.
   */
  private String data() {
    Map<String, Integer> texts = new LinkedHashMap<>();
    List<List<Integer>> rows = new ArrayList<>();
    runs.forEach(
        (name, run) -> {
          Redaction redaction = redaction(run);
          Map<String, Map<String, Ruling>> rulings = new LinkedHashMap<>(); // by answer and judge
          run.rulings()
              .forEach(
                  one ->
                      rulings
                          .computeIfAbsent(one.id(), id -> new TreeMap<>())
                          .put(one.judge(), one));
          for (Answer answer : run.answers()) {
            Map<String, Ruling> said = rulings.getOrDefault(answer.id(), Map.of());
            String response = redaction.apply(answer.response());
            List<Integer> row = new ArrayList<>();
            for (String text :
                List.of(
                    name,
                    answer.attack(),
                    answer.questionId(),
                    said.containsKey(judge) ? said.get(judge).verdict() : "not judged",
                    said.values().stream().map(Report::text).collect(Collectors.joining(" · ")),
                    redaction.apply(answer.prompt()),
                    redaction.apply(answer.prefill()),
                    response)) {
              row.add(texts.computeIfAbsent(text, none -> texts.size()));
            }
            row.add(TranscriptView.refusalAt(response));
            rows.add(row);
          }
        });
    return Figure.inScript(Map.of("texts", texts.keySet(), "rows", rows));
  }

  private static String text(Ruling ruling) {
    return ruling.judge()
        + ": "
        + ruling.verdict()
        + (ruling.refusalAt() == null ? "" : ", refusal at word " + ruling.refusalAt());
  }
}
