/* cage: what a template may take while it is read or run.
 *
 * A template came with a download.  It gets a bounded amount of memory, of
 * steps and of depth, and can reach nothing but what it is handed.  Whatever
 * goes wrong in it ends the whole of its run at once, by a jump out of it: all
 * that it made lies in the cage's memory and goes with the cage, so there is
 * nothing else to release.
 *
 *     if (setjmp(c.way_out) != 0) { cage_free(&c); return -1; }
 *
 * must stand before the first call that can fail.  One thread at a time. */
#ifndef TEMPLATE_CAGE_H
#define TEMPLATE_CAGE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define CAGE_MAX_BYTES (16u << 20)
#define CAGE_MAX_STEPS 1000000u
#define CAGE_MAX_DEPTH 64
#define CAGE_MAX_OUTPUT (1u << 20) /* bytes of text */

struct cage_block;

struct cage {
    const char *name; /* of the template; not copied */
    int line;         /* of the template: what is read or run now */
    struct cage_block *blocks;
    char *next;       /* free bytes of the newest block */
    size_t n_next, n_bytes;
    size_t n_steps, n_work; /* n_work: bytes of a step that is not full yet */
    int depth;
    struct err *err;
    bool raised;      /* the template itself refused */
    jmp_buf way_out;
};

/* name: what errors call the template. */
void cage_init(struct cage *c, const char *name, struct err *e);
void cage_free(struct cage *c);

/* n * size bytes, zeroed, that live as long as the cage. */
void *cage_alloc(struct cage *c, size_t n, size_t size);

/* Ends the run: "NAME: line N: …" with ERR_FORMAT.  Does not return. */
_Noreturn void cage_fail(struct cage *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Ends it for too many steps or levels, if there are. */
void cage_check(struct cage *c);

#define CAGE_BYTES_A_STEP 512 /* of text that is copied or compared */

/* Counts bytes that are gone through as a part of a step. */
static inline void cage_work(struct cage *c, size_t n_bytes)
{
    c->n_work += n_bytes;
    if (c->n_steps > CAGE_MAX_STEPS || c->n_work >= CAGE_BYTES_A_STEP)
        cage_check(c);
}

/* Counts a step, and more if it handles many bytes. */
static inline void cage_step(struct cage *c, size_t n_bytes)
{
    c->n_steps++;
    cage_work(c, n_bytes);
}

/* Goes one level deeper, or back. */
static inline void cage_enter(struct cage *c)
{
    if (++c->depth > CAGE_MAX_DEPTH)
        cage_check(c);
}

static inline void cage_leave(struct cage *c)
{
    c->depth--;
}

#endif
