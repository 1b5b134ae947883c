/* The votes that count, one by one, for readers that ask whose they are. */
#include "arena/store/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/store/judgments.h"
#include "arena/store/models.h"
#include "arena/store/verdict.h"
#include "arena/store/voter.h"
#include "base/mem.h"

void store_free_ballots(struct store_ballots *b)
{
    for (size_t i = 0; i < b->n_voters; i++)
        free(b->voters[i]);
    free(b->voters);
    free(b->ballots);
    free(b->origins);
    *b = (struct store_ballots){0};
}

/* Room for one more, doubling; -1: no memory (votes decide how much). */
static int reserve(void **array, size_t n, size_t size)
{
    if (n != 0 && (n & (n - 1)) != 0)
        return 0; /* grows at 0 and at powers of two */
    size_t cap = n == 0 ? 1 : 2 * n;
    void *more = cap > SIZE_MAX / size ? NULL : realloc(*array, cap * size);
    if (more == NULL)
        return -1;
    *array = more;
    return 0;
}

/* The number of a voter; rows come in their order, so it is the last one's or
 * a new one. */
static int number_voter(struct store_ballots *b, const char *name,
                        uint32_t *out)
{
    if (b->n_voters == 0 || strcmp(b->voters[b->n_voters - 1], name) != 0) {
        void *voters = b->voters;
        int status = reserve(&voters, b->n_voters, sizeof(*b->voters));
        b->voters = voters;
        if (status != 0)
            return -1;
        b->voters[b->n_voters++] = mem_strdup(name);
    }
    *out = (uint32_t)(b->n_voters - 1);
    return 0;
}

static int add_row(struct store *s, struct db_query *q,
                   const struct store_model *models, size_t n_models,
                   struct store_ballots *b, struct err *e)
{
    struct rating_ballot x = {.n = 1};
    const char *verdict = db_text(q, 2);
    const char *voter = db_text(q, 3);
    size_t first = models_index(models, n_models, db_whole(q, 0));
    size_t second = models_index(models, n_models, db_whole(q, 1));
    if (first == SIZE_MAX || second == SIZE_MAX)
        return 0; /* came after the list was made */
    x.first = (uint32_t)first;
    x.second = (uint32_t)second;
    if (verdict == NULL || !verdict_parse(verdict, &x.outcome) ||
        voter == NULL)
        return db_fail_damaged(s->db, e, "an impossible vote");
    void *ballots = b->ballots, *origins = b->origins;
    int status = reserve(&ballots, b->n, sizeof(*b->ballots));
    b->ballots = ballots;
    status |= reserve(&origins, b->n, sizeof(*b->origins));
    b->origins = origins;
    if (status != 0 || number_voter(b, voter, &x.voter) != 0)
        return err_set(e, ERR_FAILURE, "no memory for the votes");
    b->origins[b->n] = (struct store_origin){
        .vote_id = db_whole(q, 4),
        .battle_id = db_whole(q, 5),
        .prompt_id = db_whole(q, 6),
        .dwell_ms = db_is_null(q, 7) ? -1 : db_whole(q, 7),
        .share = db_is_null(q, 8) ? NAN : db_real(q, 8),
    };
    b->ballots[b->n++] = x;
    return 0;
}

/* The columns of add_row. */
#define BALLOTS                                                                \
    "SELECT c.model_a, c.model_b, c.verdict, c.voter, c.vote_id, c.battle_id," \
    "  c.prompt_id, c.dwell_ms, h.p_a"                                         \
    " FROM counted c LEFT JOIN shares h ON h.vote_id = c.vote_id"              \
    " WHERE (?1 IS NULL OR c.category = ?1) AND c.created_ms >= ?2"

/* Adds what a query gives. */
static int read_rows(struct store *s, struct db_query *q,
                     const struct store_model *models, size_t n_models,
                     struct store_ballots *out, struct err *e)
{
    int row = -1;
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        if (add_row(s, q, models, n_models, out, e) != 0) {
            db_reset(q);
            row = -1;
            break;
        }
    }
    if (row != 0)
        store_free_ballots(out);
    return row;
}

int store_ballots(struct store *s, const struct store_filter *f,
                  const struct store_model *models, size_t n_models,
                  struct store_ballots *out, struct err *e)
{
    static const struct store_filter all = {0};
    f = f ? f : &all;
    *out = (struct store_ballots){0};
    struct db_query *q =
        db_query(s->db, e,
                 BALLOTS " AND (?3 IS NULL OR c.kind = ?3 OR c.voter = ?3)"
                         " ORDER BY c.voter, c.vote_id",
                 DB(f->category), DB(f->since_ms),
                 DB(voter_of_filter(f->voter)));
    return read_rows(s, q, models, n_models, out, e);
}

/* People, by the index of voters. */
#define BY_PEOPLE(voter) voter " >= 'human:' AND " voter " < 'human;'"

int store_shared_ballots(struct store *s, const struct store_filter *f,
                         const char *judge, const struct store_model *models,
                         size_t n_models, struct store_ballots *out,
                         struct err *e)
{
    *out = (struct store_ballots){0};
    struct db_query *q = db_query(s->db, e,
                                  BALLOTS " AND " BY_PEOPLE("c.voter")
                                          " ORDER BY c.voter, c.vote_id",
                                  DB(f->category), DB(f->since_ms));
    if (read_rows(s, q, models, n_models, out, e) != 0)
        return -1;
    /* The plus keeps it from walking through all votes of the judge. */
    q = db_query(s->db, e,
                 BALLOTS " AND c.voter = ?3 AND c.battle_id IN"
                         "  (SELECT battle_id FROM votes"
                         "   WHERE " BY_PEOPLE("voter") ")"
                         " ORDER BY +c.vote_id",
                 DB(f->category), DB(f->since_ms), DB(judge));
    return read_rows(s, q, models, n_models, out, e);
}

/* Walks along the shares, of which there are none to look up then. */
int store_each_share(struct store *s, const char *judge,
                     const struct store_model *models, size_t n_models,
                     void (*take)(void *arg, uint32_t first, uint32_t second,
                                  double share),
                     void *arg, struct err *e)
{
    int row = -1;
    struct db_query *q =
        db_query(s->db, e,
                 "SELECT b.model_a, b.model_b, h.p_a FROM shares h"
                 " CROSS JOIN votes v ON v.id = h.vote_id"
                 " CROSS JOIN battles b ON b.id = v.battle_id"
                 " WHERE v.voter = ? AND " STORE_COUNTED,
                 DB(judge));
    while (q != NULL && (row = db_step(s->db, q, e)) == 1) {
        size_t first = models_index(models, n_models, db_whole(q, 0));
        size_t second = models_index(models, n_models, db_whole(q, 1));
        if (first != SIZE_MAX && second != SIZE_MAX) /* else it came later */
            take(arg, (uint32_t)first, (uint32_t)second, db_real(q, 2));
    }
    return row;
}

/* Walks along the judge's votes up to its first share, if there are any. */
int store_has_shares(struct store *s, const char *judge, struct err *e)
{
    int64_t one;
    return db_number(s->db, e, &one,
                     "SELECT 1 FROM votes v CROSS JOIN shares h"
                     " ON h.vote_id = v.id"
                     " WHERE EXISTS (SELECT 1 FROM shares) AND v.voter = ?"
                     " LIMIT 1", DB(judge));
}
