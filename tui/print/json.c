#include "tui/print/ratings_private.h"

#include <math.h>
#include <string.h>

#include "base/json.h"

static void json_number(struct buf *out, const char *key, double v)
{
    buf_addf(out, ",\"%s\":", key);
    json_add_number(out, v);
}

static void json_whole(struct buf *out, const char *key, uint64_t v)
{
    buf_addf(out, ",\"%s\":%llu", key, (unsigned long long)v);
}

static void json_against(struct buf *out, const struct bt_difference *d)
{
    buf_add_str(out, ",\"against\":{\"difference\":");
    json_add_number(out, d->points);
    json_number(out, "lower", d->lower);
    json_number(out, "upper", d->upper);
    json_number(out, "se", d->se);
    json_number(out, "probability", d->probability);
    buf_add_char(out, '}');
}

static void json_row(struct buf *out, const struct leaderboard *l,
                     const struct leaderboard_row *row)
{
    buf_add_str(out, "{\"name\":");
    json_add_string(out, row->name, strlen(row->name));
    json_number(out, "rating", row->rating);
    json_number(out, "lower", row->lower);
    json_number(out, "upper", row->upper);
    json_number(out, "se", row->se);
    if (row->rank > 0)
        json_whole(out, "rank", row->rank);
    else
        buf_add_str(out, ",\"rank\":null");
    if (row->rank_best > 0) {
        json_whole(out, "rank_best", row->rank_best);
        json_whole(out, "rank_worst", row->rank_worst);
    }
    json_whole(out, "votes", row->votes);
    json_whole(out, "wins", row->wins);
    json_whole(out, "losses", row->losses);
    json_whole(out, "ties", row->ties);
    json_whole(out, "both_bad", row->bad);
    if (l->n_weighted > 0) {
        json_whole(out, "weighted", row->weighted);
        json_number(out, "share_won", row->share_won);
    }
    if (row->component == BT_NO_COMPONENT)
        buf_add_str(out, ",\"group\":null");
    else
        json_whole(out, "group", row->component + 1);
    buf_addf(out, ",\"bounded\":%s,\"preliminary\":%s",
             l->method == LEADERBOARD_ELO ? "null"
             : row->bounded               ? "true"
                                          : "false",
             row->preliminary ? "true" : "false");
    if (l->has_usage) {
        json_number(out, "cost_per_1k", row->usage.cost_per_1k);
        json_number(out, "first_ms", row->usage.first_ms);
        json_number(out, "tokens_per_second", row->usage.tokens_per_second);
    }
    if (l->against >= 0)
        json_against(out, &row->against);
    buf_add_char(out, '}');
}

static void json_options(struct buf *out, const struct leaderboard *l)
{
    if (l->method == LEADERBOARD_ELO) {
        buf_add_str(out, "{\"k\":");
        json_add_number(out, l->elo.k);
        json_number(out, "base", l->elo.base);
        json_number(out, "scale", l->elo.scale);
        json_number(out, "start", l->elo.start);
        buf_add_char(out, '}');
        return;
    }
    buf_addf(out, "{\"ties\":\"%s\",\"ci\":\"%s\",\"center\":\"%s\"",
             ratings_ties_name(l->bt.ties), ratings_ci_name(l->bt.ci),
             ratings_center_name(l->bt.center));
    json_number(out, "start", l->bt.start);
    json_number(out, "scale", l->bt.scale);
    json_number(out, "prior", l->prior);
    json_number(out, "ridge", l->bt.ridge);
    json_whole(out, "reweight", l->bt.reweight);
    buf_addf(out, ",\"cluster\":\"%s\"",
             l->bt.ballots != NULL ? "voter"
             : l->judge != NULL && l->cluster == JUDGED_BY_PROMPT ? "prompt"
                                                                  : "none");
    buf_addf(out, ",\"position\":%s", l->bt.position ? "true" : "false");
    buf_addf(out, ",\"prior_automatic\":%s",
             l->bt.prior < 0 ? "true" : "false");
    const char *anchor = ratings_model_name(l, l->bt.anchor);
    if (anchor != NULL) {
        buf_add_str(out, ",\"anchor\":");
        json_add_string(out, anchor, strlen(anchor));
        json_number(out, "anchor_score", l->bt.anchor_score);
    }
    if (l->against >= 0) {
        const char *name = ratings_model_name(l, l->against);
        buf_add_str(out, ",\"against\":");
        json_add_string(out, name, strlen(name));
    }
    if (!isnan(l->tie_parameter))
        json_number(out, "tie_parameter", l->tie_parameter);
    if (l->bt.ci == BT_CI_BOOTSTRAP) {
        json_whole(out, "rounds", (uint64_t)l->bt.rounds);
        json_whole(out, "rounds_failed", l->n_rounds_failed);
        json_whole(out, "seed", l->bt.seed);
    }
    buf_add_char(out, '}');
}

