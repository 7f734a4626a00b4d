package io.github.derta.text;

/**
 * A phrase that a refusal begins with.
 *
 * @param text the phrase; case, the kind of its apostrophes and of its white space do not matter
 * @param source who uses it to tell a refusal
 */
public record RefusalPhrase(String text, String source) {}
