/**
 * What a reader sees: tables and figures of notebook, HTML export and report.
 *
 * <p>In: Tablesaw tables, runs. Out: HTML tables, Plotly figures as JSON or as a piece of an HTML
 * page, a page of runs; the notebook kernel finds its renderers here. Begin with {@link
 * io.github.derta.view.Figure} and {@link io.github.derta.view.Report}.
 */
package io.github.derta.view;
