/**
 * The attacks of the paper: what is sent to a model to make it answer what it should refuse. In
 * come questions, out go prompts; controls are the direct request and an answer begun for the
 * model. Begin with {@link io.github.derta.attack.Attacks} and {@link
 * io.github.derta.attack.Questions}.
 */
package io.github.derta.attack;
