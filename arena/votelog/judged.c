#include "arena/votelog/judged.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const char JUDGE[] = "judge:";

enum voter_kind { PERSON, THE_JUDGE, OTHER_JUDGE };

struct row {
    struct votelog_vote vote;
    struct votelog_battle battle;
};

struct reading {
    struct row *rows; /* in the order of the file */
    size_t n, cap;
};

static int take_rows(void *arg, int chunk, const struct votelog_vote *v,
                     size_t n, const float *x,
                     const struct votelog_battle *battles)
{
    struct reading *r = arg;
    (void)chunk; /* there is one */
    (void)x;
    if (r->n + n > r->cap) {
        size_t cap = 2 * (r->n + n);
        void *more = cap > SIZE_MAX / sizeof(*r->rows)
                         ? NULL
                         : realloc(r->rows, cap * sizeof(*r->rows));
        if (more == NULL)
            return -1;
        r->rows = more;
        r->cap = cap;
    }
    for (size_t k = 0; k < n; k++)
        r->rows[r->n++] = (struct row){v[k], battles[k]};
    return 0;
}

void judged_log_free(struct judged_log *j)
{
    votelog_free(&j->log);
    rating_counts_free(&j->counts);
    free(j->names);
    free(j->battles);
    free(j->votes);
    free(j->ballots);
    memset(j, 0, sizeof(*j));
}

/* The kinds of all voters; NULL: no memory. */
static uint8_t *find_kinds(const struct votelog *log, const char *judge)
{
    size_t prefix = sizeof(JUDGE) - 1;
    uint8_t *kinds = mem_try(log->voters.n + 1, sizeof(*kinds));
    if (strncmp(judge, JUDGE, prefix) == 0)
        judge += prefix;
    for (uint32_t i = 0; kinds != NULL && i < log->voters.n; i++) {
        const char *name = names_get(&log->voters, i, NULL);
        if (strncmp(name, JUDGE, prefix) != 0)
            kinds[i] = PERSON;
        else
            kinds[i] = strcmp(name + prefix, judge) == 0 ? THE_JUDGE
                                                         : OTHER_JUDGE;
    }
    return kinds;
}

/* What sorting rows into battles works with. */
struct sorting {
    struct judged_log *j;
    const char *path;
    const uint8_t *kinds;  /* [log.voters.n] */
    uint32_t *battle_of;   /* [log.battles.n], by name; VOTELOG_NONE: not yet */
    uint32_t *n_verdicts;  /* [battles] rows of the judge */
};

/* The battle of a row.  *turned: its first model is the row's second. */
static int find_battle(struct sorting *s, const struct row *row,
                       uint32_t *battle, bool *turned, struct err *e)
{
    struct judged_log *j = s->j;
    const struct votelog_vote *v = &row->vote;
    uint32_t id = row->battle.id;
    uint32_t *known = id == VOTELOG_NONE ? NULL : &s->battle_of[id];
    *turned = false;
    if (known == NULL || *known == VOTELOG_NONE) {
        *battle = (uint32_t)j->rows.n_battles++;
        j->battles[*battle] = (struct judged_battle){
            .first = v->a, .second = v->b, .prompt = v->category, .judge = NAN};
        if (known != NULL)
            *known = *battle;
        return 0;
    }
    struct judged_battle *b = &j->battles[*battle = *known];
    *turned = b->first == v->b && b->second == v->a;
    if (!*turned && (b->first != v->a || b->second != v->b))
        return err_set(e, ERR_FORMAT, "%s: rows of battle %.100s have other "
                       "models; a battle_id is of one pair", s->path,
                       names_get(&j->log.battles, id, NULL));
    if (b->prompt != v->category && v->category != VOTELOG_NONE &&
        b->prompt != VOTELOG_NONE)
        return err_set(e, ERR_FORMAT, "%s: rows of battle %.100s have other "
                       "prompts; a battle_id is of one prompt", s->path,
                       names_get(&j->log.battles, id, NULL));
    if (b->prompt == VOTELOG_NONE)
        b->prompt = v->category;
    return 0;
}

static void take_verdict(struct sorting *s, const struct row *row,
                         uint32_t battle, bool turned)
{
    static const double scores[RATING_N_OUTCOMES] = {1, 0, 0.5, 0.5};
    double score = isnan(row->battle.p_a) ? scores[row->vote.outcome]
                                          : (double)row->battle.p_a;
    double *to = &s->j->battles[battle].judge;
    uint32_t n = s->n_verdicts[battle]++;
    score = turned ? 1 - score : score;
    *to = n == 0 ? score : (*to * n + score) / (n + 1);
    s->j->n_verdicts++;
}

static int take_vote(struct sorting *s, const struct votelog_vote *v,
                     uint32_t battle, bool turned)
{
    static const enum rating_outcome swapped[RATING_N_OUTCOMES] = {
        RATING_SECOND, RATING_FIRST, RATING_TIE, RATING_BAD};
    struct judged_log *j = s->j;
    size_t k = j->rows.n_votes++;
    j->votes[k] = (struct judged_vote){
        battle, v->voter, turned ? swapped[v->outcome] : v->outcome};
    j->ballots[k] =
        (struct rating_ballot){v->voter, v->a, v->b, v->outcome, 1};
    return rating_counts_add(&j->counts, v->a, v->b, v->outcome, 1);
}

