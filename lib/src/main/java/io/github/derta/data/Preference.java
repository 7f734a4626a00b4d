package io.github.derta.data;

/**
 * A pair for DPO, as {@code {"prompt", "chosen", "rejected"}}.
 *
 * @param prompt what is given
 * @param chosen the better text
 * @param rejected the worse one
 */
public record Preference(String prompt, String chosen, String rejected) {}
