package io.github.derta.text;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import com.hubspot.jinjava.lib.tag.ForTag;
import com.hubspot.jinjava.tree.TagNode;
import io.github.derta.io.BadInput;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Jinjava made equal to the Jinja2 of transformers where chat templates use it. What it would
 * silently render otherwise (tojson, a for with if or else) is refused. Still different: a boolean
 * or none that is printed itself, {@code and} whose value is printed, and slices that cut a message
 * between surrogates.
 */
final class Jinja {

  private static final Jinjava ENGINE = engine();

  private static final String BLANK = "[\\s\\x1C-\\x1F]"; // as Python strips them

  private static final Pattern OUTER_BLANKS =
      Pattern.compile(
          "\\A" + BLANK + "+|(?<!" + BLANK + ")" + BLANK + "+\\z", Pattern.UNICODE_CHARACTER_CLASS);

  private Jinja() {}

  /**
   * @throws BadInput what a template says by raise_exception, or what is wrong with it
   */
  static String render(String template, Map<String, Object> bindings) {
    Map<String, Object> all = new HashMap<>(bindings);
    all.put("strftime_now", true); // templates ask whether it is defined before they call it
    all.put("tools", null);
    all.put("documents", null);
    // The method of Java's strings keeps no-break spaces, which Python's strips.
    RenderResult result = ENGINE.renderForResult(template.replace(".strip()", "|trim"), all);
    for (TemplateError error : result.getErrors()) {
      for (Throwable e = error.getException(); e != null; e = e.getCause()) {
        if (e instanceof BadInput) {
          throw new BadInput(e.getMessage());
        }
      }
      throw new BadInput("line " + error.getLineno() + ": " + error.getMessage());
    }
    return result.getOutput();
  }

  private static Jinjava engine() {
    LegacyOverrides overrides =
        LegacyOverrides.newBuilder()
            .withEvaluateMapKeys(true)
            .withIterateOverMapKeys(true)
            .withUseNaturalOperatorPrecedence(true)
            .withParseWhitespaceControlStrictly(true)
            .withAllowAdjacentTextNodes(true)
            .withUseTrimmingForNotesAndExpressions(true)
            .withKeepNullableLoopValues(true)
            .withHandleBackslashInQuotesOnly(true)
            .build();
    Jinjava engine =
        new Jinjava(
            JinjavaConfig.newBuilder()
                .withLegacyOverrides(overrides)
                .withNestedInterpretationEnabled(false) // or {{ }} in a message would be evaluated
                .withKeepTrailingNewline(true)
                .withLocale(Locale.ENGLISH)
                .build());
    engine.registerFunction(
        new ELFunctionDefinition("", "raise_exception", Jinja.class, "refuse", String.class));
    engine.registerFunction(
        new ELFunctionDefinition("", "strftime_now", Jinja.class, "now", String.class));
    engine.registerFilter(new Named("trim", Jinja::trim));
    engine.registerFilter(new Named("tojson", Jinja::refuseJson));
    engine.registerTag(new PlainFor());
    return engine;
  }

  /** Called by templates as raise_exception. */
  public static Object refuse(String message) {
    throw new BadInput(message);
  }

  /** Called by templates as strftime_now, with a format as Python has it. */
  public static String now(String format) {
    LocalDateTime now = LocalDateTime.now();
    return Pattern.compile("%.?", Pattern.DOTALL)
        .matcher(format)
        .replaceAll(
            part -> {
              // Java has the same letters behind %t.
              if (!part.group().matches("%[aAbBdHmMSyY]")) {
                throw new BadInput("strftime_now: " + part.group() + " is not supported");
              }
              return String.format(Locale.ENGLISH, "%t" + part.group().charAt(1), now);
            });
  }

  private record Named(String getName, UnaryOperator<Object> filter) implements Filter {

    @Override
    public Object filter(Object value, JinjavaInterpreter interpreter, String... arguments) {
      return filter.apply(value);
    }
  }

  /** Jinjava strips control characters and ASCII blanks, Python what it calls white space. */
  private static Object trim(Object value) {
    return OUTER_BLANKS.matcher(String.valueOf(value)).replaceAll("");
  }

  private static Object refuseJson(Object value) {
    throw new BadInput("the template needs tojson (tools), which is not supported");
  }

  private static final class PlainFor extends ForTag {

    private static final long serialVersionUID = 1;

    @Override
    public String interpret(TagNode node, JinjavaInterpreter interpreter) {
      boolean hasElse = node.getChildren().stream().anyMatch(n -> "else".equals(n.getName()));
      if (hasElse || node.getHelpers().matches("(?s).*\\sif\\s.*")) {
        throw new BadInput("the template has a for with an if or else, which is not supported");
      }
      return super.interpret(node, interpreter);
    }
  }
}
