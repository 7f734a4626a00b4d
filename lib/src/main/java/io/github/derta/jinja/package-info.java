/**
 * The Jinja2 that chat templates and the report are written in: what public templates use of it,
 * rendered as Python's jinja2 renders it. Whatever else Jinja2 has is refused by its name.
 *
 * <p>In: the text of a template; texts, whole numbers, booleans, lists and maps as variables. Out:
 * a text, or {@link io.github.derta.io.BadInput} with the line of the template. Begin with {@link
 * io.github.derta.jinja.Jinja}; {@link io.github.derta.jinja.Builtins} has the tables of filters,
 * tests and methods.
 */
package io.github.derta.jinja;
