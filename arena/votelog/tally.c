#include "arena/votelog/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Models below this number are counted in a square first: one place in memory
 * a vote instead of two for a cell, and a third of the room.  (Not a power of
 * two, whose rows would contend for the same lines of a cache.) */
enum { SIDE = 520 };

/* What one chunk of the file gave. */
struct tally_chunk {
    uint32_t *square; /* [SIDE][SIDE][RATING_N_OUTCOMES]; NULL: not used */
    uint64_t n_square; /* votes in it; as many as a place can count, at most */
    struct tally_bucket all;
    struct tally_bucket *by; /* [n_by] by the chunk's numbers */
    size_t n_by;
};

struct reading {
    const struct tally_options *o;
    struct tally *t;
    struct tally_chunk chunks[VOTELOG_MAX_CHUNKS];
};

static void bucket_free(struct tally_bucket *b)
{
    rating_counts_free(&b->counts);
    free(b->elo);
    free(b->ballots);
    free(b->votes);
    free(b->x);
    memset(b, 0, sizeof(*b));
}

static void chunk_free(struct tally_chunk *p)
{
    bucket_free(&p->all);
    for (size_t i = 0; i < p->n_by; i++)
        bucket_free(&p->by[i]);
    free(p->by);
    free(p->square);
    memset(p, 0, sizeof(*p));
}

/* --- taking votes ------------------------------------------------------ */

static void grow_elo(struct tally_bucket *b, size_t n, double start)
{
    if (n <= b->n_elo)
        return;
    n += n / 2;
    b->elo = mem_realloc(b->elo, n, sizeof(*b->elo));
    while (b->n_elo < n)
        b->elo[b->n_elo++] = start;
}

static void add_elo(struct tally_bucket *b, const struct elo_params *p,
                    const struct votelog_vote *v)
{
    grow_elo(b, (size_t)(v->a > v->b ? v->a : v->b) + 1, p->start);
    double *first = &b->elo[v->a], *second = &b->elo[v->b];
    for (uint64_t k = 0; k < v->times; k++) {
        if (v->lean != 0)
            elo_update_share(p, first, second, 0.5 + v->lean);
        else
            elo_update(p, first, second, v->outcome);
    }
}

/* A larger array, or NULL: sizes come from the file, so memory may run out. */
static void *grown(void *array, size_t cap, size_t size)
{
    return cap > SIZE_MAX / size ? NULL : realloc(array, cap * size);
}

static int add_ballot(struct tally_bucket *b, const struct rating_ballot *add)
{
    if (b->n_ballots == b->cap_ballots) {
        size_t cap = b->cap_ballots == 0 ? 256 : 2 * b->cap_ballots;
        void *more = grown(b->ballots, cap, sizeof(*b->ballots));
        if (more == NULL)
            return -1;
        b->ballots = more;
        b->cap_ballots = cap;
    }
    b->ballots[b->n_ballots++] = *add;
    return 0;
}

static int reserve_rows(struct tally_bucket *b, size_t n, size_t n_features)
{
    if (n <= b->cap_rows)
        return 0;
    size_t cap = n + n / 2 + 256;
    void *votes = grown(b->votes, cap, sizeof(*b->votes));
    if (votes == NULL)
        return -1;
    b->votes = votes;
    void *x = grown(b->x, cap, (2 * n_features + 1) * sizeof(*b->x));
    if (x == NULL)
        return -1;
    b->x = x;
    b->cap_rows = cap;
    return 0;
}

/* x[n_features][2] stay as they are until all are known; a row that counts many
 * times is as many rows. */
static int add_rows(struct tally_bucket *b, const struct votelog_vote *v,
                    const float *x, size_t n_features)
{
    for (uint64_t k = 0; k < v->times; k++) {
        size_t at = b->rows.n;
        if (reserve_rows(b, at + 1, n_features) != 0)
            return -1;
        b->votes[at] =
            (struct style_vote){v->a, v->b, v->outcome, (float)v->lean};
        memcpy(b->x + 2 * at * n_features, x,
               2 * n_features * sizeof(*b->x));
        b->rows.n++;
    }
    return 0;
}

