#include "arena/votelog/judged.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/votelog/labels.h"
#include "base/buf.h"
#include "base/mem.h"
#include "rating/judged/temper.h"
#include "rating/votes/share.h"

/* A log on its way into battles and votes. */
struct sorting {
    struct judged_log *j;
    const char *path;
    uint32_t *battle_of;  /* [n_ids] by battle_id; VOTELOG_NONE: not yet */
    uint32_t *n_verdicts; /* [battles] rows of the judge */
    size_t n_ids, cap_ids, cap_battles, cap_votes;
    uint32_t foreign;     /* a battle_id of several pairs or prompts, or
                             VOTELOG_NONE */
    bool foreign_prompt;
};

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

/* Doubles an array that has no room for one more.  0, or -1: no memory. */
static int reserve(void **array, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return 0;
    size_t more = *cap == 0 ? 1024 : 2 * *cap;
    void *grown = more > SIZE_MAX / size ? NULL : realloc(*array, more * size);
    if (grown == NULL)
        return -1;
    *array = grown;
    *cap = more;
    return 0;
}

static int add_battle(struct sorting *s, const struct votelog_vote *v)
{
    struct judged_log *j = s->j;
    size_t n = j->rows.n_battles, cap = s->cap_battles;
    void *battles = j->battles, *verdicts = s->n_verdicts;
    int status = reserve(&battles, n, &cap, sizeof(*j->battles));
    j->battles = battles;
    status |= reserve(&verdicts, n, &s->cap_battles, sizeof(*s->n_verdicts));
    s->n_verdicts = verdicts;
    if (status != 0)
        return -1;
    j->battles[n] = (struct judged_battle){
        .first = v->a, .second = v->b, .prompt = v->category, .judge = NAN};
    s->n_verdicts[n] = 0;
    j->rows.n_battles++;
    return 0;
}

/* The place of a battle_id; NULL: no memory. */
static uint32_t *place_of(struct sorting *s, uint32_t id)
{
    for (; s->n_ids <= id; s->n_ids++) {
        void *ids = s->battle_of;
        int status = reserve(&ids, s->n_ids, &s->cap_ids,
                             sizeof(*s->battle_of));
        s->battle_of = ids;
        if (status != 0)
            return NULL;
        s->battle_of[s->n_ids] = VOTELOG_NONE;
    }
    return &s->battle_of[id];
}

/* The battle of a row.  *turned: its first model is the row's second.  0, or
 * -1: no memory. */
static int find_battle(struct sorting *s, const struct votelog_vote *v,
                       uint32_t id, uint32_t *battle, bool *turned)
{
    uint32_t *known = NULL;
    *turned = false;
    if (id != VOTELOG_NONE && (known = place_of(s, id)) == NULL)
        return -1;
    if (known == NULL || *known == VOTELOG_NONE) {
        *battle = (uint32_t)s->j->rows.n_battles;
        if (known != NULL)
            *known = *battle;
        return add_battle(s, v);
    }
    struct judged_battle *b = &s->j->battles[*battle = *known];
    *turned = b->first == v->b && b->second == v->a;
    bool other = !*turned && (b->first != v->a || b->second != v->b);
    bool prompts = b->prompt != v->category && v->category != VOTELOG_NONE &&
                   b->prompt != VOTELOG_NONE;
    if ((other || prompts) && s->foreign == VOTELOG_NONE) {
        s->foreign = id;
        s->foreign_prompt = !other;
    }
    if (b->prompt == VOTELOG_NONE)
        b->prompt = v->category;
    return 0;
}

static void take_verdict(struct sorting *s, enum rating_outcome outcome,
                         double p_a, uint32_t battle, bool turned)
{
    double score = isnan(p_a) ? share_of_outcome(outcome) : p_a;
    double *to = &s->j->battles[battle].judge;
    uint32_t n = s->n_verdicts[battle]++;
    score = turned ? 1 - score : score;
    *to = n == 0 ? score : (*to * n + score) / (n + 1);
    s->j->n_verdicts++;
    s->j->n_soft += !isnan(p_a);
}

static int take_vote(struct sorting *s, const struct votelog_vote *v,
                     uint32_t battle, bool turned)
{
    static const enum rating_outcome swapped[RATING_N_OUTCOMES] = {
        RATING_SECOND, RATING_FIRST, RATING_TIE, RATING_BAD};
    struct judged_log *j = s->j;
    void *votes = j->votes;
    int status = reserve(&votes, j->rows.n_votes, &s->cap_votes,
                         sizeof(*j->votes));
    j->votes = votes;
    if (status != 0)
        return -1;
    j->votes[j->rows.n_votes++] = (struct judged_vote){
        battle, v->voter, turned ? swapped[v->outcome] : v->outcome};
    return rating_counts_add(&j->counts, v->a, v->b, v->outcome, 1);
}

