/* SPDX-License-Identifier: Apache-2.0 */
/* Words for partition tables. Included by every table.dts. */
#ifndef BINDINGS_TABLE_H
#define BINDINGS_TABLE_H

/* bars = <number type size> */
#define MEM32 32
#define MEM64 64

/* msi = <offset vectors flags>: a 64-bit address; a mask bit for each vector */
#define MSI_64 1
#define MSI_MASK 2

/* A string from words in which macros are expanded, for bootargs. */
#define WORDS_(words...) #words
#define WORDS(words...) WORDS_(words)

#endif
