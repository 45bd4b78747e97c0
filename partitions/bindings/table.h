/* SPDX-License-Identifier: Apache-2.0 */
/* Words for partition tables. Included by every table.dts. */
#ifndef BINDINGS_TABLE_H
#define BINDINGS_TABLE_H

/* bars = <number type size> */
#define MEM32 32
#define MEM64 64

/* A string from words in which macros are expanded, for bootargs. */
#define WORDS_(words...) #words
#define WORDS(words...) WORDS_(words)

#endif
