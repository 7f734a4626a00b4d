package io.github.derta.view;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.io.BadInput;
import io.github.derta.io.JsonLines;
import io.github.derta.io.Resources;
import io.github.derta.view.Layer.Mark;
import io.github.derta.view.Layer.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.owasp.encoder.Encode;
import tech.tablesaw.api.Table;

/**
 * A Plotly figure of a Tablesaw table, the same in a notebook, its HTML export and a report. A
 * figure never changes: every method returns another one.
 *
 * <pre>{@code
 * Figure.bars(shares, "attack", "refused")
 *     .by("method")
 *     .errorBars("low", "high")
 *     .n("n")
 *     .title("Refusals by attack", "share of responses, 95 % Wilson interval")
 *     .yPercent()
 * }</pre>
 *
 * <p>A missing value of what is drawn leaves a gap; a missing name, place or bound is {@link
 * BadInput}, as is a column that a table does not have. Text is shown literally: {@code <|eot_id|>}
 * is no tag.
 */
public final class Figure {

  private final String title;
  private final List<Layer> layers;
  private final List<Plot.Setting> settings;

  private Figure(String title, List<Layer> layers, List<Plot.Setting> settings) {
    this.title = title;
    this.layers = layers;
    this.settings = settings;
  }

  /**
   * Bars, one for each row. Without {@link #by} each has the colour of its own name.
   *
   * @param table a row for each bar
   * @param x names below the bars, shown in the order of the table
   * @param y heights
   * @return the figure
   */
  public static Figure bars(Table table, String x, String y) {
    return of(Mark.BARS, table, x, y).by(x);
  }

  /**
   * Lines through the rows in the order of the table.
   *
   * @param table a row for each point
   * @param x places, or names
   * @param y values
   * @return the figure
   */
  public static Figure lines(Table table, String x, String y) {
    return of(Mark.LINES, table, x, y).xTitle(x);
  }

  /**
   * Points, one for each row.
   *
   * @param table a row for each point
   * @param x places, or names
   * @param y values
   * @return the figure
   */
  public static Figure points(Table table, String x, String y) {
    return of(Mark.POINTS, table, x, y).xTitle(x);
  }

  /**
   * How often values fall into bins of one width. Whole numbers start their own bins: positions
   * from 1 with a width of 5 are counted in 1-5, 6-10, and so on, numbers from 0 in 0-4, 5-9.
   *
   * @param table a row for each value
   * @param values the values to count
   * @param binWidth the width of a bin, above 0
   * @return the figure
   */
  public static Figure histogram(Table table, String values, double binWidth) {
    if (!(binWidth > 0)) {
      throw new BadInput("bin width " + binWidth + ": a number above 0 is needed");
    }
    return of(Layer.of(Mark.HISTOGRAM, table).with(Role.X, values).binned(binWidth))
        .xTitle(values)
        .yTitle("count")
        .set(Plot.Part.LAYOUT, layout -> layout.put("bargap", 0.1));
  }

  /**
   * A heat map, first row of the table at the top left.
   *
   * @param table a row for each cell
   * @param x names of the columns of cells
   * @param y names of the rows of cells
   * @param value what the colour shows
   * @return the figure
   */
  public static Figure heatMap(Table table, String x, String y, String value) {
    return of(Layer.of(Mark.HEAT_MAP, table)
            .with(Role.X, x)
            .with(Role.Y, y)
            .with(Role.VALUE, value))
        .set(Plot.Part.Y_AXIS, axis -> axis.put("autorange", "reversed"))
        .set(
            Plot.Part.HEAT_MAP,
            map -> map.putObject("colorbar").putObject("title").put("text", Theme.text(value)));
  }

  /**
   * One series, with one colour, for each value of a column.
   *
   * @param column names of the series
   * @return the figure
   */
  public Figure by(String column) {
    return last(layer -> layer.with(Role.BY, column));
  }

  /**
   * One small plot for each value of a column, on common axes. What {@link #and} adds later is
   * drawn in each of them.
   *
   * @param column names of the plots
   * @return the figure
   */
  public Figure panels(String column) {
    return new Figure(
        title, layers.stream().map(l -> l.with(Role.PANEL, column)).toList(), settings);
  }

