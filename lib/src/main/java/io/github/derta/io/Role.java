package io.github.derta.io;

import java.util.Locale;

/** What a record may hold; the columns of {@code shapes.yaml}. */
public enum Role {
  /** What was asked, without any attack around it. */
  QUESTION("question"),
  /** What was sent. */
  PROMPT("prompt"),
  /** What a model wrote. */
  ANSWER("answer of a model"),
  /** An answer to train on. */
  LEARNED("answer to learn"),
  /** A worse answer than that. */
  REJECTED("rejected answer"),
  /** An answer that must not be given. */
  HARMFUL("harmful answer beside a safe one"),
  /** A refusal. */
  SAFE("safe answer"),
  /** The text of a ready row. */
  ROW("ready row");

  final String words;
  final String column = name().toLowerCase(Locale.ROOT);

  Role(String words) {
    this.words = words;
  }
}