static int take_rows(void *arg, int chunk, const struct votelog_vote *v,
                     size_t n, const float *x,
                     const struct votelog_battle *battles)
{
    struct sorting *s = arg;
    (void)chunk; /* there is one, whose numbers are the common ones */
    (void)x;
    for (size_t k = 0; k < n; k++) {
        uint32_t battle;
        bool turned;
        if (battles[k].kind == VOTELOG_OTHER_JUDGE) {
            s->j->n_other++;
            continue;
        }
        if (find_battle(s, &v[k], battles[k].id, &battle, &turned) != 0)
            return -1;
        if (battles[k].kind == VOTELOG_JUDGE)
            take_verdict(s, v[k].outcome, battles[k].p_a, battle, turned);
        else if (take_vote(s, &v[k], battle, turned) != 0)
            return -1;
    }
    return 0;
}

static int compare_ballots(const void *a, const void *b)
{
    const struct rating_ballot *x = a, *y = b;
    return (x->voter > y->voter) - (x->voter < y->voter);
}

/* What bt_fit wants to know of voters. */
static int make_ballots(struct judged_log *j)
{
    j->ballots = mem_try(j->rows.n_votes + 1, sizeof(*j->ballots));
    for (size_t k = 0; j->ballots != NULL && k < j->rows.n_votes; k++) {
        const struct judged_vote *v = &j->votes[k];
        const struct judged_battle *b = &j->battles[v->battle];
        j->ballots[k] = (struct rating_ballot){v->voter, b->first, b->second,
                                               v->outcome, 1, 0};
    }
    if (j->ballots == NULL)
        return -1;
    qsort(j->ballots, j->rows.n_votes, sizeof(*j->ballots), compare_ballots);
    return 0;
}

static int finish(struct judged_log *j, const char *path, struct err *e)
{
    j->names = mem_try(j->log.models.n + 1, sizeof(*j->names));
    if (j->names == NULL || make_ballots(j) != 0 ||
        rating_counts_sort(&j->counts) != 0)
        return err_set(e, ERR_FAILURE, "%s: not enough memory", path);
    for (uint32_t i = 0; i < j->log.models.n; i++)
        j->names[i] = votelog_model_name(&j->log, i);
    j->counts.n_models = j->log.models.n;
    j->rows.battles = j->battles;
    j->rows.votes = j->votes;
    return 0;
}

/* What the log must have for a judge to be of use, or even right. */
static int check(const struct sorting *s, const char *judge,
                 enum judged_cluster cluster, struct err *e)
{
    const struct judged_log *j = s->j;
    if (s->foreign != VOTELOG_NONE)
        return err_set(e, ERR_FORMAT, "%s: rows of battle %.100s have other "
                       "%ss; a battle_id is of one %s", s->path,
                       names_get(&j->log.battles, s->foreign, NULL),
                       s->foreign_prompt ? "prompt" : "model",
                       s->foreign_prompt ? "prompt" : "pair");
    if (j->log.n_votes > 0 && j->log.battles.n == 0)
        return err_set(e, ERR_FORMAT, "%s: no row has a battle_id, by which a "
                       "judge's verdict and a vote are of one battle",
                       s->path);
    if (j->log.n_votes > 0 && j->n_verdicts == 0)
        return err_set(e, ERR_FORMAT, "%s: no row of the voter %s", s->path,
                       judge);
    if (j->n_verdicts > 0 && j->rows.n_votes == 0)
        return err_set(e, ERR_FORMAT, "%s: no votes by people, whose taste "
                       "the ratings are of", s->path);
    if (cluster == JUDGED_BY_PROMPT && j->log.categories.n == 0)
        return err_set(e, ERR_FORMAT, "%s: no row has a prompt_id", s->path);
    return 0;
}

int judged_log_read(struct judged_log *j, const char *path, const char *judge,
                    enum judged_cluster cluster, struct err *e)
{
    struct buf voter; /* with its prefix */
    struct sorting s = {.j = j,
                        .path = votelog_told_name(path),
                        .foreign = VOTELOG_NONE};
    struct votelog_sink sink = {.arg = &s, .votes = take_rows};
    buf_init(&voter, SIZE_MAX / 2);
    votelog_add_judge(judge, &voter);
    struct votelog_options o = {.voters = true, .judge = voter.data};
    if (cluster == JUDGED_BY_PROMPT)
        o.category = "prompt_id";
    memset(j, 0, sizeof(*j));
    rating_counts_init(&j->counts);
    int status = votelog_read(&j->log, path, &o, &sink, e);
    if (status == 0)
        status = check(&s, voter.data, cluster, e);
    if (status == 0)
        status = finish(j, s.path, e);
    free(s.battle_of);
    free(s.n_verdicts);
    buf_free(&voter);
    return status;
}

int judged_log_temper(struct judged_log *j, struct err *e)
{
    if (j->n_soft == 0 || j->n_soft < j->n_verdicts)
        return 0;
    j->temperature = temper_battles(j->battles, &j->rows);
    return isnan(j->temperature)
               ? err_set(e, ERR_FAILURE, "no memory for the votes")
               : 0;
}
