package io.github.derta.view;

import static java.util.stream.Collectors.toMap;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.derta.io.Resources;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.owasp.encoder.Encode;

/**
 * How figures look. A method, an attack or a verdict has one colour everywhere; colours can be told
 * apart by colour-blind readers (Okabe and Ito for methods, Tol's muted scheme for the rest).
 */
public final class Theme {

  static final String FONT = "'Source Sans 3', 'Open Sans', 'DejaVu Sans', Arial, sans-serif";

  /** Plotly's own size of an axis title is 1.2 times the font. */
  static final int AXIS_TITLE_SIZE = 17;

  /** Characters to a line. */
  private static final int TITLE_WIDTH = 84;

  private static final int SUBTITLE_WIDTH = 110;

  /** Readable on white and on black: a notebook does not know its reader's theme. */
  static final String INK = "#757575";

  /** Of text in the cells of a heat map. */
  static final String CELL_INK = "#222222";

  private static final String TRANSPARENT = "rgba(0,0,0,0)";

  /** The colours of a heat map. Its lightest and its darkest both leave text in ink readable. */
  static final List<List<Object>> SCALE = List.of(List.of(0, "#F4F1EA"), List.of(1, "#E69F00"));

  private static final String GRID = "rgba(128,128,128,0.25)";

  private static final String PAPER = "\\bpaper('s)?\\b";

  private static final List<String> MUTED =
      List.of(
          "#5B4BB0", "#88CCEE", "#44AA99", "#117733", "#999933", "#DDCC77", "#CC6677", "#A33B6F",
          "#AA4499");

  /** Of methods, attacks and verdicts, by {@link #key}. */
  private static final Map<String, String> KNOWN =
      Resources.text(Theme.class, "colors.txt")
          .lines()
          .filter(line -> line.startsWith("#"))
          .collect(toMap(line -> line.substring(8), line -> line.substring(0, 7)));

  private Theme() {}

  /**
   * The colour of a method, attack or verdict. Case, hyphens, underscores and a mark "(paper)" or
   * "(stored)" do not matter. A name that begins with a known one, as "DeRTa by LoRA", has that
   * one's colour; any other gets one that depends on nothing but the name.
   *
   * @param name for example "DeRTa", "harmful-prefix" or "vanilla (paper)"
   * @return a colour as {@code #RRGGBB}
   */
  public static String color(String name) {
    return candidates(key(name)).get(0);
  }

  /**
   * The same for a figure, where no two names share a colour while some are left: beside "vanilla"
   * "vanilla by LoRA" is a lighter shade of it.
   */
  static Map<String, String> colors(List<String> names) {
    Map<String, String> byKey = new LinkedHashMap<>();
    for (String name : names) {
      byKey.computeIfAbsent(key(name), KNOWN::get);
    }
    Map<String, String> colors = new LinkedHashMap<>();
    for (String name : names) {
      colors.put(
          name,
          byKey.computeIfAbsent(
              key(name),
              key ->
                  candidates(key).stream()
                      .filter(color -> !byKey.containsValue(color))
                      .findFirst()
                      .orElse(color(name))));
    }
    return colors;
  }

  /** The colours that a name may have, the best first. */
  private static List<String> candidates(String key) {
    if (KNOWN.containsKey(key)) {
      return List.of(KNOWN.get(key));
    }
    List<String> candidates = new ArrayList<>();
    KNOWN.keySet().stream()
        .filter(known -> key.matches(Pattern.quote(known) + "\\W.*"))
        .max(Comparator.comparingInt(String::length))
        .map(KNOWN::get)
        .ifPresent(of -> candidates.addAll(List.of(of, mixed(of, 0xFF), mixed(of, 0))));
    candidates.add(MUTED.get(Math.floorMod(key.hashCode(), MUTED.size())));
    candidates.addAll(MUTED);
    return candidates;
  }

  /** Half a colour, half white (255) or black (0). */
  private static String mixed(String color, int grey) {
    int rgb = Integer.parseInt(color.substring(1), 16);
    int red = ((rgb >> 16) + grey) / 2;
    int green = ((rgb >> 8 & 0xFF) + grey) / 2;
    return "#%02X%02X%02X".formatted(red, green, ((rgb & 0xFF) + grey) / 2);
  }

  /** Whether a series shows the paper's figures: dashed and hollow, never mixed up with ours. */
  static boolean isPaper(String name) {
    return plain(name).matches(".*" + PAPER + ".*");
  }

  /** Text as Plotly shows it literally: it reads a few HTML tags, and {@code <|eot_id|>} as one. */
  static String text(String text) {
    return Encode.forHtmlContent(text).replace("\n", "<br>");
  }

  /** The same, broken into lines that fit a figure. */
  static String lines(String text, int width) {
    return text(text.replaceAll("(.{1," + width + "})( +|$)", "$1\n").stripTrailing());
  }

  static void apply(ObjectNode layout) {
    layout.put("paper_bgcolor", TRANSPARENT).put("plot_bgcolor", TRANSPARENT);
    layout.putObject("font").put("family", FONT).put("size", 14).put("color", INK);
    layout.putObject("margin").put("l", 60).put("r", 20).put("t", 30).put("b", 50);
    layout.put("height", 420).put("autosize", true).put("hovermode", "closest");
    layout.putObject("hoverlabel").put("namelength", -1); // whole names
    layout.remove("width");
  }

  /** A bold title, and under it what was measured; the margin leaves room for both. */
  static void title(ObjectNode layout, String text, String subtitle) {
    String lines = lines(text, TITLE_WIDTH);
    String below = lines(subtitle, SUBTITLE_WIDTH);
    int height = 34 + 22 * rows(lines) + (subtitle.isEmpty() ? 0 : 18 * rows(below));
    ((ObjectNode) layout.get("margin")).put("t", height);
    ObjectNode node = layout.putObject("title").put("text", "<b>" + lines + "</b>");
    node.put("x", 0).put("xref", "paper").put("xanchor", "left");
    node.put("y", 1).put("yref", "container").put("yanchor", "top");
    node.putObject("pad").put("t", 14);
    node.putObject("font").put("size", 17);
    if (!subtitle.isEmpty()) {
      ObjectNode second = node.putObject("subtitle").put("text", below);
      second.putObject("font").put("size", 13);
    }
  }

  private static int rows(String lines) {
    return lines.split("<br>").length;
  }

  /** A text with an arrow to a place. */
  static void note(ObjectNode layout, double x, double y, String text) {
    ObjectNode note = layout.withArray("annotations").addObject();
    note.put("text", text(text)).put("x", x).put("y", y);
    note.put("showarrow", true).put("arrowhead", 2).put("ax", 40).put("ay", -40);
    note.put("arrowcolor", "#666666").put("bgcolor", "rgba(128,128,128,0.15)");
  }

  static void axis(ObjectNode axis) {
    axis.put("automargin", true).put("gridcolor", GRID).put("zeroline", false);
    axis.put("linecolor", "#888888").put("showline", true).put("ticks", "outside");
  }

  static String translucent(String color) {
    int rgb = Integer.parseInt(color.substring(1), 16);
    return String.format("rgba(%d,%d,%d,0.18)", rgb >> 16, rgb >> 8 & 0xFF, rgb & 0xFF);
  }

  private static String key(String name) {
    return plain(name).replaceAll(" ?\\(?" + PAPER + "\\)?| ?\\(stored\\)", "").strip();
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[\\s_-]+", " ");
  }
}
