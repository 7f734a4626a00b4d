package io.github.derta.jinja;

import io.github.derta.io.BadInput;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tokens of a template, cut as Jinja2 cuts them with {@code trim_blocks, lstrip_blocks}, and
 * where a parser stands in them.
 */
final class Tokens {

  enum Kind {
    DATA,
    PRINT,
    BLOCK,
    CLOSE,
    NAME,
    STRING,
    NUMBER,
    OPERATOR,
    END
  }

  /** A token; the value is a text, or a Long for a number. */
  record Token(Kind kind, Object value, int line) {

    @Override
    public String toString() {
      return switch (kind) {
        case DATA, END -> "end of template";
        case CLOSE -> "end of tag";
        case STRING -> "a string";
        default -> "'" + value + "'";
      };
    }
  }

  private static final Pattern OPEN = Pattern.compile("\\{[{%#][-+]?");
  private static final Pattern COMMENT_END = pattern("\\+#}|-#}B*|#}\\n?");
  private static final Pattern BLOCK_END = pattern("\\+%}|-%}B*|%}\\n?");
  private static final Pattern PRINT_END = pattern("-}}B*|}}");

  private static final Pattern TOKEN =
      pattern(
          "(?s)(?<blank>B+)|(?<number>[0-9]\\w*(?:\\.[0-9]\\w*)?)|(?<name>[a-zA-Z_]\\w*)"
              + "|(?<string>'[^'\\\\]*+(?:\\\\.[^'\\\\]*+)*+'|\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\")"
              + "|(?<operator>\\*\\*|//|[=!<>]=|[-+*/%~\\[\\](){}<>=.:|,])");

  private static final Pattern ESCAPE =
      Pattern.compile("(?s)\\\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|.)");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int position;
  private int counted;
  private int line = 1;
  private int at;

  Tokens(String template) {
    String lines = template.replaceAll("\\r\\n?", "\n");
    source = lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
    Matcher open = OPEN.matcher(source);
    while (open.find(position)) {
      String tag = open.group();
      data(open.start(), tag);
      position = open.end();
      if (tag.charAt(1) == '#') {
        Matcher end = COMMENT_END.matcher(source);
        if (!end.find(position)) {
          throw broken("the end of a comment is missing");
        }
        position = end.end();
      } else {
        boolean print = tag.charAt(1) == '{';
        add(print ? Kind.PRINT : Kind.BLOCK, tag, open.start());
        tag(print ? PRINT_END : BLOCK_END);
      }
    }
    add(Kind.DATA, source.substring(position), position);
    add(Kind.END, "", source.length());
  }

  private static Pattern pattern(String withBlanks) {
    return Pattern.compile(withBlanks.replace("B", "[" + PythonText.BLANKS + "]"));
  }

  /** Text before a tag, without the blanks that the tag takes away. */
  private void data(int end, String tag) {
    String text = source.substring(position, end);
    char sign = tag.length() > 2 ? tag.charAt(2) : ' ';
    if (sign == '-') {
      text = PythonText.strip(text, null, false, true);
    } else if (sign != '+' && tag.charAt(1) != '{') {
      int line = text.lastIndexOf('\n') + 1;
      boolean begins = line > 0 || position == 0 || source.charAt(position - 1) == '\n';
      if (begins && PythonText.strip(text.substring(line), null, true, false).isEmpty()) {
        text = text.substring(0, line);
      }
    }
    add(Kind.DATA, text, position);
  }

  private void tag(Pattern end) {
    Deque<String> open = new ArrayDeque<>();
    Matcher matcher = end.matcher(source);
    while (!open.isEmpty() || !matcher.region(position, source.length()).lookingAt()) {
      Matcher token = TOKEN.matcher(source).region(position, source.length());
      if (!token.lookingAt()) {
        String rest = source.substring(position, Math.min(source.length(), position + 1));
        throw broken(rest.isEmpty() ? "a tag has no end" : "unexpected character " + rest);
      }
      int begin = position;
      String text = token.group();
      if (token.group("number") != null) {
        if (!text.matches("0|[1-9][0-9]{0,17}")) {
          throw broken("the number " + text + " is not supported");
        }
        add(Kind.NUMBER, Long.valueOf(text), begin);
      } else if (token.group("string") != null) {
        String content = text.substring(1, text.length() - 1);
        add(Kind.STRING, ESCAPE.matcher(content).replaceAll(this::unescaped), begin);
      } else if (token.group("operator") != null) {
        int opening = "([{".indexOf(text);
        if (opening >= 0) {
          open.push(")]}".substring(opening, opening + 1));
        } else if (")]}".contains(text) && !text.equals(open.poll())) {
          throw broken("unexpected '" + text + "'");
        }
        add(Kind.OPERATOR, text, begin);
      } else if (token.group("name") != null) {
        add(Kind.NAME, text, begin);
      }
      position = token.end();
    }
    add(Kind.CLOSE, "", position);
    position = matcher.end();
  }

  private String unescaped(MatchResult escape) {
    String digits = escape.group(1) != null ? escape.group(1) : escape.group(2);
    char c = escape.group().charAt(1);
    int simple = "abfnrtv\\'\"\n".indexOf(c);
    String text = escape.group();
    if (digits != null) {
      c = (char) Integer.parseInt(digits, 16);
      text = String.valueOf(c);
    } else if (simple >= 0) {
      text = simple == 10 ? "" : "\u0007\b\f\n\r\t\u000b\\'\"".substring(simple, simple + 1);
    }
    boolean isOther = digits == null && simple < 0;
    if (isOther && ("01234567NUux".indexOf(c) >= 0 || c > 127) || Character.isSurrogate(c)) {
      throw broken(escape.group() + " in a string is not supported");
    }
    return Matcher.quoteReplacement(text);
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

  private BadInput broken(String problem) {
    return new BadInput("line " + line(position) + ": " + problem);
  }

  boolean mentions(String name) {
    return tokens.stream().anyMatch(t -> t.kind == Kind.NAME && t.value.equals(name));
  }

  Token current() {
    return tokens.get(at);
  }

  Token next() {
    return tokens.get(current().kind == Kind.END ? at : at++);
  }

  boolean is(Kind kind) {
    return current().kind == kind;
  }

  /** Whether the next token is one of these names and operators. */
  boolean is(Set<String> words) {
    return isWord(current(), words);
  }

  boolean is(String word) {
    return is(Set.of(word));
  }

  /** Whether the next token but one is this. */
  boolean follows(String word) {
    return isWord(tokens.get(Math.min(at + 1, tokens.size() - 1)), Set.of(word));
  }

  private static boolean isWord(Token token, Set<String> words) {
    return (token.kind == Kind.NAME || token.kind == Kind.OPERATOR)
        && words.contains((String) token.value);
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

  Token expect(Kind kind) {
    if (!is(kind)) {
      throw unexpected();
    }
    return next();
  }

  String name() {
    return (String) expect(Kind.NAME).value;
  }

  BadInput unexpected() {
    return fault("unexpected " + current());
  }

  BadInput fault(String problem) {
    return new BadInput("line " + current().line + ": " + problem);
  }
}
