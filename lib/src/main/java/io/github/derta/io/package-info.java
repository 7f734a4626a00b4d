/**
 * Files in and out: the one exception for a user's mistake, JSON Lines, whole files or none,
 * progress.
 *
 * <p>In: paths and bytes. Out: JSON records with their file and line, or {@link
 * io.github.derta.io.BadInput}. Begin with {@link io.github.derta.io.JsonLines}.
 */
package io.github.derta.io;
