package io.github.derta.text;

import io.github.derta.io.BadInput;
import io.github.derta.text.JinjaLexer.Kind;
import io.github.derta.text.JinjaLexer.Token;
import java.util.List;
import java.util.Set;

/** Where a parser stands in the tokens of a template. */
final class JinjaTokens {

  private final List<Token> tokens;
  private int at;

  JinjaTokens(String template) {
    tokens = JinjaLexer.tokens(template);
  }

  boolean mentions(String name) {
    return tokens.stream().anyMatch(token -> token.is(Kind.NAME, name));
  }

  Token current() {
    return tokens.get(at);
  }

  Token next() {
    return tokens.get(current().kind() == Kind.END ? at : at++);
  }

  boolean is(Kind kind) {
    return current().kind() == kind;
  }

  boolean isOperator(String operator) {
    return current().is(Kind.OPERATOR, operator);
  }

  boolean isName(String name) {
    return current().is(Kind.NAME, name);
  }

  /** Whether the next token but one is this. */
  boolean follows(Kind kind, String value) {
    return at + 1 < tokens.size() && tokens.get(at + 1).is(kind, value);
  }

  boolean isOneOf(Kind kind, Set<String> values) {
    return is(kind) && values.contains(current().value());
  }

  boolean skipOperator(String operator) {
    boolean found = isOperator(operator);
    at += found ? 1 : 0;
    return found;
  }

  boolean skipName(String name) {
    boolean found = isName(name);
    at += found ? 1 : 0;
    return found;
  }

  Token expect(Kind kind) {
    if (!is(kind)) {
      throw unexpected();
    }
    return next();
  }

  String name() {
    return (String) expect(Kind.NAME).value();
  }

  void expectOperator(String operator) {
    if (!skipOperator(operator)) {
      throw unexpected();
    }
  }

  void expectName(String name) {
    if (!skipName(name)) {
      throw unexpected();
    }
  }

  BadInput unexpected() {
    return fault("unexpected " + current());
  }

  BadInput fault(String problem) {
    return fault(current().line(), problem);
  }

  static BadInput fault(int line, String problem) {
    return new BadInput("line " + line + ": " + problem);
  }
}
