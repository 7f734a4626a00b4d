/**
 * Where refusals stand in texts (paper, Table 1 and Figure 4).
 *
 * <p>In: files of responses. Out: positions, counts with intervals, distributions, survival curves.
 * Begin with {@link io.github.derta.position.RefusalPositions}.
 */
package io.github.derta.position;
