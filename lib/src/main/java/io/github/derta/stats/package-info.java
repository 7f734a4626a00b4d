/**
 * Numbers with their uncertainty, thin over Apache Commons Statistics.
 *
 * <p>In: counts. Out: rates and 95 % intervals. Begin with {@link io.github.derta.stats.Rate}.
 */
package io.github.derta.stats;
