package io.github.derta.view;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;
import tech.tablesaw.plotly.components.Line;
import tech.tablesaw.plotly.components.Marker;
import tech.tablesaw.plotly.traces.BarTrace;
import tech.tablesaw.plotly.traces.HeatmapTrace;
import tech.tablesaw.plotly.traces.HistogramTrace;
import tech.tablesaw.plotly.traces.ScatterTrace;
import tech.tablesaw.plotly.traces.Trace;
import tech.tablesaw.selection.Selection;

/** One table drawn in one way: bars, lines, points, a histogram or a heat map. */
record Layer(Mark mark, Table table, Map<Role, String> columns, boolean steps, double bin) {

  enum Mark {
    BARS,
    LINES,
    POINTS,
    HISTOGRAM,
    HEAT_MAP
  }

  /** What a column is drawn as. */
  enum Role {
    X,
    Y,
    VALUE,
    CELL_NOTE,
    BY,
    PANEL,
    ERROR_LOW,
    ERROR_HIGH,
    BAND_LOW,
    BAND_HIGH,
    N
  }

  /** Fewer points than this on a line are marked, so that what was measured can be seen. */
  private static final int MARKED_POINTS = 25;

  static Layer of(Mark mark, Table table) {
    if (table == null) {
      throw new BadInput("a figure needs a table, this one is null");
    }
    return new Layer(mark, table, Map.of(), false, 0);
  }

  Layer with(Role role, String name) {
    Columns.find(table, name);
    if (numeric(role)) {
      Columns.numeric(table, name);
    }
    Map<Role, String> more = new EnumMap<>(Role.class);
    more.putAll(columns);
    more.put(role, name);
    return new Layer(mark, table, more, steps, bin);
  }

  private boolean numeric(Role role) {
    return switch (role) {
      case BY, PANEL, CELL_NOTE -> false;
      case X -> mark == Mark.HISTOGRAM;
      case Y -> mark != Mark.HEAT_MAP;
      default -> true;
    };
  }

  Layer stepped() {
    return new Layer(mark, table, columns, true, bin);
  }

  Layer binned(double width) {
    return new Layer(mark, table, columns, steps, width);
  }

  /** Bars stand at names even where these are numbers: k = 0, 5, 50 are then evenly spaced. */
  boolean categorical() {
    return mark == Mark.BARS
        || mark == Mark.HEAT_MAP
        || mark != Mark.HISTOGRAM && !(column(Role.X) instanceof NumericColumn);
  }

  List<String> values(Role role) {
    return columns.containsKey(role) ? Columns.names(table, columns.get(role)) : List.of();
  }

  /** What belongs to one panel; a layer that is not divided is drawn in each. */
  Layer panel(String value) {
    if (!columns.containsKey(Role.PANEL)) {
      return this;
    }
    return new Layer(mark, rows(table, Role.PANEL, value), columns, steps, bin);
  }

  /** The traces, those of bands before the lines that they belong to. */
  List<ObjectNode> traces(Map<String, String> colors) {
    if (mark == Mark.HEAT_MAP) {
      return List.of(heatMap());
    }
    List<ObjectNode> traces = new ArrayList<>();
    Set<String> series = new LinkedHashSet<>(values(Role.BY));
    if (!columns.containsKey(Role.BY)) {
      series.add(seriesName());
    }
    int drawn = 0;
    for (String name : series) {
      Table rows = columns.containsKey(Role.BY) ? rows(table, Role.BY, name) : table;
      String color = colors.getOrDefault(name, Theme.color("derta"));
      if (columns.containsKey(Role.BAND_LOW)) {
        traces.addAll(new Interval(rows, columns).band(name, color, steps));
      }
      ObjectNode trace = trace(rows, name, color);
      if (mark == Mark.LINES) { // the first is the widest, so that none hides behind another
        trace.withObject("/line").put("width", 2.5 + series.size() - 1 - drawn++);
      }
      traces.add(trace);
    }
    return traces;
  }

  /** What a series is called where no column names it. */
  String seriesName() {
    return columns.get(mark == Mark.HISTOGRAM ? Role.X : Role.Y);
  }

  /** The name of a series in the legend, with how many answers it stands on. */
  String legend(String series) {
    Table rows = columns.containsKey(Role.BY) ? rows(table, Role.BY, series) : table;
    if (!columns.containsKey(Role.N) || rows.isEmpty()) {
      return Theme.text(series);
    }
    NumericColumn<?> n = Columns.numeric(rows, columns.get(Role.N));
    long low = Math.round(n.min());
    long high = Math.round(n.max());
    return Theme.text(series + " (n = " + low + (low == high ? ")" : "–" + high + ")"));
  }

  private ObjectNode trace(Table rows, String name, String color) {
    ObjectNode trace =
        switch (mark) {
          case BARS -> bars(rows, name, color);
          case HISTOGRAM -> histogram(rows, color);
          default -> scatter(rows, name, color);
        };
    trace.put("name", legend(name)).put("legendgroup", name);
    // Names below the bars are enough, unless the legend has more to say.
    boolean named = columns.get(Role.X).equals(columns.get(Role.BY));
    trace.put(
        "showlegend", columns.containsKey(Role.BY) && !(named && !columns.containsKey(Role.N)));
    if (columns.containsKey(Role.ERROR_LOW)) {
      trace.set("error_y", new Interval(rows, columns).errorBars(color, mark == Mark.BARS));
    }
    if (columns.containsKey(Role.N)) {
      ArrayNode hover = trace.putArray("hovertext");
      for (double n : Columns.numbers(rows, columns.get(Role.N))) {
        hover.add("n = " + Math.round(n));
      }
    }
    return trace;
  }

