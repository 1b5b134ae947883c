#include "base/mem.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MEM_ALIGN 64
#define HUGE_PAGE ((size_t)2 << 20)

static void die(size_t n, size_t size)
{
    fprintf(stderr, "arena: out of memory (%zu x %zu bytes)\n", n, size);
    abort();
}

void *mem_calloc(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size ? size : 1);
    if (p == NULL)
        die(n, size);
    return p;
}

void *mem_realloc(void *p, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        die(n, size);
    p = realloc(p, bytes ? bytes : 1);
    if (p == NULL)
        die(n, size);
    return p;
}

void *mem_grow(void *p, size_t n, size_t size)
{
    bool full = (n & (n - 1)) == 0; /* at powers of two */
    return full ? mem_realloc(p, n ? 2 * n : 1, size) : p;
}

char *mem_strdup(const char *s)
{
    return s ? mem_strndup(s, strlen(s)) : NULL;
}

char *mem_strndup(const char *s, size_t n)
{
    char *p = mem_calloc(n + 1, 1);
    if (n > 0)
        memcpy(p, s, n);
    return p;
}

/* The system may promise more memory than it has, and kill us later. */
static bool is_too_much(size_t n, size_t size)
{
    size_t bytes;
    return __builtin_mul_overflow(n, size, &bytes) ||
           (bytes >> 30 > 0 && bytes > mem_of_machine());
}

void *mem_try(size_t n, size_t size)
{
    if (is_too_much(n, size))
        return NULL;
    return calloc(n ? n : 1, size ? size : 1);
}

void *mem_try_aligned(size_t n, size_t size)
{
    if (is_too_much(n, size) || n * size > SIZE_MAX - MEM_ALIGN)
        return NULL;
    void *p;
    size_t bytes = (n * size + MEM_ALIGN) / MEM_ALIGN * MEM_ALIGN;
    if (posix_memalign(&p, MEM_ALIGN, bytes) != 0)
        return NULL;
    return memset(p, 0, bytes);
}

void *mem_try_huge(size_t n)
{
    void *p;
    size_t huge = n / HUGE_PAGE * HUGE_PAGE;
    /* One that it only begins would take memory for nothing. */
    if (huge == 0)
        return mem_try_aligned(n, 1);
    if (is_too_much(n, 1) || posix_memalign(&p, HUGE_PAGE, n) != 0)
        return NULL;
#ifdef MADV_HUGEPAGE
    madvise(p, huge, MADV_HUGEPAGE);
#endif
    return memset(p, 0, n);
}

size_t mem_of_machine(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    size_t bytes;
    if (pages <= 0 || page <= 0 ||
        __builtin_mul_overflow((size_t)pages, (size_t)page, &bytes))
        return SIZE_MAX;
    return bytes;
}
