/* form: what the list of forms and the file of a form have in common. */
#ifndef ARENA_EXCHANGE_FORM_H
#define ARENA_EXCHANGE_FORM_H

#include "arena/exchange/options.h"
#include "arena/exchange/talk.h"
#include "arena/run/question_ids.h"
#include "arena/store/bulk.h"
#include "base/buf.h"
#include "base/csv.h"
#include "base/json.h"
#include "base/names.h"

#define EXPORT_ROW_BYTES ((size_t)1 << 30)

/* An export under way. */
struct export {
    struct store *store;
    const struct exchange_options *o;
    struct exchange_counts *counts;
    struct buf row; /* under way */
    struct names prompts; /* of a model's answers, to have each once */
    uint64_t *hashes;     /* [prompts.n] of what was answered */
    int (*write)(void *arg, const char *bytes, size_t n, struct err *e);
    void *arg;
};

/* Writes what is in x->row, and empties it. */
int export_flush(struct export *x, struct err *e);

/* The begin and the end of a form that is one list, and of each object in it,
 * before it is counted. */
int export_begin_list(struct export *x, struct err *e);
int export_end_list(struct export *x, struct err *e);
void export_begin_object(struct export *x);

/* Counts why something gave no row.  Returns 0. */
int export_leave_out(struct export *x, enum exchange_reason why);

/* An import under way. */
struct import {
    struct bulk *bulk;
    const struct question_ids *questions; /* that ids mean */
    const char *baseline; /* of arena-hard's first edition; NULL: not known */
    struct exchange_report *report;
    int64_t now_ms;
    struct elo_params elo; /* for votes that do not say theirs */
    uint64_t n_done;       /* rows that are in already */
    uint64_t n_rows;       /* that were read */
    uint64_t n_batch, batch;
};

/* When a row was made, as the first of several keys (up to a NULL) says that
 * is there: in seconds or, if that would be far off, milliseconds since 1970,
 * or as a date.  Now if none is; so too if it is no time, which is counted. */
int64_t import_time_at(struct import *x, const cJSON *o,
                       const char *const keys[]);

/* Counts that a row asks for more than one vote, if it does. */
void import_count_weight(struct import *x, const cJSON *o);

/* A vote as a row of a file has it, and a battle with this vote alone, to be
 * filled in: verdict; models, prompt, answers. */
struct bulk_vote import_vote(const struct import *x, const char *voter,
                             int64_t created_ms);
struct bulk_battle import_voted(struct bulk_vote *v);

/* 1 if the store refused something of a row, and the next one may come; -1 if
 * the store failed. */
int import_status(const struct err *e);

/* Stores a battle, or counts it as known.  `e` is not NULL.  0; 1: refused, *e
 * says why; -1. */
int import_battle(struct import *x, const struct bulk_battle *b,
                  struct err *e);

void import_reject(struct import *x, uint64_t line, const struct err *why);

/* Counts a row; false: an earlier, interrupted import has stored it. */
bool import_is_new(struct import *x);

/* Counts what is lost of a row that is stored, or holds nothing to store. */
void import_lose(struct import *x, enum import_reason why);

/* Between two rows: commits if the batch is large enough.  0 or -1. */
int import_pause(struct import *x, struct err *e);

struct answered;
struct foreign;

struct exchange_form {
    const char *name;
    /* Out: one of the next three (none: not exported).  All of a battle; or a
     * vote that is rated and that the options want, with the conversation it is
     * on; or an answer of the one model that the options name. */
    int (*battle)(struct export *x, const struct bulk_battle *b,
                  struct err *e);
    void (*vote)(struct export *x, const struct bulk_battle *b,
                 const struct talk *t, const struct bulk_vote *v);
    void (*answer)(struct export *x, const struct answered *a);
    const char *voters; /* of `vote`, if no others are asked for; NULL: all */
    bool takes_ties, takes_talks; /* what `ties` and `conversational` are for */
    /* Before and after them; NULL: nothing to do. */
    int (*begin)(struct export *x, struct err *e);
    int (*end)(struct export *x, struct err *e);
    char *(*dataset_info)(const struct exchange_options *o, const char *file);
    /* In: takes one JSON value of the file.  0; 1: it cannot be used, *e says
     * why; -1: the import fails.  Or reads all of a file that is not JSON.
     * All NULL: not imported. */
    int (*value)(struct import *x, const cJSON *o, struct err *e);
    /* Of `value`: which columns a table has whose rows are taken for objects of
     * texts; NULL: there are no tables. */
    bool (*is_column)(const struct csv_field *f);
    int (*read)(struct import *x, const char *path, struct err *e);
    const struct foreign *foreign; /* or an object is what this row says */
};

#endif
