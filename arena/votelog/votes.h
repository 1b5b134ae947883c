/* votes: what a battle log is read into, and what is asked of the reader.
 *
 * The vocabulary of the room: votelog.h reads a file into these. */
#ifndef ARENA_VOTELOG_VOTES_H
#define ARENA_VOTELOG_VOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/names.h"
#include "rating/votes/counts.h"

#define VOTELOG_NONE NAMES_NONE
#define VOTELOG_MAX_CHUNKS 16
#define VOTELOG_MAX_MODELS 65536
#define VOTELOG_MAX_FEATURES 32
#define VOTELOG_SHOWN 10 /* rejected rows that are kept with their reasons */

enum votelog_form { VOTELOG_AUTO, VOTELOG_CSV, VOTELOG_JSON };

struct votelog_vote {
    uint32_t a, b;     /* models on side A and B; never equal */
    uint32_t voter;    /* or VOTELOG_NONE */
    uint32_t category; /* or VOTELOG_NONE */
    uint64_t times;    /* how many votes this is: 1, or the count column */
    double lean;       /* of a weighted vote, a strength or a probability
                          (rating/votes/counts.h); 0: by outcome alone */
    enum rating_outcome outcome; /* of a weighted vote: where it leans */
};

/* What only some logs say of a vote; apart, as it would slow all others. */
enum votelog_kind { VOTELOG_PERSON, VOTELOG_JUDGE, VOTELOG_OTHER_JUDGE };

struct votelog_battle {
    uint32_t id; /* or VOTELOG_NONE */
    enum votelog_kind kind; /* of the voter */
    double p_a;  /* a judge's probability that A is better, a tie as half; NaN:
                    it gave none */
};

/* Votes that a log marks as not to be rated. */
enum votelog_mark {
    VOTELOG_OPEN,   /* the voter knew the models ("anony": false) */
    VOTELOG_SEEN,   /* voted again, after the names were seen */
    VOTELOG_LEAK,   /* an answer named its model */
    VOTELOG_JUDGED, /* by "judge:NAME", with `people` */
    VOTELOG_N_MARKS
};

struct votelog_options {
    enum votelog_form form;
    bool voters;          /* read who voted (voter, judge, annotator, user) */
    bool people;          /* leave out what a judge ("judge:NAME" in voter)
                             gave: it is nobody's taste */
    const char *category; /* column or key to tell votes apart by; NULL */
    const char *count;    /* column with how often a row counts; NULL */
    const char *baseline; /* model of games whose row does not name it; NULL */
    bool features;        /* read numbers of both answers: columns NAME_a and
                             NAME_b, or what the conversations show */
    const char *judge;    /* read of which battle a row is (battle_id), p_a
                             beside its verdict, and whether the voter is this
                             judge ("judge:NAME"), another one, or a person; one
                             thread reads; or NULL */
    int n_threads;        /* 0: all cores */
    bool in_order;        /* hand votes on in the order of the file, all from
                             the calling thread and as chunk 0 */
};

/* Where votes go.  Chunks are filled by their own threads, each by one. */
struct votelog_sink {
    void *arg;
    /* n votes; x[n][n_features][2] are the numbers of both answers (NaN if the
     * row has none), or NULL; battles[n] with `judge`, else NULL.  0, or -1
     * if there is no memory. */
    int (*votes)(void *arg, int chunk, const struct votelog_vote *v, size_t n,
                 const float *x, const struct votelog_battle *battles);
    /* Forget all votes of a chunk: it will be read again. */
    void (*restart)(void *arg, int chunk);
};

struct votelog_reject {
    uint64_t line;
    uint64_t object;  /* of JSON, from 1, if the line does not say which; or
                         0 */
    char reason[120]; /* raw: holds text from the file */
};

/* How models are written.  Blanks around a name do not count, so it is kept
 * without; but if no row has it so, people see it as it is written. */
struct votelog_spelling {
    struct names blank; /* spellings with blanks around them */
    bool *is_plain;     /* [cap] by model: a row has the name without */
    size_t cap;
};

/* What was read.  The maps turn a chunk's numbers into common ones. */
struct votelog {
    struct names models, voters, categories, battles;
    struct votelog_spelling spelling;
    char **shown_names; /* [models.n] if not NULL; NULL: the plain name */
    uint64_t n_votes;    /* rows that gave a vote */
    uint64_t n_rejected; /* rows that could not be used */
    uint64_t n_skipped;  /* rows that are no votes (a judge's error, a chat) */
    uint64_t n_marked[VOTELOG_N_MARKS]; /* rows that the log marks */
    struct votelog_reject shown[VOTELOG_SHOWN];
    size_t n_shown;
    int n_chunks;
    size_t chunk_models[VOTELOG_MAX_CHUNKS]; /* how many a chunk has named */
    uint32_t *model_map[VOTELOG_MAX_CHUNKS];
    uint32_t *voter_map[VOTELOG_MAX_CHUNKS];
    uint32_t *category_map[VOTELOG_MAX_CHUNKS];
    const char *unread_count; /* a column that by its name says how much a row
                                 counts, if no column was asked for; or NULL */
    bool is_json_count;       /* it is a key in JSON */
    bool uses_baseline;       /* a row had need of the option `baseline` */
    char *features[VOTELOG_MAX_FEATURES]; /* what the numbers are called */
    size_t n_features;
};

#endif
