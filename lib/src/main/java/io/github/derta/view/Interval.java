package io.github.derta.view;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.io.BadInput;
import io.github.derta.view.Layer.Role;
import java.util.List;
import java.util.Map;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;
import tech.tablesaw.plotly.components.Line;
import tech.tablesaw.plotly.traces.ScatterTrace;

/** Lower and upper bounds beside the values of one series, as whiskers or as a ribbon. */
record Interval(Table rows, Map<Role, String> columns) {

  /** A computed bound may miss its value by this much: Wilson's at a share of 0 does. */
  private static final double ROUNDING = 1e-9;

  /** Plotly takes distances from the value. */
  ObjectNode errorBars(String color, boolean onBars) {
    double[] y = Columns.numbers(rows, columns.get(Role.Y));
    double[] low = bounds(Role.ERROR_LOW, y);
    double[] high = bounds(Role.ERROR_HIGH, y);
    ObjectNode bars = JsonNodeFactory.instance.objectNode();
    bars.put("type", "data").put("symmetric", false);
    ArrayNode up = bars.putArray("array");
    ArrayNode down = bars.putArray("arrayminus");
    for (int i = 0; i < y.length; i++) {
      up.add(Double.isNaN(y[i]) ? 0 : Math.max(0, high[i] - y[i]));
      down.add(Double.isNaN(y[i]) ? 0 : Math.max(0, y[i] - low[i]));
    }
    return bars.put("color", onBars ? Theme.INK : color).put("thickness", 1.5).put("width", 4);
  }

  /** Two invisible lines with the space between them filled. */
  List<ObjectNode> band(String name, String color, boolean steps) {
    Column<?> values = rows.column(columns.get(Role.Y));
    Table drawn = rows.where(values.isNotMissing());
    double[] y = Columns.numbers(drawn, columns.get(Role.Y));
    Interval known = new Interval(drawn, columns);
    ObjectNode low = known.edge(known.bounds(Role.BAND_LOW, y), name, steps);
    ObjectNode high = known.edge(known.bounds(Role.BAND_HIGH, y), name, steps);
    high.put("fill", "tonexty").put("fillcolor", Theme.translucent(color));
    return List.of(low, high);
  }

  private ObjectNode edge(double[] bound, String name, boolean steps) {
    Line line = Line.builder().width(0).shape(steps ? Line.Shape.HV : Line.Shape.LINEAR).build();
    double[] x = Columns.complete(rows, columns.get(Role.X));
    ObjectNode edge =
        Jsplot.read(
            ScatterTrace.builder(x, bound).mode(ScatterTrace.Mode.LINE).line(line).build(),
            "x",
            "y");
    return edge.put("legendgroup", name).put("showlegend", false).put("hoverinfo", "skip");
  }

  private double[] bounds(Role role, double[] y) {
    double[] bound = Columns.numbers(rows, columns.get(role));
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
}