static int count_vote(struct rating_counts *c, const struct votelog_vote *v)
{
    if (v->lean != 0)
        return rating_counts_add_weighted(c, v->a, v->b, v->lean, v->times);
    return rating_counts_add(c, v->a, v->b, v->outcome, v->times);
}

static int add_vote(struct reading *r, struct tally_bucket *b,
                    const struct votelog_vote *v, const float *x)
{
    if (r->o->elo != NULL)
        add_elo(b, r->o->elo, v);
    if (r->o->ballots) {
        struct rating_ballot ballot = {v->voter, v->a, v->b, v->outcome,
                                       v->times, v->lean};
        if (add_ballot(b, &ballot) != 0)
            return -1;
    }
    if (x != NULL && add_rows(b, v, x, r->t->log.n_features) != 0)
        return -1;
    return count_vote(&b->counts, v);
}

/* NULL if there is no memory. */
static struct tally_bucket *bucket_of(struct tally_chunk *p, uint32_t category)
{
    if (category >= p->n_by) {
        size_t n = 2 * ((size_t)category + 1);
        void *by = grown(p->by, n, sizeof(*p->by));
        if (by == NULL)
            return NULL;
        p->by = by;
        memset(p->by + p->n_by, 0, (n - p->n_by) * sizeof(*p->by));
        p->n_by = n;
    }
    return &p->by[category];
}

/* Counts only; votes that do not fit into the square go into cells.  A place is
 * added to without reading it first: to read and then write a fresh page faults
 * twice, and the second fault stops the other threads. */
static int count_votes(struct tally_chunk *p, const struct votelog_vote *v,
                       size_t n)
{
    if (p->square == NULL) {
        p->square = mem_try((size_t)SIDE * SIDE * RATING_N_OUTCOMES,
                            sizeof(*p->square));
        if (p->square == NULL)
            return -1;
    }
    for (size_t i = 0; i < n; i++) {
        if (v[i].a < SIDE && v[i].b < SIDE && v[i].lean == 0 &&
            v[i].times <= UINT32_MAX - p->n_square) {
            size_t pair = (size_t)v[i].a * SIDE + v[i].b;
            p->square[pair * RATING_N_OUTCOMES + v[i].outcome] +=
                (uint32_t)v[i].times;
            p->n_square += v[i].times;
            continue;
        }
        if (count_vote(&p->all.counts, &v[i]) != 0)
            return -1;
    }
    return 0;
}

static int take_votes(void *arg, int chunk, const struct votelog_vote *v,
                      size_t n, const float *x,
                      const struct votelog_battle *battles)
{
    struct reading *r = arg;
    (void)battles; /* not asked for */
    struct tally_chunk *p = &r->chunks[chunk];
    size_t width = 2 * r->t->log.n_features;
    const struct elo_params *elo = r->o->elo;
    bool plain = !r->o->ballots && x == NULL;
    if (plain && count_votes(p, v, n) != 0)
        return -1;
    for (size_t i = 0; plain && elo != NULL && i < n; i++)
        add_elo(&p->all, elo, &v[i]);
    if (plain && r->o->log.category == NULL)
        return 0;
    for (size_t i = 0; i < n; i++) {
        const float *row = x == NULL ? NULL : x + i * width;
        if (!plain && add_vote(r, &p->all, &v[i], row) != 0)
            return -1;
        if (v[i].category == VOTELOG_NONE)
            continue;
        struct tally_bucket *by = bucket_of(p, v[i].category);
        if (by == NULL || add_vote(r, by, &v[i], row) != 0)
            return -1;
    }
    return 0;
}

static void restart_chunk(void *arg, int chunk)
{
    struct reading *r = arg;
    chunk_free(&r->chunks[chunk]);
}

/* --- joining chunks ----------------------------------------------------- */

