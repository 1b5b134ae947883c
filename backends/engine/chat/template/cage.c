#include "backends/engine/chat/template/cage.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define MIN_BLOCK_BYTES (64u << 10)
#define ALIGN 16

struct cage_block {
    struct cage_block *older;
    _Alignas(ALIGN) char bytes[];
};

void cage_init(struct cage *c, const char *name, struct err *e)
{
    *c = (struct cage){.name = name, .err = e, .line = 1};
}

void cage_free(struct cage *c)
{
    while (c->blocks != NULL) {
        struct cage_block *older = c->blocks->older;
        free(c->blocks);
        c->blocks = older;
    }
    c->next = NULL;
    c->n_next = 0;
}

static _Noreturn void fail_for_memory(struct cage *c)
{
    cage_fail(c, "needs more than %u MiB of memory", CAGE_MAX_BYTES >> 20);
}

void *cage_alloc(struct cage *c, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes) || bytes > CAGE_MAX_BYTES)
        fail_for_memory(c);
    bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    if (bytes > c->n_next) {
        /* Blocks double, so that there are few of them. */
        size_t want = c->n_bytes > MIN_BLOCK_BYTES ? c->n_bytes
                                                   : MIN_BLOCK_BYTES;
        if (want > CAGE_MAX_BYTES - c->n_bytes)
            want = CAGE_MAX_BYTES - c->n_bytes;
        if (bytes > want)
            want = bytes;
        if (want > CAGE_MAX_BYTES - c->n_bytes)
            fail_for_memory(c);
        struct cage_block *b = mem_try(1, sizeof(*b) + want);
        if (b == NULL)
            cage_fail(c, "there is no memory left to run it");
        b->older = c->blocks;
        c->blocks = b;
        c->next = b->bytes;
        c->n_next = want;
        c->n_bytes += want;
    }
    void *p = c->next;
    c->next += bytes;
    c->n_next -= bytes;
    return p;
}

void cage_check(struct cage *c)
{
    c->n_steps += c->n_work / CAGE_BYTES_A_STEP;
    c->n_work %= CAGE_BYTES_A_STEP;
    if (c->n_steps > CAGE_MAX_STEPS)
        cage_fail(c, "takes more than %u steps", CAGE_MAX_STEPS);
    if (c->depth > CAGE_MAX_DEPTH)
        cage_fail(c, "is nested deeper than %d levels", CAGE_MAX_DEPTH);
}

void cage_fail(struct cage *c, const char *fmt, ...)
{
    char text[400];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    err_set(c->err, ERR_FORMAT, "%s: line %d: %s", c->name, c->line, text);
    longjmp(c->way_out, 1);
}
