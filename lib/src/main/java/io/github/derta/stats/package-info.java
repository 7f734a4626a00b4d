/**
 * Numbers with their uncertainty, thin over Apache Commons Statistics and DKPro.
 *
 * <p>In: counts, verdicts. Out: rates, agreement, 95 % intervals. Begin with {@link
 * io.github.derta.stats.Rate}.
 */
package io.github.derta.stats;
