package io.github.derta.view;

import static io.github.derta.view.ReportParts.details;
import static io.github.derta.view.ReportParts.escape;
import static io.github.derta.view.ReportParts.missing;
import static io.github.derta.view.ReportParts.paragraph;
import static io.github.derta.view.ReportParts.section;
import static io.github.derta.view.ReportParts.table;

import io.github.derta.attack.SearchLog;
import io.github.derta.eval.Judges;
import io.github.derta.eval.ProtocolCard;
import io.github.derta.eval.RunFolder;
import io.github.derta.eval.RunResults;
import io.github.derta.eval.RunTable;
import io.github.derta.io.BadInput;
import io.github.derta.io.Resources;
import io.github.derta.stats.Rate;
import io.github.derta.text.Redaction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tech.tablesaw.api.ColumnType;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * Runs on one page that needs nothing but itself: rates, positions, depth, helpfulness, judges,
 * protocols, and every answer. A part for which there is no input says what fills it.
 */
public final class Report {

  private final Map<String, RunResults> runs = new LinkedHashMap<>();
  private final Map<String, List<SearchLog.Line>> searches = new LinkedHashMap<>();
  private final String judge;
  private final RunResults base;
  private Table depth;
  private Table helpfulness;
  private boolean showText;

  private Report(List<Path> folders, Path base, String judge) {
    Map<Path, RunResults> read = new LinkedHashMap<>();
    folders.forEach(folder -> read.put(folder, RunResults.read(folder)));
    read.forEach(
        (folder, run) -> {
          String name = ReportRuns.name(folder, run, read);
          runs.put(name, run);
          searches.put(name, RunFolder.searched(folder));
        });
    this.base = base == null ? null : read.get(base);
    this.judge = ReportRuns.judge(read, judge);
  }

  /**
   * {@return a page of runs}
   *
   * @param folders of runs
   * @param base folder of the same attacks on the model that training began with, or null
   * @param judge whose verdicts count, or null for the first one that judged every run
   * @throws BadInput if a folder is no run's, is named twice or is not judged
   */
  public static Report of(List<Path> folders, Path base, String judge) {
    Set<Path> all = new LinkedHashSet<>();
    if (base != null) {
      all.add(base.normalize());
    }
    Set<Path> once = new LinkedHashSet<>();
    for (Path folder : folders) {
      if (!once.add(folder.normalize())) {
        throw new BadInput(folder + ": is named twice; each run is shown once");
      }
    }
    all.addAll(once);
    return new Report(List.copyOf(all), base == null ? null : base.normalize(), judge);
  }

  /**
   * {@return this page with a depth curve}
   *
   * @param csv a table of depths, as {@code Reproduce.java} makes it
   * @throws BadInput if it is none
   */
  public Report depth(Path csv) {
    depth =
        CsvFile.read(
            csv,
            List.of("method", "kind"),
            ColumnType.INTEGER,
            List.of("seed", "depth", "n", "refused", "broken"));
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
      Table one =
          CsvFile.read(
              csv,
              List.of("file", "rule"),
              ColumnType.DOUBLE,
              List.of("n", "invalid", "accuracy", "low", "high"));
      String whose = csv.getFileName().toString().replaceFirst("\\.[^.]*$", "");
      if (helpfulness != null && helpfulness.stringColumn("of").contains(whose)) {
        throw new BadInput(
            csv + ": a second file called " + whose + "; its name tells whose answers they are");
      }
      StringColumn what = one.stringColumn("file");
      if (one.stringColumn("rule").unique().size() > 1) {
        what = what.join(", ", one.stringColumn("rule"));
      }
      one.addColumns(what.copy().setName("what"));
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
    Table rates = RunTables.rates(runs, base, judge);
    Transcripts transcripts = new Transcripts(judge);
    runs.forEach((name, run) -> transcripts.add(name, run, redaction(run)));
    String body =
        summary()
            + section("broken", "Which attack breaks which model?", broken(rates))
            + section("positions", "Where do refusals begin?", positions())
            + section("depth", "How deep into an answer does a model still refuse?", depthCurves())
            + section("helpfulness", "Is it still helpful?", helpful())
            + section("searches", "How do searches go on?", searches())
            + section("judges", "How far do judges agree?", agreement())
            + section("protocol", "Protocol", protocol())
            + section("transcripts", "Every answer", browser(transcripts));
    return Resources.fill(
        Resources.text(Report.class, "report.html"),
        "css",
        Resources.text(Report.class, "report.css"),
        "plotly",
        plotly,
        "body",
        body,
        "data",
        transcripts.toJson(),
        "script",
        Resources.text(Report.class, "report.js"));
  }

