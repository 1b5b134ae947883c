/* votelog: reads battle logs of the published forms, vote by vote.
 *
 * Understood, by content and not by name: CSV (RFC 4180; also ; and tab) with
 * columns model_a, model_b and winner (or winner_model_a, winner_model_b,
 * winner_tie) in any order among others; and, as JSON array or JSONL: Chatbot
 * Arena's cleaned and raw logs, arena-hard judgments, alpaca_eval annotations,
 * MT-bench pair judgments, and our own results.
 *
 * Memory is bounded by the names and the longest row, not by the number of
 * rows.  A large CSV file is read in parts by several threads, each with its
 * own numbers for names; votelog_read makes the numbers common at the end, in
 * the order in which the file names them, so that nothing depends on the
 * number of threads.  In order, threads read some MiB each and wait till these
 * votes are handed on.  A row that cannot be used is rejected with its line and
 * reason and the others count. */
#ifndef ARENA_VOTELOG_H
#define ARENA_VOTELOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/names.h"
#include "rating/votes/counts.h"

#define VOTELOG_NONE NAMES_NONE
#define VOTELOG_MAX_PARTS 16
#define VOTELOG_MAX_MODELS 65536
#define VOTELOG_MAX_FEATURES 32
#define VOTELOG_SHOWN 10 /* rejected rows that are kept with their reasons */

enum votelog_form { VOTELOG_AUTO, VOTELOG_CSV, VOTELOG_JSON };

struct votelog_vote {
    uint32_t a, b;     /* models on side A and B; never equal */
    uint32_t voter;    /* or VOTELOG_NONE */
    uint32_t category; /* or VOTELOG_NONE */
    uint64_t times;    /* how many votes this is: 1, or the count column */
    enum rating_outcome outcome;
};

struct votelog_options {
    enum votelog_form form;
    bool voters;          /* read who voted (voter, judge, annotator, user) */
    const char *category; /* column or key to tell votes apart by; NULL */
    const char *count;    /* column with how often a row counts; NULL */
    bool features;        /* read numbers of both answers: columns NAME_a and
                             NAME_b, or what the conversations show */
    int n_threads;        /* 0: all cores */
    bool in_order;        /* hand votes on in the order of the file, all from
                             the calling thread and as part 0 */
};

/* Where votes go.  Parts are filled by their own threads, part p by one. */
struct votelog_sink {
    void *arg;
    /* n votes; x[n][n_features][2] are the numbers of both answers (NaN where
     * the row has none), or NULL.  0, or -1 where there is no memory. */
    int (*votes)(void *arg, int part, const struct votelog_vote *v, size_t n,
                 const float *x);
    /* Forget all votes of a part: it will be read again. */
    void (*restart)(void *arg, int part);
};

struct votelog_reject {
    uint64_t line;
    char reason[120]; /* raw: holds text from the file */
};

/* What was read.  The maps turn a part's numbers into common ones. */
struct votelog {
    struct names models, voters, categories;
    uint64_t n_votes;    /* rows that gave a vote */
    uint64_t n_rejected; /* rows that could not be used */
    uint64_t n_skipped;  /* rows that are no votes (a judge's error, a chat) */
    struct votelog_reject shown[VOTELOG_SHOWN];
    size_t n_shown;
    int n_parts;
    size_t part_models[VOTELOG_MAX_PARTS]; /* how many a part has named */
    uint32_t *model_map[VOTELOG_MAX_PARTS];
    uint32_t *voter_map[VOTELOG_MAX_PARTS];
    uint32_t *category_map[VOTELOG_MAX_PARTS];
    char *features[VOTELOG_MAX_FEATURES]; /* what the numbers are called */
    size_t n_features;
};

/* A file as messages tell of it; "-" is stdin. */
const char *votelog_told_name(const char *path);

/* Reads a file ("-": stdin).  0, or -1 with an error that names file and line:
 * ERR_FORMAT where it is no battle log, ERR_FAILURE where it cannot be read.
 * More than VOTELOG_MAX_MODELS models are ERR_FORMAT.  No rows is no error.
 * votelog_free is due either way. */
int votelog_read(struct votelog *log, const char *path,
                 const struct votelog_options *o,
                 const struct votelog_sink *sink, struct err *e);
void votelog_free(struct votelog *log);

/* The verdict that a label stands for; false where it is none we know. */
bool votelog_outcome(const char *label, size_t n, enum rating_outcome *out);

#endif
