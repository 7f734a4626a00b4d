/**
 * What a reader sees: tables and figures of notebook, HTML export and report.
 *
 * <p>In: Tablesaw tables. Out: HTML tables, and Plotly figures as JSON or as a piece of an HTML
 * page; the notebook kernel finds its renderers here. Begin with {@link
 * io.github.derta.view.Figure}.
 */
package io.github.derta.view;
