package io.github.derta.view;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Small plots side by side on common axes, three to a row. */
final class Panels {

  private static final int COLUMNS = 3;

  private Panels() {}

  static void draw(
      List<String> panels,
      List<Layer> layers,
      Function<Layer, Map<String, String>> colors,
      ArrayNode data,
      ObjectNode layout) {
    int columns = Math.min(COLUMNS, panels.size());
    int rows = (panels.size() + columns - 1) / columns;
    Set<String> inLegend = new HashSet<>();
    for (int i = 0; i < panels.size(); i++) {
      String suffix = i == 0 ? "" : String.valueOf(i + 1);
      for (Layer layer : layers) {
        for (ObjectNode trace : layer.panel(panels.get(i)).traces(colors.apply(layer))) {
          boolean shown = trace.path("showlegend").asBoolean();
          trace.put("showlegend", shown && inLegend.add(trace.path("legendgroup").asText()));
          data.add(trace.put("xaxis", "x" + suffix).put("yaxis", "y" + suffix));
        }
      }
      place(layout, suffix, new double[] {columns, rows}, i, Theme.text(panels.get(i)));
    }
    layout.put("height", 130 + 250 * rows);
  }

  /** An axis title stands once: below the last plot of a column, left of the first of a row. */
  static void keepOuterTitles(ObjectNode layout, int panels) {
    for (int i = 0; i < panels; i++) {
      String suffix = i == 0 ? "" : String.valueOf(i + 1);
      if (i % COLUMNS != 0) {
        ((ObjectNode) layout.get("yaxis" + suffix)).remove("title");
      }
      if (i + COLUMNS < panels) {
        ((ObjectNode) layout.get("xaxis" + suffix)).remove("title");
      }
    }
  }

  private static void place(ObjectNode layout, String suffix, double[] grid, int i, String title) {
    double width = 1 / grid[0];
    double height = 1 / grid[1];
    double left = i % COLUMNS * width;
    double bottom = 1 - (i / COLUMNS + 1) * height;
    ObjectNode x = layout.putObject("xaxis" + suffix).put("anchor", "y" + suffix);
    ObjectNode y = layout.putObject("yaxis" + suffix).put("anchor", "x" + suffix);
    x.putArray("domain").add(left + 0.02 * width).add(left + 0.94 * width);
    y.putArray("domain")
        .add(bottom + (grid[1] == 1 ? 0 : 0.12 * height))
        .add(bottom + 0.88 * height);
    if (i > 0) {
      x.put("matches", "x");
      y.put("matches", "y").put("showticklabels", i % COLUMNS == 0);
    }
    ObjectNode note =
        layout.withArray("annotations").addObject().put("text", "<b>" + title + "</b>");
    note.put("xref", "x" + suffix + " domain").put("yref", "y" + suffix + " domain");
    note.put("x", 0.5).put("y", 1).put("yanchor", "bottom").put("showarrow", false);
  }
}
