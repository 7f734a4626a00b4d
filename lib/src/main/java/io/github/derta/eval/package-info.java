/**
 * What models do when asked: depth curves, judges and their agreement, rates, and whole studies.
 *
 * <p>In: models, questions, a judge. Out: answers with verdicts, tables of rates. Begin with {@link
 * io.github.derta.eval.Judges} or {@link io.github.derta.eval.DepthCurve}; {@link
 * io.github.derta.eval.Study} says what is trained and asked, {@link io.github.derta.eval.StudyRun}
 * does it, and {@link io.github.derta.eval.StudyTables} tells what came of it.
 */
package io.github.derta.eval;
