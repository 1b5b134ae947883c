/* mem: allocation with one policy.
 *
 * Sizes that we chose ourselves come from mem_alloc and friends, which end the
 * program with one line when there is no memory left: no caller could go on.
 * Sizes that a file, a server or a person chose come from mem_try, which
 * returns NULL, so that the caller can refuse that one input.
 * Everything is released with free().  Any thread. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* n * size bytes, zeroed.  Never NULL. */
void *mem_calloc(size_t n, size_t size);

/* Resizes to n * size bytes; new bytes are undefined.  Never NULL. */
void *mem_realloc(void *p, size_t n, size_t size);

/* Room for one more behind n of this size, doubling, for lists that begin as
 * NULL and grow by one.  New bytes are undefined.  Never NULL. */
void *mem_grow(void *p, size_t n, size_t size);

/* A copy of a string; NULL stays NULL. */
char *mem_strdup(const char *s);

/* A NUL-terminated copy of n bytes. */
char *mem_strndup(const char *s, size_t n);

/* n * size bytes, zeroed, or NULL if that overflows, is more than the
 * machine has, or is not to be had. */
void *mem_try(size_t n, size_t size);

/* n * size bytes, zeroed, aligned to 64 bytes (a cache line, an AVX-512
 * vector), or NULL as mem_try.  Released with free(). */
void *mem_try_aligned(size_t n, size_t size);

/* The same of n bytes that are often read whole: as many huge pages as they
 * fill, since page tables cost time. */
void *mem_try_huge(size_t n);

/* The bytes of memory that this machine has; SIZE_MAX: unknown. */
size_t mem_of_machine(void);

#endif
