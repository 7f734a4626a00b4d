package io.github.derta.data;

/**
 * The paper's (q, r, r^): a harmful question with a safe and a harmful answer. The paper's Table 4
 * counts it as two pairs.
 *
 * @param question q
 * @param harmful r^, the answer that must not be given
 * @param safe r, the refusal
 */
public record SafetyTriple(String question, String harmful, String safe) {}
