package io.github.derta.jinja;

import io.github.derta.io.BadInput;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tokens of a template, cut as Jinja2 cuts them with {@code trim_blocks, lstrip_blocks}, and
 * where a parser stands in them.
 */
final class Tokens {

  /**
   * A token.
   *
   * @param kind text, print or block (what opens a tag), close, end, or within a tag name,
   *     operator, string or number
   * @param text its text,
   * @param line where it begins
   */
  record Token(String kind, String text, int line) {

    boolean is(List<String> words) {
      return (kind.equals("name") || kind.equals("operator")) && words.contains(text);
    }
  }

  private static final Pattern OPEN = Pattern.compile("\\{[{%#][-+]?");

  private static final Map<Character, Pattern> CLOSE =
      Map.of(
          '#', pattern("\\+#}|-#}B*|#}\\n?"),
          '%', pattern("\\+%}|-%}B*|%}\\n?"),
          '{', pattern("-}}B*|}}"));

  private static final Pattern TOKEN =
      pattern(
          "(?s)(?<blank>B+)|(?<number>[0-9]\\w*(?:\\.[0-9]\\w*)?)|(?<name>[a-zA-Z_]\\w*)"
              + "|(?<string>'[^'\\\\]*+(?:\\\\.[^'\\\\]*+)*+'|\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\")"
              + "|(?<operator>\\*\\*|//|[=!<>]=|[-+*/%~\\[\\](){}<>=.:|,])");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int begin;
  private int at;

  Tokens(String template) {
    String lines = template.replaceAll("\\r\\n?", "\n");
    source = lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
    Matcher open = OPEN.matcher(source);
    while (open.find(begin)) {
      char kind = open.group().charAt(1);
      add("text", before(open.start(), open.group()));
      begin = open.end();
      Matcher close = CLOSE.get(kind).matcher(source);
      if (kind != '#') {
        add(kind == '{' ? "print" : "block", open.group());
        tag(close);
        add("close", "end of tag");
      } else if (!close.find(begin)) {
        throw broken("the end of a comment is missing");
      }
      begin = close.end();
    }
    add("text", source.substring(begin));
    add("end", "end of template");
  }

  private static Pattern pattern(String withBlanks) {
    return Pattern.compile(withBlanks.replace("B", "[" + PythonText.BLANKS + "]"));
  }

  /** Text before a tag, without the blanks that the tag takes away. */
  private String before(int end, String tag) {
    String text = source.substring(begin, end);
    if (tag.endsWith("-")) {
      return PythonText.strip(text, null, false, true);
    }
    int line = text.lastIndexOf('\n') + 1;
    boolean begins = line > 0 || begin == 0 || source.charAt(begin - 1) == '\n';
    return begins
            && (tag.equals("{%") || tag.equals("{#"))
            && PythonText.strip(text.substring(line), null, true, false).isEmpty()
        ? text.substring(0, line)
        : text;
  }

  private void tag(Matcher close) {
    Deque<String> open = new ArrayDeque<>();
    while (!open.isEmpty() || !close.region(begin, source.length()).lookingAt()) {
      Matcher token = TOKEN.matcher(source).region(begin, source.length());
      if (!token.lookingAt()) {
        throw broken("a tag has no end, or an unexpected character");
      }
      String text = token.group();
      int opening = "([{".indexOf(text);
      if (opening >= 0) {
        open.push(")]}".substring(opening, opening + 1));
      } else if (")]}".contains(text) && !text.equals(open.poll())) {
        throw broken("unexpected '" + text + "'");
      }
      for (String kind : List.of("number", "string", "name", "operator")) {
        if (token.group(kind) != null) {
          add(kind, text);
        }
      }
      begin = token.end();
    }
  }

  private void add(String kind, String text) {
    tokens.add(new Token(kind, text, line()));
  }

  private int line() {
    return 1 + (int) source.substring(0, begin).chars().filter(c -> c == '\n').count();
  }

  private BadInput broken(String problem) {
    return new BadInput("line " + line() + ": " + problem);
  }

  boolean mentions(String name) {
    return tokens.stream().anyMatch(token -> token.is(List.of(name)));
  }

  Token current() {
    return tokens.get(at);
  }

  Token next() {
    return tokens.get(isKind("end") ? at : at++);
  }

  boolean isKind(String kind) {
    return current().kind.equals(kind);
  }

  /** Whether the next token is one of these names and operators. */
  boolean is(String... words) {
    return current().is(List.of(words));
  }

  /** Whether the next token but one is this. */
  boolean follows(String word) {
    return tokens.get(Math.min(at + 1, tokens.size() - 1)).is(List.of(word));
  }

  boolean skip(String word) {
    boolean found = is(word);
    at += found ? 1 : 0;
    return found;
  }

  void expect(String word) {
    if (!skip(word)) {
      throw unexpected();
    }
  }

  /** The text of the next token, which must be of this kind. */
  String take(String kind) {
    if (!isKind(kind)) {
      throw unexpected();
    }
    return next().text;
  }

  Long number() {
    if (!current().text.matches("0|[1-9][0-9]{0,17}")) {
      throw fault("the number " + current().text + " is not supported");
    }
    return Long.valueOf(next().text);
  }

  String string() {
    String quoted = next().text;
    if (quoted.replaceAll("\\\\[nrtbf\\\\'\"]", "").contains("\\")) {
      throw fault("a backslash in the string " + quoted + " is not supported");
    }
    return quoted.substring(1, quoted.length() - 1).translateEscapes();
  }

  BadInput unexpected() {
    return fault("unexpected '" + current().text + "'");
  }

  BadInput fault(String problem) {
    return new BadInput("line " + current().line + ": " + problem);
  }
}