/* Adds a chunk's bucket to the common one, with the common numbers. */
static int join_bucket(struct reading *r, int chunk, struct tally_bucket *to,
                       const struct tally_bucket *from)
{
    const uint32_t *map = r->t->log.model_map[chunk];
    const uint32_t *voters = r->t->log.voter_map[chunk];
    size_t nf = r->t->log.n_features;
    if (rating_counts_merge(&to->counts, &from->counts, map) != 0)
        return -1;
    for (size_t k = 0; k < from->n_ballots; k++) {
        struct rating_ballot b = from->ballots[k];
        b.first = map[b.first];
        b.second = map[b.second];
        if (b.voter != RATING_NO_VOTER)
            b.voter = voters[b.voter];
        if (add_ballot(to, &b) != 0)
            return -1;
    }
    if (from->rows.n == 0)
        return 0;
    if (reserve_rows(to, to->rows.n + from->rows.n, nf) != 0)
        return -1;
    for (size_t k = 0; k < from->rows.n; k++) {
        size_t at = to->rows.n++;
        to->votes[at] = (struct style_vote){map[from->votes[k].first],
                                            map[from->votes[k].second],
                                            from->votes[k].outcome,
                                            from->votes[k].lean};
        memcpy(to->x + 2 * at * nf, from->x + 2 * k * nf,
               2 * nf * sizeof(*to->x));
    }
    return 0;
}

/* Adds what was counted in a chunk's square, with the common numbers. */
static int join_square(struct reading *r, int chunk)
{
    const uint32_t *map = r->t->log.model_map[chunk];
    const uint32_t *n = r->chunks[chunk].square;
    size_t side = r->t->log.chunk_models[chunk];
    side = n == NULL ? 0 : side < SIDE ? side : SIDE;
    for (size_t a = 0; a < side; a++) {
        const uint32_t *cell = n + a * SIDE * RATING_N_OUTCOMES;
        for (size_t b = 0; b < side; b++, cell += RATING_N_OUTCOMES) {
            const uint64_t votes[] = {cell[0], cell[1], cell[2], cell[3]};
            if ((cell[0] | cell[1] | cell[2] | cell[3]) != 0 &&
                rating_counts_add_all(&r->t->all.counts, map[a], map[b],
                                      votes) != 0)
                return -1;
        }
    }
    return 0;
}

static int join_chunk(struct reading *r, int chunk)
{
    struct tally_chunk *p = &r->chunks[chunk];
    struct tally *t = r->t;
    int status = join_bucket(r, chunk, &t->all, &p->all);
    if (status == 0)
        status = join_square(r, chunk);
    /* Elo was read in order: one chunk, whose numbers are the common ones. */
    if (r->o->elo != NULL) {
        t->all.elo = p->all.elo;
        t->all.n_elo = p->all.n_elo;
        p->all.elo = NULL;
    }
    size_t n = p->n_by < t->log.categories.n ? p->n_by : t->log.categories.n;
    for (size_t i = 0; status == 0 && i < n; i++) {
        if (p->by[i].counts.n_cells == 0)
            continue;
        struct tally_bucket *to = &t->by[t->log.category_map[chunk][i]];
        status = join_bucket(r, chunk, to, &p->by[i]);
        if (r->o->elo == NULL)
            continue;
        to->elo = p->by[i].elo;
        to->n_elo = p->by[i].n_elo;
        p->by[i].elo = NULL;
    }
    chunk_free(p);
    return status;
}

/* Sorts ballots by voter and keeps their order within one, which the tests of
 * voters need. */
static int sort_ballots(struct tally_bucket *b, size_t n_voters)
{
    struct rating_ballot *sorted = mem_try(b->n_ballots, sizeof(*sorted));
    size_t *next = mem_try(n_voters + 2, sizeof(*next));
    int status = sorted == NULL || next == NULL ? -1 : 0;
    /* Counting sort; the unknown voter comes last. */
    for (size_t k = 0; status == 0 && k < b->n_ballots; k++) {
        uint32_t voter = b->ballots[k].voter;
        next[(voter == RATING_NO_VOTER ? n_voters : voter) + 1]++;
    }
    for (size_t i = 1; status == 0 && i < n_voters + 2; i++)
        next[i] += next[i - 1];
    for (size_t k = 0; status == 0 && k < b->n_ballots; k++) {
        uint32_t voter = b->ballots[k].voter;
        size_t at = voter == RATING_NO_VOTER ? n_voters : voter;
        sorted[next[at]++] = b->ballots[k];
    }
    free(next);
    if (status != 0) {
        free(sorted);
        return -1;
    }
    free(b->ballots);
    b->ballots = sorted;
    b->cap_ballots = b->n_ballots;
    return 0;
}

