/* reader: what the readers of the forms of a prompt file share: the list they
 * fill, and where in the file they are. */
#ifndef ARENA_RUN_READER_H
#define ARENA_RUN_READER_H

#include <stdbool.h>

#include "arena/run/promptlist.h"
#include "base/err.h"
#include "base/json.h"
#include "base/names.h"

struct prompts_reader;

/* What else than prompts the objects and rows of a file may be read as: NULL in
 * a reader of prompts. */
struct reader_taker {
    void *arg;
    /* Takes an object of JSON.  0 or -1. */
    int (*object)(void *arg, struct prompts_reader *r, const cJSON *object,
                  struct err *e);
    /* Takes the prompt of a row, which it owns from then on, and the cells of
     * the columns `answer` and `model` (NULL: empty).  0 or -1. */
    int (*row)(void *arg, struct prompts_reader *r, struct prompt *p,
               const char *answer, const char *model, struct err *e);
};

struct prompts_reader {
    struct prompts *out;
    size_t cap;
    struct names texts;  /* of all prompts, to find those that come again */
    struct names ids;
    const char *name;    /* of the file */
    size_t line;         /* where the reader is, from 1 */
    bool in_list;        /* line counts the objects of a JSON list */
    const struct reader_taker *taker;
};

void reader_init(struct prompts_reader *r, struct prompts *out,
                 const char *name);
void reader_free(struct prompts_reader *r);

/* Sets ERR_FORMAT with "FILE:LINE: text", or "FILE: object N: text".  Returns
 * -1. */
int reader_fail(const struct prompts_reader *r, struct err *e, const char *fmt,
                ...) __attribute__((format(printf, 3, 4)));

/* Adds a prompt.  One with the same words and category as an earlier one is
 * counted and left out; another one under an id that was there is added and
 * counted.  Owns what is in it from then on, also on -1. */
int reader_add(struct prompts_reader *r, struct prompt *p, struct err *e);

#endif
