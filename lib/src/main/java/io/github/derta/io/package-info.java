/**
 * Files in and out: users' data in any known shape, the kit's own JSON Lines, the one exception for
 * a user's mistake, whole files or none, progress.
 *
 * <p>In: paths and bytes. Out: records with their file and line, or {@link
 * io.github.derta.io.BadInput}. Begin with {@link io.github.derta.io.Records} and {@link
 * io.github.derta.io.JsonLines}.
 */
package io.github.derta.io;