  private ObjectNode bars(Table rows, String name, String color) {
    StringColumn x = Columns.labels(rows, columns.get(Role.X));
    if (x.unique().size() < x.size()) {
      throw new BadInput(
          "column \"%s\" holds a value twice in series \"%s\": one bar each is needed (name the"
                  .formatted(columns.get(Role.X), name)
              + " column that tells them apart with by(...))");
    }
    Trace bars =
        BarTrace.builder(x.asObjectArray(), Columns.numbers(rows, columns.get(Role.Y)))
            .marker(Marker.builder().color(color).build())
            .build();
    ObjectNode trace = Jsplot.read(bars);
    ((ObjectNode) trace.get("marker")).remove("size");
    if (Theme.isPaper(name)) {
      ((ObjectNode) trace.get("marker")).putObject("pattern").put("shape", "/");
    }
    return trace;
  }

  private ObjectNode scatter(Table rows, String name, String color) {
    boolean lines = mark == Mark.LINES;
    boolean marked = !lines || rows.rowCount() <= MARKED_POINTS && !steps;
    ScatterTrace.ScatterBuilder builder =
        categorical()
            ? ScatterTrace.builder(
                Columns.labels(rows, columns.get(Role.X)), rows.column(columns.get(Role.Y)))
            : ScatterTrace.builder(
                Columns.complete(rows, columns.get(Role.X)),
                Columns.numbers(rows, columns.get(Role.Y)));
    Line.LineBuilder line = Line.builder().color(color).width(2.5);
    if (Theme.isPaper(name)) {
      line.dash(Line.Dash.DASH);
    }
    if (steps) {
      line.shape(Line.Shape.HV);
    }
    builder.line(line.build());
    ObjectNode trace =
        categorical() ? Jsplot.read(builder.build(), "y") : Jsplot.read(builder.build(), "x", "y");
    trace.put("mode", !lines ? "markers" : marked ? "lines+markers" : "lines");
    ObjectNode marker = trace.putObject("marker").put("color", color).put("size", lines ? 7 : 10);
    marker.put("symbol", Theme.isPaper(name) ? "diamond-open" : "circle");
    return trace;
  }

  private ObjectNode histogram(Table rows, String color) {
    NumericColumn<?> values = Columns.numeric(table, columns.get(Role.X));
    double[] x = Columns.complete(rows, columns.get(Role.X));
    ObjectNode trace = Jsplot.read(HistogramTrace.builder(x).build(), "x");
    trace.remove(List.of("nbinsx", "nbinsy", "autobinx", "autobiny", "histfunc"));
    trace.put("opacity", 1).putObject("marker").put("color", color);
    // Whole numbers stand inside a bin, never on its edge: 1-5, 6-10, or where there is a 0, 0-4,
    // 5-9.
    double shift = !Columns.whole(values) ? 0 : values.min() < 1 ? -0.5 : 0.5;
    double start = Math.floor((values.min() - shift) / bin) * bin + shift;
    double bins = Math.floor((values.max() - start) / bin) + 1;
    trace.putObject("xbins").put("start", start).put("end", start + bins * bin).put("size", bin);
    return trace;
  }

  private ObjectNode heatMap() {
    List<String> across = values(Role.X);
    List<String> down = values(Role.Y);
    double[][] z = new double[down.size()][across.size()]; // [y, x]
    Arrays.stream(z).forEach(row -> Arrays.fill(row, Double.NaN));
    String[][] notes = new String[down.size()][across.size()];
    double[] values = Columns.numbers(table, columns.get(Role.VALUE));
    for (int row = 0; row < values.length; row++) {
      String x = column(Role.X).getString(row);
      String y = column(Role.Y).getString(row);
      double[] cells = z[down.indexOf(y)];
      if (!Double.isNaN(cells[across.indexOf(x)])) {
        throw new BadInput("row %d: a second value for (%s, %s)".formatted(row + 1, x, y));
      }
      cells[across.indexOf(x)] = values[row];
      if (columns.containsKey(Role.CELL_NOTE)) {
        notes[down.indexOf(y)][across.indexOf(x)] =
            Theme.text(column(Role.CELL_NOTE).getString(row));
      }
    }
    ObjectNode trace =
        Jsplot.read(
            HeatmapTrace.builder(
                    across.stream().map(Theme::text).toArray(),
                    down.stream().map(Theme::text).toArray(),
                    z)
                .build());
    if (columns.containsKey(Role.CELL_NOTE)) {
      trace.set("text", JsonLines.MAPPER.valueToTree(notes));
    }
    trace.put("xgap", 2).put("ygap", 2).put("hoverongaps", false);
    trace.set("colorscale", JsonLines.MAPPER.valueToTree(Theme.SCALE));
    trace.putObject("textfont").put("color", Theme.CELL_INK);
    return trace;
  }

  private Column<?> column(Role role) {
    return table.column(columns.get(role));
  }

  private Table rows(Table of, Role role, String value) {
    Column<?> by = of.column(columns.get(role));
    IntStream rows = IntStream.range(0, of.rowCount());
    return of.where(Selection.with(rows.filter(row -> by.getString(row).equals(value)).toArray()));
  }
}