  /**
   * Whiskers of an interval.
   *
   * @param low lower bounds, in units of y
   * @param high upper bounds, in units of y
   * @return the figure
   */
  public Figure errorBars(String low, String high) {
    return last(layer -> layer.with(Role.ERROR_LOW, low).with(Role.ERROR_HIGH, high));
  }

  /**
   * A ribbon of an interval around a line whose x are numbers.
   *
   * @param low lower bounds, in units of y
   * @param high upper bounds, in units of y
   * @return the figure
   */
  public Figure band(String low, String high) {
    return last(
        layer -> {
          if (layer.mark() != Mark.LINES || layer.categorical()) {
            throw new BadInput("a band belongs to lines over numbers; errorBars fits the rest");
          }
          return layer.with(Role.BAND_LOW, low).with(Role.BAND_HIGH, high);
        });
  }

  /**
   * How many observations a value stands on, shown in the legend and at the pointer.
   *
   * @param column counts
   * @return the figure
   */
  public Figure n(String column) {
    return last(layer -> layer.with(Role.N, column));
  }

  /**
   * Lines stay level until the next point, as a survival curve does.
   *
   * @return the figure
   */
  public Figure steps() {
    return last(Layer::stepped);
  }

  /**
   * Shares of each series instead of counts, in a histogram.
   *
   * @return the figure
   */
  public Figure shares() {
    return set(Plot.Part.HISTOGRAM, trace -> trace.put("histnorm", "probability")).yTitle("share");
  }

  /**
   * Bars of one name on top of each other instead of side by side.
   *
   * @return the figure
   */
  public Figure stacked() {
    return set(Plot.Part.LAYOUT, layout -> layout.put("barmode", "stack"));
  }

  /**
   * Draws another figure's data in the same axes, for example the paper's curve.
   *
   * @param other its titles and axes are left out
   * @return the figure
   */
  public Figure and(Figure other) {
    List<Layer> both = new ArrayList<>(layers);
    both.addAll(other.layers);
    return new Figure(title, both, settings);
  }

  /**
   * {@return the figure}
   *
   * @param text what the figure shows, in a few words
   */
  public Figure title(String text) {
    return title(text, "");
  }

  /**
   * {@return the figure}
   *
   * @param text what the figure shows, in a few words
   * @param subtitle what was measured, on how many, and what the interval is
   */
  public Figure title(String text, String subtitle) {
    return new Figure(text, layers, settings)
        .set(Plot.Part.LAYOUT, layout -> Theme.title(layout, text, subtitle));
  }

  /**
   * {@return the figure}
   *
   * @param text what the x axis shows, with its unit
   */
  public Figure xTitle(String text) {
    return set(Plot.Part.X_AXIS, axis -> axisTitle(axis, text));
  }

  /**
   * {@return the figure}
   *
   * @param text what the y axis shows, with its unit
   */
  public Figure yTitle(String text) {
    return set(Plot.Part.Y_AXIS, axis -> axisTitle(axis, text));
  }

  /**
   * {@return the figure}
   *
   * @param low lower end, in units of y
   * @param high upper end, in units of y
   */
  public Figure yRange(double low, double high) {
    return set(
        Plot.Part.Y_AXIS,
        axis -> axis.put("autorange", false).putArray("range").add(low).add(high));
  }

  /**
   * Shows shares (0 to 1) as per cent on the y axis.
   *
   * @return the figure
   */
  public Figure yPercent() {
    return set(Plot.Part.Y_AXIS, axis -> axis.put("tickformat", ".0%").put("hoverformat", ".1%"));
  }

  /**
   * The values at the two ends of a heat map's colours, so that two figures can be compared.
   *
   * @param low value of the lightest colour
   * @param high value of the darkest colour
   * @return the figure
   */
  public Figure colorRange(double low, double high) {
    return set(Plot.Part.HEAT_MAP, map -> map.put("zmin", low).put("zmax", high));
  }

  /**
   * Writes a heat map's values into its cells.
   *
   * @param format a d3 format: {@code .0%} shows 0.825 as 83 %, {@code .1f} shows 82.5
   * @return the figure
   */
  public Figure cellText(String format) {
    return set(
        Plot.Part.HEAT_MAP,
        map -> {
          map.put("texttemplate", "%{z:" + format + "}");
          map.withObject("/colorbar").put("tickformat", format);
        });
  }

