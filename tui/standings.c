#include "tui/standings.h"
#include "tui/standings_private.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

const char *standings_ties(enum bt_ties ties)
{
    static const char *const words[] = {
        [BT_TIES_HALF] = "half",
        [BT_TIES_DROP] = "drop",
        [BT_TIES_DAVIDSON] = "davidson",
        [BT_TIES_RAO_KUPPER] = "rao-kupper",
    };
    return words[ties];
}

const char *standings_ci(enum bt_ci ci)
{
    static const char *const words[] = {
        [BT_CI_SANDWICH] = "sandwich",
        [BT_CI_HESSIAN] = "hessian",
        [BT_CI_BOOTSTRAP] = "bootstrap",
    };
    return words[ci];
}

double standings_rating_of(const struct standings *s, uint32_t m)
{
    return s->is_elo ? s->elo_ratings[m] : s->result->models[m].rating;
}

struct place { /* what models are sorted by */
    uint32_t model, group;
    double rating;
    const char *name;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (isnan(x->rating) != isnan(y->rating))
        return isnan(x->rating) ? 1 : -1;
    if (x->rating != y->rating && !isnan(x->rating))
        return x->rating > y->rating ? -1 : 1;
    return strcmp(x->name, y->name);
}

void standings_sort(struct standings *s)
{
    const struct bt_result *r = s->result;
    struct place *places = mem_calloc(r->n_models + 1, sizeof(*places));
    s->order = mem_calloc(r->n_models + 1, sizeof(*s->order));
    s->n = 0;
    for (uint32_t m = 0; m < r->n_models; m++) {
        if (r->models[m].votes == 0)
            continue;
        places[s->n++] = (struct place){
            .model = m,
            .group = s->is_elo ? 0 : r->models[m].component,
            .rating = standings_rating_of(s, m),
            .name = s->names[m]};
    }
    qsort(places, s->n, sizeof(*places), compare_places);
    for (size_t i = 0; i < s->n; i++)
        s->order[i] = places[i].model;
    free(places);
}

void standings_free(struct standings *s)
{
    free(s->order);
    s->order = NULL;
}

/* Place of the i-th in the order: for Elo, that of its rating. */
uint32_t standings_rank_of(const struct standings *s, size_t i)
{
    if (!s->is_elo)
        return s->result->models[s->order[i]].rank;
    while (i > 0 && standings_rating_of(s, s->order[i - 1]) ==
                        standings_rating_of(s, s->order[i]))
        i--;
    return (uint32_t)i + 1;
}

/* --- JSON -------------------------------------------------------------- */

static void key_number(struct buf *out, const char *key, double v)
{
    buf_addf(out, ",\"%s\":", key);
    json_add_number(out, v);
}

static void json_against(const struct standings *s, uint32_t m,
                         struct buf *out)
{
    struct bt_difference d = bt_compare(s->result, m, (size_t)s->against);
    buf_add_str(out, ",\"against\":{\"difference\":");
    json_add_number(out, d.points);
    key_number(out, "lower", d.lower);
    key_number(out, "upper", d.upper);
    key_number(out, "se", d.se);
    key_number(out, "probability", d.probability);
    buf_add_char(out, '}');
}

static void json_rank(struct buf *out, const char *key, uint32_t rank)
{
    if (rank == 0)
        buf_addf(out, ",\"%s\":null", key);
    else
        buf_addf(out, ",\"%s\":%" PRIu32, key, rank);
}

static void json_model(const struct standings *s, size_t i, struct buf *out)
{
    uint32_t id = s->order[i];
    const struct bt_model *m = &s->result->models[id];
    buf_add_str(out, i ? ",\n{\"name\":" : "\n{\"name\":");
    json_add_string(out, s->names[id], strlen(s->names[id]));
    key_number(out, "rating", standings_rating_of(s, id));
    key_number(out, "lower", s->is_elo ? NAN : m->lower);
    key_number(out, "upper", s->is_elo ? NAN : m->upper);
    key_number(out, "se", s->is_elo ? NAN : m->se);
    json_rank(out, "rank", standings_rank_of(s, i));
    if (!s->is_elo && s->bt.differences) {
        json_rank(out, "rank_best", m->rank_best);
        json_rank(out, "rank_worst", m->rank_worst);
    }
    buf_addf(out, ",\"votes\":%" PRIu64 ",\"wins\":%" PRIu64
             ",\"losses\":%" PRIu64 ",\"ties\":%" PRIu64 ",\"bad\":%" PRIu64,
             m->votes, m->wins, m->losses, m->ties, m->bad);
    if (!s->is_elo) {
        if (m->component == BT_NO_COMPONENT)
            buf_add_str(out, ",\"component\":null");
        else
            buf_addf(out, ",\"component\":%" PRIu32, m->component);
        buf_addf(out, ",\"bounded\":%s", m->bounded ? "true" : "false");
    }
    if (s->against >= 0 && !s->is_elo)
        json_against(s, id, out);
    buf_add_char(out, '}');
}

