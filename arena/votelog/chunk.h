/* chunk: a part of a log under way: its bytes, its names, its votes.
 *
 * What the readers of the forms (csv.h, json.h) share: they take rows from the
 * chunk's window and give votes or rejections back.  One thread each. */
#ifndef ARENA_VOTELOG_CHUNK_H
#define ARENA_VOTELOG_CHUNK_H

#include "arena/votelog/votes.h"
#include "arena/votelog/window.h"
#include "base/err.h"

#define CHUNK_BATCH 256       /* votes handed on at once */
#define CHUNK_NAME_BYTES 1024 /* no name is longer */

/* No sum of counts over a file may come near to wrapping round. */
#define CHUNK_MAX_COUNTED (UINT64_MAX / 16)

struct votelog_buffer {
    struct votelog_vote *votes;
    size_t n, cap;
};

struct chunk {
    struct votelog *log;
    const struct votelog_options *o;
    const struct votelog_sink *sink;
    const struct votelog_columns *columns; /* of a CSV file */
    const char *path;
    int index;
    off_t from, to;      /* rows that begin in [from, to) are its own */
    off_t first, after;  /* where its first row begins, and the row after */
    struct window window;
    uint64_t line;       /* lines read so far */
    uint64_t object;     /* of JSON, from 1, if lines do not say which it is */
    uint64_t n_values, value_line; /* of JSON: how many, where the last ended */
    struct names models, voters, categories, battles;
    struct votelog_spelling spelling;
    uint64_t n_votes, n_rejected, n_skipped;
    uint64_t n_marked[VOTELOG_N_MARKS];
    const char *unread_count; /* of JSON: as in struct votelog */
    bool too_many;       /* models, more than there may be */
    bool uses_baseline;  /* as in struct votelog */
    bool has_label_name; /* a model is called as a winner label */
    uint64_t n_counted;  /* sum of the counts */
    struct votelog_reject shown[VOTELOG_SHOWN];
    size_t n_shown;
    struct votelog_vote batch[CHUNK_BATCH];
    size_t n_batch;
    bool is_buffered;    /* votes wait until those before them are handed on */
    struct votelog_buffer pending;
    float *x;            /* [CHUNK_BATCH][n_features][2], or NULL */
    struct votelog_battle *battle; /* [CHUNK_BATCH], or NULL */
    int status;
    struct err error;
};

/* Makes a chunk ready to read: no votes, no names.  0, or -1: no memory. */
int chunk_start(struct chunk *c, struct err *e);

/* Frees all but the pending votes. */
void chunk_close(struct chunk *c);

/* The next slot of the batch, zeroed; NULL with c->error if handing on a full
 * batch failed.  A vote counts once chunk_keep is called. */
struct votelog_vote *chunk_next(struct chunk *c);
void chunk_keep(struct chunk *c);
int chunk_flush(struct chunk *c);

/* Makes room for the features of votes once their names are known.  0, or -1:
 * no memory. */
int chunk_make_features(struct chunk *c);

/* The features of the vote in the next slot: x[n_features][2]. */
float *chunk_next_x(struct chunk *c);

/* Makes room in `is_plain` for n models.  0, or -1: no memory. */
int chunk_grow_spelling(struct votelog_spelling *s, size_t n);

/* The number of a model's name, blanks around it left out; VOTELOG_NONE with
 * the row rejected. */
uint32_t chunk_model(struct chunk *c, uint64_t line, const char *s, size_t n);

/* The same of a voter's or a category's name (`what`, for the message) into
 * *out, VOTELOG_NONE if it is empty; false with the row rejected. */
bool chunk_name(struct chunk *c, uint64_t line, struct names *names,
                const char *what, const char *s, size_t n, uint32_t *out);

/* Whether a vote is left out, and counted as such, for its voter is a judge. */
bool chunk_leaves_out(struct chunk *c, const char *voter, size_t n);

/* The battle of the vote in the next slot, whose voter is set; without an id or
 * a p_a if they are empty.  False with the row rejected. */
bool chunk_battle(struct chunk *c, uint64_t line, const char *id, size_t n,
                  const char *p_a, size_t n_p_a);

/* What a winner label says of a battle of models a and b: a label that we know,
 * or the name of one of them.  False with the row rejected. */
bool chunk_outcome(struct chunk *c, uint64_t line, const char *label, size_t n,
                   const struct votelog_vote *v, enum rating_outcome *out);

/* Sets what a share of A from 0 to 1 says: a win, a tie, or a weighted vote. */
void chunk_set_share(struct votelog_vote *v, double share);

/* Counts that a row stands for n votes; false, with the row rejected, if there
 * are too many in all. */
bool chunk_count(struct chunk *c, uint64_t line, uint64_t n);

/* Rejects a row (printf format). */
void chunk_reject(struct chunk *c, uint64_t line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The numbers that all the names of a chunk have among those of `all`, which
 * they are added to.  The caller frees them; NULL: no memory, or too many. */
uint32_t *chunk_number(struct names *all, const struct names *names);

void chunk_forget_maps(struct votelog *log);

/* Adds what a chunk found to its log; line_base lines came before it. */
int chunk_join(struct chunk *c, uint64_t line_base, struct err *e);

#endif
