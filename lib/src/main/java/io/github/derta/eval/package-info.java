/**
 * What models do when asked: runs of attacks, judges and their agreement, the table of answers, and
 * whole studies.
 *
 * <p>In: models, questions, a judge. Out: answers with verdicts. Begin with {@link
 * io.github.derta.eval.Judges}; {@link io.github.derta.eval.AttackSuite} makes a run of attacks on
 * a model, {@link io.github.derta.eval.Answers} a table of runs or of a study; {@link
 * io.github.derta.eval.Study} says what is trained and asked, {@link io.github.derta.eval.StudyRun}
 * does it.
 */
package io.github.derta.eval;
