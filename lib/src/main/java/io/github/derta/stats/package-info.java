/**
 * Numbers with their uncertainty, thin over Apache Commons Statistics and DKPro.
 *
 * <p>In: tables of answers, counts, verdicts. Out: rates, differences, agreement, 95 % intervals.
 * Begin with {@link io.github.derta.stats.Rates}.
 */
package io.github.derta.stats;
