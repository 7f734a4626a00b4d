/**
 * What models do when asked: depth curves, judges and their agreement, rates.
 *
 * <p>In: models, questions, a judge. Out: answers with verdicts, tables of rates. Begin with {@link
 * io.github.derta.eval.Judges} or {@link io.github.derta.eval.DepthCurve}.
 */
package io.github.derta.eval;
