/* votelog_taken: for tests of arena/votelog: a text read as a log, and its
 * votes. */
#ifndef TESTS_UNIT_VOTELOG_TAKEN_H
#define TESTS_UNIT_VOTELOG_TAKEN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena/votelog/votelog.h"
#include "tests/unit/test.h"

enum { MAX_VOTES = 64 };

struct taken {
    struct votelog log;
    struct err e;
    int status;
    int n_restarts;
    struct rating_counts parts[VOTELOG_MAX_CHUNKS];
    struct votelog_vote votes[MAX_VOTES]; /* the first ones of part 0 */
    float x[MAX_VOTES][VOTELOG_MAX_FEATURES][2];
    size_t n_votes;
};

static inline int take(void *arg, int part, const struct votelog_vote *v,
                       size_t n, const float *x,
                       const struct votelog_battle *battles)
{
    (void)battles;
    struct taken *t = arg;
    for (size_t i = 0; i < n; i++) {
        rating_counts_add(&t->parts[part], v[i].a, v[i].b, v[i].outcome,
                          v[i].times);
        if (part != 0 || t->n_votes == MAX_VOTES)
            continue;
        size_t nf = t->log.n_features;
        if (x != NULL)
            memcpy(t->x[t->n_votes], x + i * nf * 2, nf * 2 * sizeof(*x));
        t->votes[t->n_votes++] = v[i];
    }
    return 0;
}

static inline void restart(void *arg, int part)
{
    struct taken *t = arg;
    rating_counts_free(&t->parts[part]);
    t->n_restarts++;
}

static inline char *scratch_path(void)
{
    static char path[256];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof(path), "%s/votelog-%d", folder ? folder : "/tmp",
             (int)getpid());
    return path;
}

static inline struct taken *read_text(const char *text, size_t n,
                               const struct votelog_options *o)
{
    struct taken *t = calloc(1, sizeof(*t));
    struct votelog_sink sink = {.arg = t, .votes = take, .restart = restart};
    FILE *f = fopen(scratch_path(), "wb");
    assert_non_null(t);
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    t->status = votelog_read(&t->log, scratch_path(), o, &sink, &t->e);
    remove(scratch_path());
    return t;
}

static inline struct taken *read_string(const char *text)
{
    struct votelog_options o = {.n_threads = 1, .voters = false};
    return read_text(text, strlen(text), &o);
}

static inline void done(struct taken *t)
{
    for (int k = 0; k < VOTELOG_MAX_CHUNKS; k++)
        rating_counts_free(&t->parts[k]);
    votelog_free(&t->log);
    free(t);
}

static const char *model(const struct taken *t, uint32_t id)
{
    return votelog_model_name(&t->log, id);
}

static inline void assert_vote(const struct taken *t, size_t k, const char *a,
                        const char *b, enum rating_outcome outcome)
{
    assert_true(k < t->n_votes);
    assert_string_equal(model(t, t->votes[k].a), a);
    assert_string_equal(model(t, t->votes[k].b), b);
    assert_int_equal(t->votes[k].outcome, outcome);
}

static inline void assert_rejected(const struct taken *t, size_t k,
                                   uint64_t line, const char *reason)
{
    assert_true(k < t->log.n_shown);
    assert_int_equal(t->log.shown[k].line, line);
    if (strstr(t->log.shown[k].reason, reason) == NULL)
        fail_msg("\"%s\" does not tell of %s", t->log.shown[k].reason, reason);
}

#endif