  /**
   * Writes a heat map's values into its cells, and a text below each.
   *
   * @param format a d3 format, as above
   * @param column texts, such as intervals
   * @return the figure
   */
  public Figure cellText(String format, String column) {
    // No tag: Plotly would take it for letters when it looks for a size that fits the cell.
    return last(layer -> layer.with(Role.CELL_NOTE, column))
        .cellText(format)
        .set(
            Plot.Part.HEAT_MAP,
            map -> {
              map.put("texttemplate", "%{z:" + format + "}<br>%{text}");
              map.withObject("/textfont").put("weight", 600);
            });
  }

  /**
   * {@return the figure}
   *
   * @param pixels how tall it is, titles and legend included
   */
  public Figure height(int pixels) {
    return set(Plot.Part.LAYOUT, layout -> layout.put("height", pixels));
  }

  /**
   * A note with an arrow to a place in the figure.
   *
   * @param x where, in units of x
   * @param y where, in units of y
   * @param text the note
   * @return the figure
   */
  public Figure note(double x, double y, String text) {
    return set(Plot.Part.LAYOUT, layout -> Theme.note(layout, x, y, text));
  }

  /**
   * The figure as Plotly takes it, and as a notebook stores it under the MIME type {@code
   * application/vnd.plotly.v1+json}.
   *
   * @return an object with {@code data}, {@code layout} and {@code config}
   * @throws BadInput if a table does not hold what the figure needs
   */
  public ObjectNode toJson() {
    return new Plot(layers, settings).toJson();
  }

  /**
   * The figure as a piece of an HTML page whose head has loaded plotly.js. It carries no id, so any
   * number of figures stand on one page.
   *
   * @return a {@code div} and the script that fills it
   */
  public String toHtml() {
    ObjectNode figure = toJson();
    figure.withObject("/config").put("responsive", true); // holds where the element has a height
    return """
        <div class="derta-figure" role="img" aria-label="%s" style="height:%dpx"></div>
        <script>Plotly.newPlot(document.currentScript.previousElementSibling, %s);</script>
        """
        .formatted(
            Encode.forHtmlAttribute(title), figure.at("/layout/height").asInt(), inScript(figure));
  }

  /**
   * The figure as HTML of a notebook's cell, which loads plotly.js of Plotly's own server where no
   * other output has; without scripts or network it names the figure and says what to do.
   */
  String toCell() {
    ObjectNode figure = toJson();
    String name = Encode.forHtml(title.isEmpty() ? "figure" : title);
    return Resources.text(Figure.class, "cell.html")
        .formatted(name, figure.at("/layout/height").asInt(), name, inScript(figure));
  }

  /** What a console shows instead of the figure. */
  @Override
  public String toString() {
    List<String> drawn = layers.stream().map(l -> l.mark().name().toLowerCase()).toList();
    return "Figure \"%s\" (%s)".formatted(title, String.join(", ", drawn).replace('_', ' '));
  }

  private static Figure of(Mark mark, Table table, String x, String y) {
    return of(Layer.of(mark, table).with(Role.X, x).with(Role.Y, y)).yTitle(y);
  }

  private static Figure of(Layer layer) {
    return new Figure("", List.of(layer), List.of());
  }

  private Figure last(UnaryOperator<Layer> change) {
    List<Layer> changed = new ArrayList<>(layers);
    changed.set(layers.size() - 1, change.apply(layers.get(layers.size() - 1)));
    return new Figure(title, List.copyOf(changed), settings);
  }

  private Figure set(Plot.Part part, Consumer<ObjectNode> change) {
    List<Plot.Setting> more = new ArrayList<>(settings);
    more.add(new Plot.Setting(part, change));
    return new Figure(title, layers, List.copyOf(more));
  }

  private static void axisTitle(ObjectNode axis, String text) {
    axis.putObject("title").put("text", Theme.text(text));
  }

  /** JSON for a script element, which "<" would end inside a text that holds "</script>". */
  static String inScript(Object value) {
    try {
      return JsonLines.MAPPER.writeValueAsString(value).replace("<", "\\u003c");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree that cannot be written", e);
    }
  }
}