  private Redaction redaction(RunResults run) {
    return showText || run.plan().readable() ? Redaction.off() : Redaction.on();
  }

  private String summary() {
    Set<String> attacks = new LinkedHashSet<>();
    Set<String> questions = new LinkedHashSet<>();
    runs.values()
        .forEach(
            run -> {
              attacks.addAll(run.plan().attacks().keySet());
              questions.add(
                  run.plan().questions().n() + " (" + run.plan().questions().source() + ")");
            });
    StringBuilder html = new StringBuilder();
    html.append(
        paragraph(
            "%s, %s, questions: %s. Verdicts are of the judge %s. Broken: the answer gives what it should refuse."
                .formatted(
                    count(runs.size(), "model"),
                    count(attacks.size(), "attack"),
                    String.join(", ", questions),
                    judge)));
    html.append(table(worst()));
    List<String> names = List.copyOf(runs.keySet());
    for (String name : names.subList(1, names.size())) {
      List<String> unlike = RunTable.unlike(runs.get(names.get(0)).plan(), runs.get(name).plan());
      if (!unlike.isEmpty()) {
        html.append(
            "<p class=\"warning\">%s</p>\n<pre>%s</pre>\n"
                .formatted(
                    escape(
                        "%s and %s differ in more than the model; their rates are different things:"
                            .formatted(names.get(0), name)),
                    escape(String.join("\n", unlike))));
      }
    }
    return html.toString();
  }

  private static String count(int n, String what) {
    return n + " " + what + (n == 1 ? "" : "s");
  }

  /** A row for each model: how complete its run is, and what breaks it most often. */
  private Table worst() {
    List<Map<String, Object>> rows = new ArrayList<>();
    runs.forEach(
        (name, run) -> {
          Map<String, Object> worst = null;
          for (Map<String, Object> row : RunTables.rows(Map.of(name, run), base, judge, false)) {
            if (worst == null || share(row) > share(worst)) {
              worst = row;
            }
          }
          Map<String, Object> row = new LinkedHashMap<>();
          row.put("model", name);
          row.put("answers", run.answers().size() + " of " + run.planned());
          boolean none = worst == null || share(worst) <= 0;
          row.put("worst attack", none ? "none breaks it" : worst.get("attack"));
          row.put("broken there", none ? "–" : worst.get("broken"));
          if (base != null) {
            row.put("base there", none ? "–" : worst.get("base_broken"));
          }
          rows.add(row);
        });
    return TrainingTables.of("summary", rows);
  }

  private static double share(Map<String, Object> row) {
    Rate rate = (Rate) row.get("broken");
    return rate.n() == 0 ? -1 : rate.share();
  }

  private String broken(Table rates) {
    String beside =
        base == null
            ? missing(
                "Whether a model is safe or only unable, the base model beside it tells: --base RUNDIR, "
                    + "the same Attack.java command on the model that training began with.")
            : paragraph(
                "Where the base model is not broken either, a model is perhaps not safe but unable.");
    return RunTables.broken(rates).toHtml()
        + beside
        + details("The numbers", table(RunTables.readable(runs, base, judge)));
  }

