package io.github.derta.text;

import io.github.derta.text.JinjaValues.Fault;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/** Python's strftime in the C locale. */
final class PythonDate {

  private static final Map<Character, String> PATTERNS =
      Map.ofEntries(
          Map.entry('a', "EEE"),
          Map.entry('A', "EEEE"),
          Map.entry('b', "MMM"),
          Map.entry('h', "MMM"),
          Map.entry('B', "MMMM"),
          Map.entry('d', "dd"),
          Map.entry('e', "ppd"),
          Map.entry('m', "MM"),
          Map.entry('y', "yy"),
          Map.entry('Y', "yyyy"),
          Map.entry('H', "HH"),
          Map.entry('I', "hh"),
          Map.entry('M', "mm"),
          Map.entry('S', "ss"),
          Map.entry('f', "SSSSSS"),
          Map.entry('p', "a"),
          Map.entry('j', "DDD"),
          Map.entry('D', "MM/dd/yy"),
          Map.entry('F', "yyyy-MM-dd"),
          Map.entry('T', "HH:mm:ss"),
          Map.entry('R', "HH:mm"));

  private PythonDate() {}

  /** One directive, such as {@code %d} or {@code %-d}. */
  static String directive(String directive, LocalDateTime date) {
    char letter = directive.charAt(directive.length() - 1);
    if (directive.equals("%%")) {
      return "%";
    }
    String pattern = PATTERNS.get(letter);
    boolean unpadded = directive.length() == 3;
    if (pattern == null || unpadded && "demyHIMSj".indexOf(letter) < 0) {
      throw new Fault("strftime_now: " + directive + " is not supported");
    }
    String text = DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(date);
    return unpadded ? text.replaceFirst("^[0 ]+(?=.)", "") : text;
  }
}
