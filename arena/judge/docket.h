/* docket: the battles of a run that a judge is asked about, as it sees them.
 *
 * The owner of a struct frees it.  One thread. */
#ifndef ARENA_JUDGE_DOCKET_H
#define ARENA_JUDGE_DOCKET_H

#include "arena/arena.h"
#include "arena/blind/blind.h"
#include "arena/judge/ask.h"
#include "arena/run/promptlist.h"
#include "base/names.h"

/* Right answers by the words of their prompt. */
struct references {
    const struct prompts *prompts; /* NULL: none */
    struct names texts;            /* a prompt's number is that of its words */
    size_t *at;                    /* [texts.n] in prompts */
};
void references_init(struct references *r, const struct prompts *prompts);
void references_free(struct references *r);

/* A battle, read with its names hidden. */
struct docket_case {
    struct blind_battle battle;
    struct ask_case ask; /* strings in it are the battle's, or references' */
};

/* 0, or -1 with ERR_DB, or ERR_FORMAT for a battle whose answers are not
 * whole.  call docket_case_free either way. */
int docket_read(struct docket_case *c, struct arena *a, int64_t battle_id,
                const struct references *r, struct err *e);
void docket_case_free(struct docket_case *c);

/* Whether there is a right answer to its first turn. */
bool docket_has_reference(const struct docket_case *c);

#endif
