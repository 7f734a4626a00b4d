package io.github.derta.text;

import io.github.derta.io.BadInput;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts a template into the tokens of Jinja2 3.1.6 with {@code trim_blocks, lstrip_blocks}. */
final class JinjaLexer {

  enum Kind {
    DATA,
    PRINT_BEGIN,
    PRINT_END,
    BLOCK_BEGIN,
    BLOCK_END,
    NAME,
    STRING,
    NUMBER,
    OPERATOR,
    END
  }

  /** A token; the value is a text, or a Long or Double for a number. */
  record Token(Kind kind, Object value, int line) {

    boolean is(Kind kind, Object value) {
      return this.kind == kind && this.value.equals(value);
    }

    @Override
    public String toString() {
      return switch (kind) {
        case DATA, END -> "end of template";
        case STRING -> "a string";
        default -> "'" + value + "'";
      };
    }
  }

  private static final Pattern OPEN = pattern("\\{%[-+]?B*raw(?<raw>B*(?:-%}B*|%}))|\\{[{%#][-+]?");

  private static final Pattern RAW_END = pattern("\\{%[-+]?B*endrawB*(?:\\+%}|-%}B*|%}\\n?)");

  private static final Pattern COMMENT_END = pattern("\\+#}|-#}B*|#}\\n?");
  private static final Pattern BLOCK_END = pattern("\\+%}|-%}B*|%}\\n?");
  private static final Pattern PRINT_END = pattern("-}}B*|}}");

  private static final Pattern FLOAT =
      Pattern.compile("(?<!\\.)D(?:(?:\\.D)?[eE][+-]?D|\\.D)".replace("D", "(?:[0-9]+_)*[0-9]+"));

  private static final Pattern INTEGER =
      Pattern.compile(
          "0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[0-9a-fA-F])+|[1-9](?:_?[0-9])*|0(?:_?0)*");