static void json_matrix(struct buf *out, const struct matrix *m,
                        const struct leaderboard *l)
{
    const char *comma = "";
    buf_add_str(out, ",\"matrix\":[");
    for (size_t i = 0; i < m->n; i++) {
        for (size_t k = i + 1; k < m->n; k++) {
            const struct matrix_cell *c = &m->cells[i * m->n + k];
            if (c->wins + c->losses + c->ties + c->bad == 0)
                continue;
            buf_addf(out, "%s{\"model\":", comma);
            json_add_string(out, l->rows[i].name, strlen(l->rows[i].name));
            buf_add_str(out, ",\"opponent\":");
            json_add_string(out, l->rows[k].name, strlen(l->rows[k].name));
            json_whole(out, "wins", c->wins);
            json_whole(out, "losses", c->losses);
            json_whole(out, "ties", c->ties);
            json_whole(out, "both_bad", c->bad);
            buf_add_char(out, '}');
            comma = ",";
        }
    }
    buf_add_char(out, ']');
}

/* The weighted votes, which no pair's record holds. */
static void json_weighted(struct buf *out, const struct ratings_view *v)
{
    const struct rating_counts *c = v->counts;
    const char *comma = "";
    buf_add_str(out, ",\"weighted\":[");
    for (size_t i = 0; i < c->n_weighted; i++) {
        const struct rating_weighted *w = &c->weighted[i];
        const char *first = ratings_model_name(v->board, w->first);
        const char *second = ratings_model_name(v->board, w->second);
        buf_addf(out, "%s{\"model\":", comma);
        json_add_string(out, first, strlen(first));
        buf_add_str(out, ",\"opponent\":");
        json_add_string(out, second, strlen(second));
        json_number(out, "share", 0.5 + w->lean);
        json_whole(out, "votes", w->n);
        buf_add_char(out, '}');
        comma = ",";
    }
    buf_add_char(out, ']');
}

static void json_effects(struct buf *out, const struct ratings_view *v)
{
    buf_add_str(out, ",\"style\":{");
    for (size_t k = 0; k < v->n_effects; k++) {
        const struct style_effect *x = &v->effects[k];
        buf_add_str(out, k > 0 ? "," : "");
        json_add_string(out, v->features[k], strlen(v->features[k]));
        buf_add_str(out, ":{\"effect\":");
        json_add_number(out, x->points);
        json_number(out, "lower", x->lower);
        json_number(out, "upper", x->upper);
        json_number(out, "se", x->se);
        json_number(out, "deviation", x->deviation);
        json_whole(out, "missing", x->n_missing);
        buf_add_char(out, '}');
    }
    buf_add_char(out, '}');
}

static void json_lead(struct buf *out, const struct leaderboard *l)
{
    const char *leader = ratings_model_name(l, l->lead.leader);
    const char *next = ratings_model_name(l, l->lead.next);
    buf_add_str(out, ",\"lead\":{\"model\":");
    json_add_string(out, leader, strlen(leader));
    json_whole(out, "votes", l->lead.n_votes);
    buf_add_str(out, ",\"next\":");
    json_add_string(out, next, strlen(next));
    buf_add_char(out, '}');
}

static void json_judge(struct buf *out, const struct leaderboard *l)
{
    buf_add_str(out, ",\"judge\":{\"name\":");
    json_add_string(out, l->judge, strlen(l->judge));
    json_whole(out, "votes", l->worth.n_votes);
    json_whole(out, "shared", l->worth.n_shared);
    json_whole(out, "judged", l->worth.n_judged);
    json_number(out, "weight", l->worth.weight);
    json_number(out, "worth", l->worth.worth);
    buf_add_char(out, '}');
}

void ratings_print_json(const struct ratings_view *v, const struct matrix *m,
                        struct buf *out)
{
    const struct leaderboard *l = v->board;
    buf_addf(out, "{\"method\":\"%s\",\"n_votes\":%llu,\"models\":[",
             l->method == LEADERBOARD_ELO ? "elo" : "bt",
             (unsigned long long)l->n_votes);
    for (size_t i = 0; i < l->n_rows; i++) {
        if (i > 0)
            buf_add_char(out, ',');
        json_row(out, l, &l->rows[i]);
    }
    buf_add_str(out, "],\"components\":");
    if (l->method == LEADERBOARD_ELO)
        buf_add_str(out, "null"); /* one scale for all, met or not */
    else
        buf_addf(out, "%u", l->n_components);
    buf_add_str(out, ",\"position\":{\"advantage\":");
    json_add_number(out, l->position);
    json_number(out, "se", l->position_se);
    json_whole(out, "first_wins", l->n_first);
    json_whole(out, "second_wins", l->n_second);
    buf_add_str(out, "},\"options\":");
    json_options(out, l);
    if (v->n_effects > 0)
        json_effects(out, v);
    if (l->judge != NULL)
        json_judge(out, l);
    if (l->lead.n_votes > 0 && l->method == LEADERBOARD_BT)
        json_lead(out, l);
    if (v->n_excluded > 0) {
        buf_add_str(out, ",\"excluded\":{");
        for (size_t i = 0; i < v->n_excluded; i++) {
            buf_add_str(out, i > 0 ? "," : "");
            json_add_string(out, v->excluded[i].what,
                            strlen(v->excluded[i].what));
            buf_addf(out, ":%llu", (unsigned long long)v->excluded[i].n);
        }
        if (l->bt.ties == BT_TIES_DROP)
            json_whole(out, "ties", l->n_dropped);
        buf_add_char(out, '}');
    }
    if (m != NULL)
        json_matrix(out, m, l);
    if (m != NULL && l->n_weighted > 0)
        json_weighted(out, v);
    buf_add_str(out, "}\n");
}
