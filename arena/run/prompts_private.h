/* prompts_private: what the readers of the single forms share. */
#ifndef ARENA_RUN_PROMPTS_PRIVATE_H
#define ARENA_RUN_PROMPTS_PRIVATE_H

#include <stdbool.h>

#include "arena/run/prompts.h"
#include "base/names.h"

struct prompts_reader {
    struct prompts *out;
    size_t cap;
    struct names ids;    /* number of an id … */
    size_t *id_at;       /* … to its place in the list */
    size_t cap_ids;
    const char *name;    /* of the file */
    size_t line;         /* where the reader is, from 1 */
    bool in_list;        /* line counts the objects of a JSON list */
};

/* Sets ERR_FORMAT with "FILE:LINE: text", or "FILE: object N: text".  Returns
 * -1. */
int prompts_fail(const struct prompts_reader *r, struct err *e,
                 const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Adds a prompt, or puts it in the place of the one with the same id; owns
 * what is in it from then on, also on -1. */
int prompts_add(struct prompts_reader *r, struct prompt *p, struct err *e);

/* Appends a turn. */
void prompt_add_turn(struct prompt *p, const char *text, size_t n);
void prompt_free(struct prompt *p);

/* The readers of bytes that are UTF-8 without NUL. */
int prompts_read_text(struct prompts_reader *r, const char *s, size_t n,
                      struct err *e);
int prompts_read_jsonl(struct prompts_reader *r, const char *s, size_t n,
                       struct err *e);
int prompts_read_csv(struct prompts_reader *r, const char *s, size_t n,
                     struct err *e);

/* Whether the first record is a CSV header with "prompt" in it. */
bool prompts_is_csv(const char *s, size_t n);

#endif