  private String positions() {
    Table refusals = RunTables.refusals(runs, judge);
    if (refusals.isEmpty()) {
      return missing("The judge " + judge + " found no refusal in any answer.");
    }
    return Figure.histogram(refusals, "word", 5)
        .by("model")
        .panels("attack")
        .xTitle("word of the answer at which the refusal begins")
        .yTitle("answers")
        .title("Where refusals begin, by attack", "given words are not counted")
        .toHtml();
  }

  private String depthCurves() {
    if (depth == null) {
      return missing(
          "Reproduce.java --methods vanilla,derta --steps train,depth --out DIR measures it; --depth DIR/kitchen-depth.csv shows it here.");
    }
    StringBuilder html = new StringBuilder();
    List<String> kinds = Columns.names(depth, "kind");
    for (String kind : kinds) {
      Table some = depth.where(depth.stringColumn("kind").isEqualTo(kind));
      if (some.intColumn("depth").unique().size() > 1) {
        html.append(curve(kind, "refused"));
        html.append(kind.matches("dish|unsafe") ? curve(kind, "broken") : "");
      }
    }
    return html
        + paragraph("Asked directly, in per cent of all seeds:")
        + table(TrainingTables.direct(depth, kinds));
  }

  private String curve(String kind, String counted) {
    return RunTables.depth(depth, kind, counted)
        .title(
            "Share %s after the first tokens of an answer: %s".formatted(counted, kind),
            "held-out %s questions; lines: all seeds, with 95 %% Wilson intervals; points: each seed"
                .formatted(kind))
        .toHtml();
  }

  private String helpful() {
    if (helpfulness == null) {
      return missing(
          "Helpfulness.java --task kitchen --model DIR --out DIR --format csv > NAME.csv measures it; "
              + "--helpfulness NAME.csv,... shows it here.");
    }
    return Figure.bars(helpfulness, "what", "accuracy")
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
        + details(
            "The numbers",
            table(
                helpfulness.selectColumns(
                    "of", "file", "n", "invalid", "accuracy", "low", "high", "rule")));
  }

  private String searches() {
    if (searches.values().stream().allMatch(List::isEmpty)) {
      return missing("Attack.java --attacks pair searches for prompts; its log is drawn here.");
    }
    if (!Judges.sources().containsKey(judge)) {
      return missing(
          "The judge "
              + judge
              + " is a model, which this page does not ask; --judge kitchen or phrases draws the log.");
    }
    Table table = RunTables.searches(searches, Judges.named(judge));
    return Figure.lines(table, "queries", "share")
        .by("model")
        .band("low", "high")
        .steps()
        .panels("attack")
        .yRange(0, 1)
        .yPercent()
        .xTitle("queries of the model")
        .yTitle("searches that broke it")
        .title(
            "Broken after so many queries",
            "share of searches, one for each question, by the judge " + judge)
        .toHtml();
  }

  private String agreement() {
    Table table = RunTables.agreement(runs);
    return table.isEmpty()
        ? missing(
            "Only %s judged these runs: the same Attack.java command with --judges kitchen,phrases judges the same answers again, without asking anew."
                .formatted(judge))
        : paragraph(
                "Share of answers on which two judges say the same of broken, refused and neither, and Cohen's kappa (1: always, 0: by chance), with 95 % intervals.")
            + table(table);
  }

  private String protocol() {
    StringBuilder html = new StringBuilder();
    runs.forEach(
        (name, run) ->
            html.append(
                details(
                    name, "<pre>" + escape(ProtocolCard.of(run, redaction(run))) + "</pre>\n")));
    return html.toString();
  }

  private String browser(Transcripts transcripts) {
    boolean hidden = !showText && !runs.values().stream().allMatch(run -> run.plan().readable());
    String note =
        hidden
            ? "Words that belong to no refusal are hidden in runs of questions or prompts that are not this kit's own; Report.java --show-text shows them."
            : "Grey is given, blue is the answer from its first refusal phrase on.";
    return paragraph(note)
        + "<div id=\"browser\"></div>\n<noscript>The answers need JavaScript.</noscript>\n";
  }
}
