package io.github.derta.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Texts that are part of this library. */
public final class Resources {

  private static final Pattern NAME = Pattern.compile("\\{([a-z]+)}");

  private Resources() {}

  /**
   * {@return a text beside a class}
   *
   * @param beside the class
   * @param name of the text's file
   */
  public static String text(Class<?> beside, String name) {
    try (InputStream in = beside.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException("no " + name + " beside " + beside);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * {@return a template whose {names} are replaced, all at once}
   *
   * @param template a text; a name that is not given stays in it
   * @param namesAndTexts a name, its text, and so on
   */
  public static String fill(String template, String... namesAndTexts) {
    Map<String, String> texts = new LinkedHashMap<>();
    for (int i = 0; i < namesAndTexts.length; i += 2) {
      texts.put(namesAndTexts[i], namesAndTexts[i + 1]);
    }
    return NAME.matcher(template)
        .replaceAll(
            name -> Matcher.quoteReplacement(texts.getOrDefault(name.group(1), name.group())));
  }
}
