package io.github.derta.view;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;
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

  /** A computed bound may miss its value by this much: Wilson's at a share of 0 does. */
  private static final double ROUNDING = 1e-9;

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
    Map<Role, String> more = new HashMap<>(columns);
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

  private boolean has(Role role) {
    return columns.containsKey(role);
  }

  List<String> values(Role role) {
    return has(role) ? Columns.names(table, columns.get(role)) : List.of();
  }

  /** The rows of one panel or series; all rows where no column tells them apart. */
  Layer part(Role role, String value) {
    if (!has(role)) {
      return this;
    }
    Column<?> by = column(role);
    IntStream rows = IntStream.range(0, by.size()).filter(i -> by.getString(i).equals(value));
    return of(Selection.with(rows.toArray()));
  }

  private Layer of(Selection rows) {
    return new Layer(mark, table.where(rows), columns, steps, bin);
  }

  /** The traces, those of bands before the lines that they belong to. */
  List<ObjectNode> traces(Map<String, String> colors) {
    if (mark == Mark.HEAT_MAP) {
      return List.of(heatMap());
    }
    List<ObjectNode> traces = new ArrayList<>();
    List<String> series = has(Role.BY) ? values(Role.BY) : List.of(seriesName());
    for (String name : series) {
      Layer rows = part(Role.BY, name);
      String color = colors.getOrDefault(name, Theme.color("derta"));
      if (has(Role.BAND_LOW)) {
        traces.addAll(rows.band(name, color));
      }
      ObjectNode trace = rows.trace(name, color);
      if (mark == Mark.LINES) { // the first is the widest, so that none hides behind another
        trace.withObject("/line").put("width", 1.5 + series.size() - series.indexOf(name));
      } else if (mark == Mark.HISTOGRAM) {
        trace.set("xbins", bins());
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
    Table rows = part(Role.BY, series).table;
    if (!has(Role.N) || rows.isEmpty()) {
      return Theme.text(series);
    }
    NumericColumn<?> n = Columns.numeric(rows, columns.get(Role.N));
    long low = Math.round(n.min());
    long high = Math.round(n.max());
    return Theme.text(series + " (n = " + low + (low == high ? ")" : "–" + high + ")"));
  }

  private ObjectNode trace(String name, String color) {
    ObjectNode trace =
        switch (mark) {
          case BARS -> bars(name);
          case HISTOGRAM -> x("histogram");
          default -> scatter(name, color);
        };
    trace.withObject("/marker").put("color", color);
    trace.put("name", legend(name)).put("legendgroup", name);
    // Names below the bars are enough, unless the legend has more to say.
    boolean named = columns.get(Role.X).equals(columns.get(Role.BY));
    trace.put("showlegend", has(Role.BY) && (!named || has(Role.N)));
    if (has(Role.ERROR_LOW)) {
      trace.set("error_y", errorBars(mark == Mark.BARS ? Theme.INK : color));
    }
    if (has(Role.N)) {
      Stream<String> n = Arrays.stream(numbers(Role.N)).mapToObj(i -> "n = " + Math.round(i));
      trace.set("hovertext", Columns.json(n));
    }
    return trace;
  }

  private ObjectNode bars(String name) {
    if (values(Role.X).size() < table.rowCount()) {
      throw new BadInput(
          "column \"%s\" holds a value twice in series \"%s\": one bar each is needed (name the"
                  .formatted(columns.get(Role.X), name)
              + " column that tells them apart with by(...))");
    }
    ObjectNode trace = xy("bar", numbers(Role.Y));
    if (Theme.isPaper(name)) {
      trace.putObject("marker").putObject("pattern").put("shape", "/");
    }
    return trace;
  }

  private ObjectNode scatter(String name, String color) {
    boolean lines = mark == Mark.LINES;
    boolean marked = !lines || table.rowCount() <= MARKED_POINTS && !steps;
    ObjectNode trace = xy("scatter", numbers(Role.Y));
    trace.put("mode", !lines ? "markers" : marked ? "lines+markers" : "lines");
    line(trace, 2.5).put("color", color).put("dash", Theme.isPaper(name) ? "dash" : "solid");
    ObjectNode marker = trace.putObject("marker").put("size", lines ? 7 : 10);
    marker.put("symbol", Theme.isPaper(name) ? "diamond-open" : "circle");
    return trace;
  }

  private ObjectNode line(ObjectNode trace, double width) {
    return trace.putObject("line").put("width", width).put("shape", steps ? "hv" : "linear");
  }

  private ObjectNode xy(String type, double[] y) {
    ObjectNode trace = x(type);
    trace.set("y", Columns.json(y));
    return trace;
  }

  private ObjectNode x(String type) {
    String x = columns.get(Role.X);
    ObjectNode trace = JsonNodeFactory.instance.objectNode().put("type", type);
    trace.set(
        "x", categorical() ? Columns.labels(table, x) : Columns.json(Columns.complete(table, x)));
    return trace;
  }

  /** Plotly takes distances from the value. */
  private ObjectNode errorBars(String color) {
    double[] y = numbers(Role.Y);
    double[] low = bounds(Role.ERROR_LOW);
    double[] high = bounds(Role.ERROR_HIGH);
    ObjectNode bars = JsonNodeFactory.instance.objectNode();
    bars.put("type", "data").put("symmetric", false);
    ArrayNode up = bars.putArray("array");
    ArrayNode down = bars.putArray("arrayminus");
    for (int i = 0; i < y.length; i++) {
      up.add(Double.isNaN(y[i]) ? 0 : Math.max(0, high[i] - y[i]));
      down.add(Double.isNaN(y[i]) ? 0 : Math.max(0, y[i] - low[i]));
    }
    return bars.put("color", color).put("thickness", 1.5).put("width", 4);
  }

  /** Two invisible lines with the space between them filled. */
  private List<ObjectNode> band(String name, String color) {
    Layer known = of(column(Role.Y).isNotMissing());
    ObjectNode low = known.edge(Role.BAND_LOW, name);
    ObjectNode high = known.edge(Role.BAND_HIGH, name);
    return List.of(low, high.put("fill", "tonexty").put("fillcolor", Theme.translucent(color)));
  }

  private ObjectNode edge(Role role, String name) {
    ObjectNode edge = xy("scatter", bounds(role)).put("mode", "lines").put("hoverinfo", "skip");
    line(edge, 0);
    return edge.put("legendgroup", name).put("showlegend", false);
  }

  /** Lower or upper bounds; none may miss, or lie on the wrong side of, its value. */
  private double[] bounds(Role role) {
    double[] y = numbers(Role.Y);
    double[] bound = numbers(role);
    boolean low = role == Role.ERROR_LOW || role == Role.BAND_LOW;
    for (int i = 0; i < y.length; i++) {
      boolean missing = Double.isNaN(bound[i]) && !Double.isNaN(y[i]);
      if (missing || (low ? bound[i] - y[i] : y[i] - bound[i]) > ROUNDING) {
        throw new BadInput(
            "column \"%s\": bound %s does not fit the value %s of \"%s\""
                .formatted(columns.get(role), bound[i], y[i], columns.get(Role.Y)));
      }
    }
    return bound;
  }

  /** Common to all series. */
  private ObjectNode bins() {
    NumericColumn<?> values = Columns.numeric(table, columns.get(Role.X));
    // Whole numbers stand inside a bin, never on its edge: 1-5, 6-10, or where there is a 0, 0-4,
    // 5-9.
    double shift = !Columns.whole(values) ? 0 : values.min() < 1 ? -0.5 : 0.5;
    double start = Math.floor((values.min() - shift) / bin) * bin + shift;
    double bins = Math.floor((values.max() - start) / bin) + 1;
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    return node.put("start", start).put("end", start + bins * bin).put("size", bin);
  }

  private ObjectNode heatMap() {
    List<String> across = values(Role.X);
    List<String> down = values(Role.Y);
    double[][] z = new double[down.size()][across.size()]; // [y, x]
    Arrays.stream(z).forEach(row -> Arrays.fill(row, Double.NaN));
    String[][] notes = new String[down.size()][across.size()];
    double[] values = numbers(Role.VALUE);
    for (int row = 0; row < values.length; row++) {
      String x = column(Role.X).getString(row);
      String y = column(Role.Y).getString(row);
      int i = down.indexOf(y);
      int j = across.indexOf(x);
      if (!Double.isNaN(z[i][j])) {
        throw new BadInput("row %d: a second value for (%s, %s)".formatted(row + 1, x, y));
      }
      z[i][j] = values[row];
      if (has(Role.CELL_NOTE)) {
        notes[i][j] = Theme.text(column(Role.CELL_NOTE).getString(row));
      }
    }
    ObjectNode trace = JsonNodeFactory.instance.objectNode().put("type", "heatmap");
    trace.set("x", Columns.json(across.stream().map(Theme::text)));
    trace.set("y", Columns.json(down.stream().map(Theme::text)));
    Arrays.stream(z).map(Columns::json).forEach(trace.putArray("z")::add);
    if (has(Role.CELL_NOTE)) {
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

  private double[] numbers(Role role) {
    return Columns.numbers(table, columns.get(role));
  }
}
