/* promptlist: what is to be asked, as a prompt file says it.
 *
 * The owner of a struct frees it. */
#ifndef ARENA_RUN_PROMPTLIST_H
#define ARENA_RUN_PROMPTLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define PROMPTS_MAX_BYTES (64u << 20)
#define PROMPTS_MAX 1000000

enum prompts_format {
    PROMPTS_AUTO,
    PROMPTS_TEXT,
    PROMPTS_JSONL,
    PROMPTS_CSV,
};

struct prompt_reference { /* an answer that is right */
    size_t turn; /* index of the turn that it answers */
    char *text;
};

struct prompt_given { /* a turn with its answer, sent as the file has it */
    size_t before;     /* which of the turns follows it */
    char *user, *assistant;
};

struct prompt {
    char **turns;    /* [n_turns]: what is asked, turn by turn */
    size_t n_turns;  /* at least 1 */
    struct prompt_given *given; /* [n_given], in order */
    size_t n_given;
    char *id;        /* of the file, or NULL */
    char *category;  /* "" if there is none */
    char *system;    /* system prompt of this one, or NULL */
    bool has_temperature; /* at which models that configure none answer: */
    double temperature;
    char *pair;      /* two prompts of one name ask a fact in two directions;
                        or NULL */
    struct prompt_reference *references; /* by turn; several of one turn are
                                            alternatives */
    size_t n_references;
};

struct prompts {
    struct prompt *list;
    size_t n;
    size_t n_repeated; /* left out: the same words and category again */
    size_t n_same_id;  /* prompts with the id of another one */
    size_t n_tempered; /* prompts with a temperature, the repeated ones too */
    enum prompts_format format; /* as found or given */
    char *purpose;   /* what the file says it is for, or NULL */
    uint64_t hash;   /* of the file's text, to tell files apart */
};

/* NULL: it has none. */
const double *prompt_temperature(const struct prompt *p);

/* Appends a turn. */
void prompt_add_turn(struct prompt *p, const char *text, size_t n);

/* Makes the last turn a given one with this answer.  n_turns must not be 0. */
void prompt_give_answer(struct prompt *p, const char *text, size_t n);

/* Appends a turn as people read it, after the given turns before it. */
void prompt_add_turn_text(const struct prompt *p, size_t turn,
                          struct buf *out);

/* Appends the one text that stands for a prompt in the store: its system
 * prompt, if it has one, and its turns, with blank lines between. */
void prompt_add_text(const struct prompt *p, struct buf *out);

/* Appends a right answer to a turn (from 0). */
void prompt_add_reference(struct prompt *p, size_t turn, const char *text);

void prompt_free(struct prompt *p);
void prompts_free(struct prompts *p);

#endif
