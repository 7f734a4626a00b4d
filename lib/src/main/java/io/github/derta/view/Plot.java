package io.github.derta.view;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.view.Layer.Mark;
import io.github.derta.view.Layer.Role;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import tech.tablesaw.plotly.components.Layout;

/**
 * Layers and settings of a {@link Figure} as Plotly takes them.
 *
 * @param layers what is drawn
 * @param settings what is changed in it
 */
record Plot(List<Layer> layers, List<Setting> settings) {

  /** What a setting applies to: every x axis, every y axis, every heat map, and so on. */
  enum Part {
    X_AXIS,
    Y_AXIS,
    HEAT_MAP,
    HISTOGRAM,
    LAYOUT
  }

  /** A change of every such part, in the order in which they were asked for. */
  record Setting(Part part, Consumer<ObjectNode> change) {}

  /** As {@link Figure#toJson}. */
  ObjectNode toJson() {
    ObjectNode figure = JsonNodeFactory.instance.objectNode();
    ArrayNode data = figure.putArray("data");
    ObjectNode layout = Jsplot.read(Layout.builder().build());
    Theme.apply(layout);
    List<String> panels = distinct(Role.PANEL);
    // Chosen over all layers, so that a name has the same one in each.
    Map<String, String> colors = Theme.colors(distinct(Role.BY));
    if (panels.isEmpty()) {
      Set<String> inLegend = new HashSet<>();
      for (Layer layer : layers) {
        layer.traces(colors).forEach(trace -> data.add(once(trace, inLegend)));
      }
    } else {
      Panels.draw(panels, layers, colors, data, layout);
    }
    int count = Math.max(1, panels.size());
    for (int i = 1; i <= count; i++) {
      axis(layout.withObject("/xaxis" + (i == 1 ? "" : i)), Part.X_AXIS, Role.X);
      axis(layout.withObject("/yaxis" + (i == 1 ? "" : i)), Part.Y_AXIS, Role.Y);
    }
    apply(Part.LAYOUT, layout);
    Panels.finish(layout, panels.size());
    for (JsonNode trace : data) {
      switch (trace.path("type").asText()) {
        case "heatmap" -> apply(Part.HEAT_MAP, (ObjectNode) trace);
        case "histogram" -> apply(Part.HISTOGRAM, (ObjectNode) trace);
        default -> {}
      }
    }
    figure.set("layout", layout);
    // Not "responsive": JupyterLab sets no height, and a responsive figure then collapses to none.
    figure.putObject("config").put("displaylogo", false);
    return figure;
  }

  /** A series that an earlier layer names, in the same colour, is not named again. */
  static ObjectNode once(ObjectNode trace, Set<String> inLegend) {
    boolean shown = trace.path("showlegend").asBoolean();
    String group = trace.path("legendgroup").asText();
    return shown ? trace.put("showlegend", inLegend.add(group)) : trace;
  }

  private void apply(Part part, ObjectNode node) {
    settings.stream().filter(s -> s.part() == part).forEach(s -> s.change().accept(node));
  }

  private List<String> distinct(Role role) {
    Set<String> values = new LinkedHashSet<>();
    layers.forEach(layer -> values.addAll(layer.values(role)));
    return List.copyOf(values);
  }

  private void axis(ObjectNode axis, Part part, Role role) {
    Theme.axis(axis);
    Mark first = layers.get(0).mark();
    boolean names =
        role == Role.X ? layers.stream().anyMatch(Layer::categorical) : first == Mark.HEAT_MAP;
    if (names) {
      // Without this Plotly takes the order of the first series, which may lack some names.
      axis.put("type", "category").put("categoryorder", "array");
      ArrayNode order = axis.putArray("categoryarray");
      distinct(role).forEach(name -> order.add(Theme.text(name)));
    }
    apply(part, axis);
    if (first == Mark.BARS || first == Mark.HEAT_MAP) {
      axis.put("showgrid", role == Role.Y && first == Mark.BARS);
    }
  }
}
