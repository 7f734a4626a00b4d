package io.github.derta.view;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Small plots side by side on common axes, two or three to a row. */
final class Panels {

  private static final int TITLE_HEIGHT = 22; // pixels

  private Panels() {}

  static void draw(
      List<String> panels,
      List<Layer> layers,
      Map<String, String> colors,
      ArrayNode data,
      ObjectNode layout) {
    int columns = columns(panels.size());
    int rows = (panels.size() + columns - 1) / columns;
    Set<String> inLegend = new HashSet<>();
    for (int i = 0; i < panels.size(); i++) {
      String suffix = i == 0 ? "" : String.valueOf(i + 1);
      for (Layer layer : layers) {
        for (ObjectNode trace : layer.panel(panels.get(i)).traces(colors)) {
          Plot.once(trace, inLegend);
          trace.put("name", layer.legend(trace.path("legendgroup").asText()));
          data.add(trace.put("xaxis", "x" + suffix).put("yaxis", "y" + suffix));
        }
      }
      axes(layout, suffix);
      title(layout, suffix, panels.get(i));
    }
    ObjectNode grid = layout.putObject("grid").put("pattern", "independent");
    grid.put("rows", rows).put("columns", columns).put("xgap", 0.08).put("ygap", 0.18);
    layout.put("height", 130 + 240 * rows);
  }

  /**
   * Labels stand once: those of x below the last plot of a column and their title below them all,
   * those of y left of the first plot of a row.
   */
  static void finish(ObjectNode layout, int panels) {
    if (panels == 0) {
      return;
    }
    ObjectNode margin = (ObjectNode) layout.get("margin");
    margin.put("t", margin.get("t").asInt() + TITLE_HEIGHT);
    int columns = columns(panels);
    String xTitle = layout.at("/xaxis/title/text").asText();
    for (int i = 0; i < panels; i++) {
      String suffix = i == 0 ? "" : String.valueOf(i + 1);
      ((ObjectNode) layout.get("xaxis" + suffix)).remove("title");
      if (i % columns != 0) {
        hideLabels((ObjectNode) layout.get("yaxis" + suffix));
      }
      if (i + columns < panels) {
        hideLabels((ObjectNode) layout.get("xaxis" + suffix));
      }
    }
    if (!xTitle.isEmpty()) {
      below(layout, xTitle);
      margin.put("b", margin.get("b").asInt() + TITLE_HEIGHT);
    }
  }

  private static void below(ObjectNode layout, String text) {
    ObjectNode below = layout.withArray("annotations").addObject().put("text", text);
    below.put("xref", "paper").put("x", 0.5).put("xanchor", "center").put("showarrow", false);
    below.put("yref", "paper").put("y", 0).put("yanchor", "top").put("yshift", -28);
    below.putObject("font").put("size", Theme.AXIS_TITLE_SIZE);
  }

  private static int columns(int panels) {
    return panels == 4 ? 2 : Math.min(3, panels);
  }

  private static void hideLabels(ObjectNode axis) {
    axis.put("showticklabels", false).remove("title");
  }

  private static void axes(ObjectNode layout, String suffix) {
    ObjectNode x = layout.putObject("xaxis" + suffix);
    ObjectNode y = layout.putObject("yaxis" + suffix);
    if (!suffix.isEmpty()) {
      x.put("matches", "x");
      y.put("matches", "y");
    }
  }

  private static void title(ObjectNode layout, String suffix, String text) {
    ObjectNode note = layout.withArray("annotations").addObject();
    note.put("text", "<b>" + Theme.text(text) + "</b>").put("showarrow", false);
    note.put("xref", "x" + suffix + " domain").put("yref", "y" + suffix + " domain");
    note.put("x", 0.5).put("y", 1).put("yanchor", "bottom");
  }
}
