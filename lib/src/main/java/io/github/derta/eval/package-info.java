/**
 * What models do when asked: depth curves, rates with their intervals.
 *
 * <p>In: models, questions, a judge. Out: answers with verdicts, tables of rates. Begin with {@link
 * io.github.derta.eval.DepthCurve}.
 */
package io.github.derta.eval;
