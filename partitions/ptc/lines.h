/* SPDX-License-Identifier: Apache-2.0 */
/* Where in the sources each node and property stands, from dtc's annotated output. */
#ifndef PTC_LINES_H
#define PTC_LINES_H

/* `text` is kept and changed. What is not understood is skipped: messages then name paths. */
void lines_load(char *text);
/* "file:line", or NULL. An empty property means the node. */
const char *lines_find(const char *path, const char *property);

#endif