  private static final Pattern NAME = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);

  private static final Pattern OPERATOR =
      Pattern.compile("\\*\\*|//|==|!=|>=|<=|[-+/*%~\\[\\](){}><=.:|,;]");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int counted;
  private int line = 1;

  private JinjaLexer(String template) {
    String lines = template.replaceAll("\\r\\n?", "\n");
    source = lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
  }

  /**
   * @throws BadInput if the template has a character or an open tag that Jinja2 refuses
   */
  static List<Token> tokens(String template) {
    JinjaLexer lexer = new JinjaLexer(template);
    lexer.read();
    return lexer.tokens;
  }

  private static Pattern pattern(String withBlanks) {
    return Pattern.compile(withBlanks.replace("B", "[" + PythonText.BLANKS + "]"));
  }

  private void read() {
    Matcher open = OPEN.matcher(source);
    while (open.find(at)) {
      String tag = open.group();
      data(open.start(), tag);
      at = open.end();
      if (open.group("raw") != null) {
        Matcher end = find(RAW_END, "the end of a raw block");
        data(end.start(), end.group());
        at = end.end();
      } else if (tag.charAt(1) == '#') {
        at = find(COMMENT_END, "the end of a comment").end();
      } else {
        boolean print = tag.charAt(1) == '{';
        add(print ? Kind.PRINT_BEGIN : Kind.BLOCK_BEGIN, tag, open.start());
        tag(print ? Kind.PRINT_END : Kind.BLOCK_END, print ? PRINT_END : BLOCK_END);
      }
    }
    add(Kind.DATA, source.substring(at), at);
    add(Kind.END, "", source.length());
  }

  /** Text before a tag, without the blanks that the tag takes away. */
  private void data(int end, String tag) {
    String text = source.substring(at, end);
    char sign = tag.length() > 2 ? tag.charAt(2) : ' ';
    if (sign == '-') {
      text = PythonText.strip(text, null, false, true);
    } else if (sign != '+' && tag.charAt(1) != '{') {
      int line = text.lastIndexOf('\n') + 1;
      boolean begins = line > 0 || at == 0 || source.charAt(at - 1) == '\n';
      if (begins && PythonText.strip(text.substring(line), null, true, false).isEmpty()) {
        text = text.substring(0, line);
      }
    }
    add(Kind.DATA, text, at);
  }

  private Matcher find(Pattern pattern, String what) {
    Matcher matcher = pattern.matcher(source);
    if (!matcher.find(at)) {
      throw fault(what + " is missing");
    }
    return matcher;
  }

  private void tag(Kind endKind, Pattern end) {
    Deque<String> open = new ArrayDeque<>();
    while (at < source.length()) {
      int begin = at;
      if (PythonText.BLANKS.indexOf(source.charAt(at)) >= 0) {
        at++;
      } else if (open.isEmpty() && take(end) != null) {
        add(endKind, "end of tag", begin);
        return;
      } else if (take(FLOAT) != null) {
        add(Kind.NUMBER, Double.valueOf(text(begin).replace("_", "")), begin);
      } else if (take(INTEGER) != null) {
        add(Kind.NUMBER, integer(text(begin).replace("_", "")), begin);
      } else if (take(NAME) != null) {
        add(Kind.NAME, text(begin), begin);
      } else if (source.charAt(at) == '\'' || source.charAt(at) == '"') {
        add(Kind.STRING, unescape(quoted()), begin);
      } else {
        String operator = take(OPERATOR);
        if (operator == null) {
          throw fault("unexpected character " + PythonText.repr(source.substring(at, at + 1)));
        }
        balance(operator, open);
        add(Kind.OPERATOR, operator, begin);
      }
    }
  }

  private void balance(String operator, Deque<String> open) {
    int opening = "([{".indexOf(operator);
    if (opening >= 0) {
      open.push(")]}".substring(opening, opening + 1));
    } else if (")]}".contains(operator) && !operator.equals(open.poll())) {
      throw fault("unexpected '" + operator + "'");
    }
  }

  private String take(Pattern pattern) {
    Matcher matcher =
        pattern.matcher(source).useTransparentBounds(true).region(at, source.length());
    if (!matcher.lookingAt()) {
      return null;
    }
    at = matcher.end();
    return matcher.group();
  }

  private String text(int begin) {
    return source.substring(begin, at);
  }

  private Long integer(String digits) {
    int base = digits.length() < 2 ? -1 : "box".indexOf(Character.toLowerCase(digits.charAt(1)));
    try {
      return base < 0
          ? Long.parseLong(digits)
          : Long.parseLong(digits.substring(2), new int[] {2, 8, 16}[base]);
    } catch (NumberFormatException e) {
      throw fault("the number " + digits + " is too large");
    }
  }

  private String quoted() {
    char quote = source.charAt(at++);
    int begin = at;
    while (at < source.length() && source.charAt(at) != quote) {
      at += source.charAt(at) == '\\' ? 2 : 1;
    }
    if (at >= source.length()) {
      at = begin;
      throw fault("a string has no end");
    }
    return source.substring(begin, at++);
  }

  /** Python's unicode-escape codec. */
  private String unescape(String text) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\') {
        plain.append(c);
        continue;
      }
      int escaped = text.codePointAt(++i);
      int simple = "abfnrtv\\'\"".indexOf(escaped);
      int digits = escaped == 'x' ? 2 : escaped == 'u' ? 4 : escaped == 'U' ? 8 : 0;
      if (simple >= 0) {
        plain.append("\u0007\b\f\n\r\t\u000b\\'\"".charAt(simple));
      } else if (digits > 0) {
        plain.appendCodePoint(hexadecimal(text, i + 1, digits));
        i += digits;
      } else if (escaped >= '0' && escaped <= '7') {
        int end = i;
        while (end < Math.min(text.length(), i + 3) && "01234567".indexOf(text.charAt(end)) >= 0) {
          end++;
        }
        plain.append((char) Integer.parseInt(text.substring(i, end), 8));
        i = end - 1;
      } else if (escaped == 'N') {
        throw fault("\\N in a string is not supported");
      } else if (escaped > 127) { // jinja2 escapes these first, which takes the backslash away
        plain.append('\\').append(PythonText.escape(escaped).substring(1));
        i += Character.charCount(escaped) - 1;
      } else if (escaped != '\n') {
        plain.append('\\').append((char) escaped);
      }
    }
    return plain.toString();
  }

  private int hexadecimal(String text, int begin, int digits) {
    String number = text.substring(begin, Math.min(text.length(), begin + digits));
    if (!number.matches("[0-9a-fA-F]{" + digits + "}")
        || Long.parseLong(number, 16) > Character.MAX_CODE_POINT) {
      throw fault("\\" + text.charAt(begin - 1) + " in a string needs " + digits + " digits");
    }
    return Integer.parseInt(number, 16);
  }

  private void add(Kind kind, Object value, int begin) {
    if (kind != Kind.DATA || !"".equals(value)) {
      tokens.add(new Token(kind, value, line(begin)));
    }
  }

  /** The line of a position that is not before the last one asked for. */
  private int line(int position) {
    for (; counted < position; counted++) {
      line += source.charAt(counted) == '\n' ? 1 : 0;
    }
    return line;
  }

  private BadInput fault(String problem) {
    return new BadInput("line " + line(at) + ": " + problem);
  }
}