static int take_row(struct sorting *s, const struct row *row, struct err *e)
{
    const struct votelog_vote *v = &row->vote;
    enum voter_kind kind = v->voter == VOTELOG_NONE
                               ? PERSON
                               : (enum voter_kind)s->kinds[v->voter];
    uint32_t battle;
    bool turned;
    if (kind == OTHER_JUDGE) {
        s->j->n_other++;
        return 0;
    }
    if (find_battle(s, row, &battle, &turned, e) != 0)
        return -1;
    if (kind == THE_JUDGE)
        take_verdict(s, row, battle, turned);
    else if (take_vote(s, v, battle, turned) != 0)
        return err_set(e, ERR_FAILURE, "%s: not enough memory", s->path);
    return 0;
}

static int compare_ballots(const void *a, const void *b)
{
    const struct rating_ballot *x = a, *y = b;
    return (x->voter > y->voter) - (x->voter < y->voter);
}

static int sort_rows(struct judged_log *j, const struct reading *r,
                     const char *path, const char *judge, struct err *e)
{
    struct sorting s = {.j = j, .path = path};
    uint8_t *kinds = find_kinds(&j->log, judge);
    s.kinds = kinds;
    s.battle_of = mem_try(j->log.battles.n + 1, sizeof(*s.battle_of));
    s.n_verdicts = mem_try(r->n + 1, sizeof(*s.n_verdicts));
    j->battles = mem_try(r->n + 1, sizeof(*j->battles));
    j->votes = mem_try(r->n + 1, sizeof(*j->votes));
    j->ballots = mem_try(r->n + 1, sizeof(*j->ballots));
    j->names = mem_try(j->log.models.n + 1, sizeof(*j->names));
    int status = 0;
    if (kinds == NULL || s.battle_of == NULL || s.n_verdicts == NULL ||
        j->battles == NULL || j->votes == NULL || j->ballots == NULL ||
        j->names == NULL)
        status = err_set(e, ERR_FAILURE, "%s: not enough memory", path);
    for (size_t i = 0; status == 0 && i < j->log.battles.n; i++)
        s.battle_of[i] = VOTELOG_NONE;
    for (size_t k = 0; status == 0 && k < r->n; k++)
        status = take_row(&s, &r->rows[k], e);
    for (uint32_t i = 0; status == 0 && i < j->log.models.n; i++)
        j->names[i] = names_get(&j->log.models, i, NULL);
    if (status == 0 && rating_counts_sort(&j->counts) != 0)
        status = err_set(e, ERR_FAILURE, "%s: not enough memory", path);
    if (status == 0)
        qsort(j->ballots, j->rows.n_votes, sizeof(*j->ballots),
              compare_ballots);
    j->counts.n_models = j->log.models.n;
    j->rows.battles = j->battles;
    j->rows.votes = j->votes;
    free(kinds);
    free(s.battle_of);
    free(s.n_verdicts);
    return status;
}

/* What the log must have for a judge to be of use, or even right. */
static int check(const struct judged_log *j, const char *path,
                 const char *judge, enum judged_cluster cluster, struct err *e)
{
    bool prefixed = strncmp(judge, JUDGE, sizeof(JUDGE) - 1) == 0;
    if (j->log.n_votes > 0 && j->log.battles.n == 0)
        return err_set(e, ERR_FORMAT, "%s: no row has a battle_id, by which a "
                       "judge's verdict and a vote are of one battle", path);
    if (j->log.n_votes > 0 && j->n_verdicts == 0)
        return err_set(e, ERR_FORMAT, "%s: no row of the voter %s%s", path,
                       prefixed ? "" : JUDGE, judge);
    if (j->n_verdicts > 0 && j->rows.n_votes == 0)
        return err_set(e, ERR_FORMAT, "%s: no votes by people, whose taste "
                       "the ratings are of", path);
    if (cluster == JUDGED_BY_PROMPT && j->log.categories.n == 0)
        return err_set(e, ERR_FORMAT, "%s: no row has a prompt_id", path);
    return 0;
}

int judged_log_read(struct judged_log *j, const char *path, const char *judge,
                    enum judged_cluster cluster, struct err *e)
{
    struct reading r = {.n = 0};
    struct votelog_sink sink = {.arg = &r, .votes = take_rows};
    struct votelog_options o = {.voters = true, .battles = true};
    if (cluster == JUDGED_BY_PROMPT)
        o.category = "prompt_id";
    memset(j, 0, sizeof(*j));
    rating_counts_init(&j->counts);
    const char *told = votelog_told_name(path);
    int status = votelog_read(&j->log, path, &o, &sink, e);
    if (status == 0)
        status = sort_rows(j, &r, told, judge, e);
    if (status == 0)
        status = check(j, told, judge, cluster, e);
    free(r.rows);
    return status;
}