static void json_options(const struct standings *s, struct buf *out)
{
    if (s->is_elo) {
        buf_add_str(out, ",\n\"options\":{\"k\":");
        json_add_number(out, s->elo.k);
        key_number(out, "base", s->elo.base);
        key_number(out, "scale", s->elo.scale);
        key_number(out, "start", s->elo.start);
        buf_add_char(out, '}');
        return;
    }
    const struct bt_params *p = &s->bt;
    buf_addf(out, ",\n\"options\":{\"ties\":\"%s\",\"ci\":\"%s\"",
             standings_ties(p->ties), standings_ci(p->ci));
    if (p->ci == BT_CI_BOOTSTRAP)
        buf_addf(out, ",\"rounds\":%d,\"rounds_failed\":%" PRIu32
                 ",\"seed\":%" PRIu64, p->rounds, s->result->n_rounds_failed,
                 p->seed);
    key_number(out, "prior", s->result->prior);
    buf_addf(out, ",\"prior_automatic\":%s", p->prior < 0 ? "true" : "false");
    key_number(out, "ridge", p->ridge);
    buf_addf(out, ",\"reweight\":%" PRIu64 ",\"center\":\"%s\"", p->reweight,
             p->center == BT_CENTER_MEAN ? "mean" : "weighted");
    if (p->anchor >= 0) {
        buf_add_str(out, ",\"anchor\":");
        json_add_string(out, s->names[p->anchor],
                        strlen(s->names[p->anchor]));
        key_number(out, "anchor_score", p->anchor_score);
    }
    buf_addf(out, ",\"position\":%s", p->position ? "true" : "false");
    key_number(out, "start", p->start);
    key_number(out, "scale", p->scale);
    buf_add_char(out, '}');
}

static uint64_t cell_count(const struct standings *s, uint32_t a, uint32_t b,
                           enum rating_outcome outcome)
{
    const struct rating_cell *cell = rating_counts_find(s->counts, a, b);
    return cell == NULL ? 0 : cell->n[outcome];
}

/* Times that a beat b, on either side. */
uint64_t standings_wins_over(const struct standings *s, uint32_t a, uint32_t b)
{
    return cell_count(s, a, b, RATING_FIRST) +
           cell_count(s, b, a, RATING_SECOND);
}

uint64_t standings_ties_with(const struct standings *s, uint32_t a, uint32_t b)
{
    return cell_count(s, a, b, RATING_TIE) + cell_count(s, b, a, RATING_TIE) +
           cell_count(s, a, b, RATING_BAD) + cell_count(s, b, a, RATING_BAD);
}

static void json_square(const struct standings *s, const char *key,
                        uint64_t (*f)(const struct standings *, uint32_t,
                                      uint32_t),
                        struct buf *out)
{
    buf_addf(out, "\"%s\":[", key);
    for (size_t i = 0; i < s->n; i++) {
        buf_add_str(out, i ? ",\n[" : "\n[");
        for (size_t j = 0; j < s->n; j++)
            buf_addf(out, "%s%" PRIu64, j ? "," : "",
                     f(s, s->order[i], s->order[j]));
        buf_add_char(out, ']');
    }
    buf_add_char(out, ']');
}

void standings_json(const struct standings *s, bool open, struct buf *out)
{
    const struct bt_result *r = s->result;
    buf_addf(out, "{\"method\":\"%s\",\"n_votes\":%" PRIu64
             ",\"n_rejected\":%" PRIu64 ",\n\"models\":[",
             s->is_elo ? "elo" : "bt", r->n_votes, s->n_rejected);
    for (size_t i = 0; i < s->n; i++)
        json_model(s, i, out);
    buf_add_char(out, ']');
    if (!s->is_elo) {
        buf_addf(out, ",\n\"components\":%" PRIu32 ",\"unbounded\":%" PRIu32,
                 r->n_components, r->n_unbounded);
        buf_add_str(out, ",\n\"position\":{\"advantage\":");
        json_add_number(out, r->position);
        key_number(out, "se", r->position_se);
        key_number(out, "z", r->position / r->position_se);
        buf_add_char(out, '}');
        if (!isnan(r->tie_parameter))
            key_number(out, "tie_parameter", r->tie_parameter);
    }
    if (s->matrix) {
        buf_add_str(out, ",\n\"matrix\":{");
        json_square(s, "wins", standings_wins_over, out);
        buf_add_char(out, ',');
        json_square(s, "ties", standings_ties_with, out);
        buf_add_char(out, '}');
    }
    json_options(s, out);
    if (!open)
        buf_add_char(out, '}');
}

/* --- CSV --------------------------------------------------------------- */

/* A name as a CSV field.  A spreadsheet takes a cell that begins so for a
 * formula; a quote in front makes it text again. */
static void csv_name(const char *name, struct buf *out)
{
    bool formula = name[0] != '\0' && strchr("=+-@\t\r", name[0]) != NULL;
    buf_add_char(out, '"');
    if (formula)
        buf_add_char(out, '\'');
    for (; *name != '\0'; name++) {
        if (*name == '"')
            buf_add_char(out, '"');
        buf_add_char(out, *name);
    }
    buf_add_char(out, '"');
}

static void csv_number(double v, struct buf *out)
{
    buf_add_char(out, ',');
    if (isfinite(v))
        buf_addf(out, "%.6f", v);
}

void standings_csv(const struct standings *s, struct buf *out)
{
    buf_add_str(out, "rank,name,rating,lower,upper,se,votes,wins,losses,ties,"
                     "bad,component\n");
    for (size_t i = 0; i < s->n; i++) {
        uint32_t id = s->order[i];
        const struct bt_model *m = &s->result->models[id];
        if (standings_rank_of(s, i) > 0)
            buf_addf(out, "%" PRIu32, standings_rank_of(s, i));
        buf_add_char(out, ',');
        csv_name(s->names[id], out);
        csv_number(standings_rating_of(s, id), out);
        csv_number(s->is_elo ? NAN : m->lower, out);
        csv_number(s->is_elo ? NAN : m->upper, out);
        csv_number(s->is_elo ? NAN : m->se, out);
        buf_addf(out, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
                 ",%" PRIu64 ",", m->votes, m->wins, m->losses, m->ties,
                 m->bad);
        if (!s->is_elo && m->component != BT_NO_COMPONENT)
            buf_addf(out, "%" PRIu32, m->component);
        buf_add_char(out, '\n');
    }
}