static int finish_bucket(struct tally *t, const struct tally_options *o,
                         const bool *is_signed, struct tally_bucket *b)
{
    b->counts.n_models = t->log.models.n;
    if (o->elo != NULL) /* some models were seen in rejected rows only */
        grow_elo(b, t->log.models.n, o->elo->start);
    b->rows.n_features = t->log.n_features;
    style_differences(b->x, b->rows.n, t->log.n_features, is_signed, b->x);
    b->rows.votes = b->votes;
    b->rows.x = b->x;
    if (rating_counts_sort(&b->counts) != 0)
        return -1;
    return b->n_ballots == 0 ? 0 : sort_ballots(b, t->log.voters.n);
}

static int join(struct reading *r, const char *path, struct err *e)
{
    struct tally *t = r->t;
    t->by = mem_try(t->log.categories.n + 1, sizeof(*t->by));
    int status = t->by == NULL ? -1 : 0;
    for (int k = 0; status == 0 && k < t->log.n_chunks; k++)
        status = join_chunk(r, k);
    /* Alike in all categories, or their effects could not be compared. */
    bool is_signed[VOTELOG_MAX_FEATURES] = {false};
    style_find_signed(t->all.x, t->all.rows.n, t->log.n_features, is_signed);
    if (status == 0)
        status = finish_bucket(t, r->o, is_signed, &t->all);
    for (size_t i = 0; status == 0 && i < t->log.categories.n; i++)
        status = finish_bucket(t, r->o, is_signed, &t->by[i]);
    if (status != 0)
        return err_set(e, ERR_FAILURE, "%s: not enough memory", path);
    t->names = mem_calloc(t->log.models.n + 1, sizeof(*t->names));
    for (uint32_t i = 0; i < t->log.models.n; i++)
        t->names[i] = votelog_model_name(&t->log, i);
    return 0;
}

/* A CSV file has the column that is asked for, but all its cells may be empty;
 * objects of JSON may all lack the key.  Then votes cannot be told apart. */
static int check_names(const struct votelog *log, const char *path,
                       const struct votelog_options *o, struct err *e)
{
    const char *name = votelog_told_name(path);
    if (log->n_votes > 0 && o->voters && log->voters.n == 0)
        return err_set(e, ERR_FORMAT, "%s: no vote in it says who gave it",
                       name);
    if (log->n_votes > 0 && o->category != NULL && log->categories.n == 0)
        return err_set(e, ERR_FORMAT, "%s: no vote in it has a value of %s",
                       name, o->category);
    return 0;
}

int tally_read(struct tally *t, const char *path,
               const struct tally_options *o, struct err *e)
{
    struct votelog_options log = o->log;
    struct reading *r = mem_calloc(1, sizeof(*r));
    struct votelog_sink sink = {
        .arg = r, .votes = take_votes, .restart = restart_chunk};
    memset(t, 0, sizeof(*t));
    r->o = o;
    r->t = t;
    log.voters = o->ballots;
    log.features = o->rows;
    log.in_order = o->elo != NULL;
    int status = votelog_read(&t->log, path, &log, &sink, e);
    if (status == 0)
        status = check_names(&t->log, path, &log, e);
    if (status == 0)
        status = join(r, path, e);
    for (int k = 0; k < VOTELOG_MAX_CHUNKS; k++)
        chunk_free(&r->chunks[k]);
    free(r);
    return status;
}

void tally_free(struct tally *t)
{
    bucket_free(&t->all);
    for (size_t i = 0; t->by != NULL && i < t->log.categories.n; i++)
        bucket_free(&t->by[i]);
    free(t->by);
    free(t->names);
    votelog_free(&t->log);
    t->by = NULL;
    t->names = NULL;
}
